"""The interface: exactly the approved fields and rows, nothing lost or doubled, refused at once when it is over."""

from __future__ import annotations

import json
import time
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from yanta.hub.sharing import keys
from yanta.hub.sharing.models import Grant, Pace, ReadEntry
from yanta.hub.sharing.services import grants
from yanta.masterdata.models import StaffMember, Student

pytestmark = pytest.mark.django_db
URL = "/share/v1/students/"


class Api:
    """A consumer's program."""

    def __init__(self, key: str, secret: str) -> None:
        self.key, self.secret, self.client = key, secret, Client()

    def get(self, url: str = URL, **headers: str):
        bearer = {"Authorization": f"Bearer {self.key}.{self.secret}"}
        return self.client.get(url, headers={**bearer, **headers})

    def signed(self, url: str = URL, *, scheme: str = keys.SHA256, at: float | None = None, nonce: str = ""):
        said, nonce = str(int(at or time.time())), nonce or uuid.uuid4().hex
        text = keys.signed_text("GET", url, said, nonce, b"", scheme=scheme)
        value = keys.signature_of(keys.kept_of(self.secret), text, scheme=scheme)
        header = f"{scheme} key={self.key}, time={said}, nonce={nonce}, signature={value}"
        return self.client.get(url, headers={"Authorization": header})

    def pages(self, url: str = URL):
        """Every page to the end."""
        joined = "&" if "?" in url else "?"
        answer = self.get(url).json()
        yield answer
        while answer["next"]:
            answer = self.get(f"{url}{joined}cursor={answer['next']}").json()
            yield answer


@pytest.fixture
def grant(world):
    return world.grant(condition='{"field": "grade", "is": "eq", "value": 2023}')


@pytest.fixture
def api(world, grant):
    return Api(*world.key(grant))


class TestExactly:
    def test_the_approved_fields_and_rows(self, api, world):
        found = api.get().json()
        assert [row["number"] for row in found["rows"]] == ["S0", "S2", "S4"]
        assert {tuple(row) for row in found["rows"]} == {("_id", "number", "grade", "name")}
        assert (found["next"], found["dataset"], found["version"]) == (None, "students", 1)

    def test_a_college_gets_its_own_rows_whatever_it_asks_for(self, world):
        consumer = world.consumer(unit=world.other)
        key = world.key(world.grant(consumer=consumer))
        assert [row["number"] for row in Api(*key).get().json()["rows"]] == ["S4", "S5"]

    def test_no_other_field_can_be_named(self, api):
        for query in (
            "fields=phone",
            "phone=13900000000",
            'filter={"field":"phone","is":"filled"}',
            "nothing=1",
        ):
            answer = api.get(f"{URL}?{query}")
            assert answer.status_code == 403
            assert "不在这份授权的字段里" in answer.json()["detail"]

    def test_filters_narrow_and_never_widen(self, api):
        def numbers(query):
            return [row["number"] for row in api.get(f"{URL}?{query}").json()["rows"]]

        assert numbers("number=S0&number=S1") == ["S0"]
        wide = json.dumps({"any": [{"field": "grade", "is": "filled"}, {"all": []}]})
        assert numbers(f"filter={wide}") == ["S0", "S2", "S4"]

    def test_lines_and_fewer_fields(self, api):
        answer = api.get(f"{URL}?fields=number&limit=2", Accept="application/x-ndjson")
        rows = [json.loads(line) for line in answer.content.splitlines()]
        assert [set(row) for row in rows] == [{"_id", "number"}] * 2
        assert 'rel="next"' in answer["Link"]

    def test_the_same_again_is_304(self, api):
        first = api.get()
        again = api.get(**{"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")

    def test_the_document_tells_the_own_grant_and_nothing_else(self, api):
        document = api.get(f"{URL}openapi.json").json()
        assert set(document["components"]["schemas"]["Row"]["properties"]) == {
            "_id",
            "number",
            "grade",
            "name",
        }
        assert "phone" not in json.dumps(document)


class TestHighlySensitive:
    @pytest.fixture
    def api(self, world):
        return Api(*world.key(world.grant(fields="number,phone")))

    def test_a_bearer_gets_tokens_a_signature_the_value(self, api):
        hidden = api.get().json()["rows"][0]["phone"]
        assert hidden.startswith("#")
        assert "13900000000" not in hidden
        for scheme in (keys.SHA256, keys.SM3):
            assert api.signed(scheme=scheme).json()["rows"][0]["phone"] == "13900000000"

    def test_tokens_are_no_oracle(self, api):
        assert api.get(f"{URL}?phone=13900000000").status_code == 403
        assert len(api.signed(f"{URL}?phone=13900000000").json()["rows"]) == 1

    def test_another_consumer_has_other_tokens(self, api, world):
        other = Api(*world.key(world.grant(api_dataset(), world.consumer(), fields="number,phone")))
        mine, theirs = (one.get().json()["rows"][0] for one in (api, other))
        assert mine["number"] == theirs["number"]
        assert mine["phone"] != theirs["phone"]
        assert mine["_id"] != theirs["_id"]


def api_dataset():
    return Grant.objects.get().dataset


class TestProof:
    def test_a_signature_holds_once_and_for_minutes(self, api):
        assert api.signed(nonce="once-only").status_code == 200
        again = api.signed(nonce="once-only")
        assert (again.status_code, again.json()["title"]) == (401, "请求重复")
        assert api.signed(at=time.time() - 600).status_code == 401

    def test_what_is_wrong_is_told_as_a_problem(self, api, world, grant):
        for header in ("", "Bearer x", f"Bearer {api.key}.wrong", "Basic abc"):
            answer = Client().get(URL, headers={"Authorization": header})
            assert answer.status_code == 401
            assert answer["Content-Type"] == "application/problem+json"
        world.dataset(code="others")
        assert api.get("/share/v1/others/").status_code == 403

    def test_a_person_who_is_signed_in_is_nobody_here(self, api, world, acting):
        from yanta.kernel.identity.models import Account

        client = Client()
        client.force_login(Account.objects.get(pk=acting("engineer").account_id))
        assert client.get(URL).status_code == 401

    def test_only_from_where_the_consumer_is(self, api, grant):
        consumer = grant.consumer
        consumer.networks = "10.8.0.0/16"
        consumer.save()
        assert "白名单" in api.get().json()["title"]


class TestOver:
    def test_revoked_fails_at_once(self, api, world, grant):
        assert api.get().status_code == 200
        grants.revoke(grant, actor=world.hr, reason="违规转发")
        answer = api.get()
        assert (answer.status_code, answer.json()["detail"]) == (403, "授权已收回：违规转发")
        assert api.signed().status_code == 403

    def test_suspended_and_resumed(self, api, world, grant):
        grants.suspend(grant, actor=world.registrar, reason="核查")
        assert api.get().status_code == 403
        grants.resume(grant, actor=world.registrar)
        assert api.get().status_code == 200

    def test_the_day_after_the_last(self, api, grant):
        Grant.objects.filter(pk=grant.pk).update(
            valid_from=timezone.localdate() - timedelta(days=9),
            valid_to=timezone.localdate() - timedelta(days=1),
        )
        assert api.get().json()["title"] == "授权不在有效期"

    def test_the_responsible_person_left(self, api, grant):
        StaffMember.objects.filter(person_id=grant.consumer.responsible_id).update(status="retired")
        assert "责任人已离岗" in api.get().json()["detail"]

    def test_a_new_key_ends_the_old_one(self, api, world, grant):
        world.key(grant)
        assert api.get().status_code == 401


class TestPace:
    def test_an_honest_429(self, api, grant):
        Grant.objects.filter(pk=grant.pk).update(per_minute=2)
        assert [api.get().status_code for _ in range(2)] == [200, 200]
        answer = api.get()
        assert answer.status_code == 429
        assert 0 < int(answer["Retry-After"]) <= 60

    def test_rows_of_the_day(self, api, grant):
        Grant.objects.filter(pk=grant.pk).update(rows_per_day=4)
        assert len(api.get().json()["rows"]) == 3
        page = api.get(f"{URL}?limit=3").json()
        assert (len(page["rows"]), bool(page["next"])) == (1, True)
        assert api.get().status_code == 429
        assert Pace.objects.get().rows == 4


class TestCursor:
    def test_pages_join_without_gap_or_double(self, api):
        rows = [row["number"] for page in api.pages(f"{URL}?limit=1") for row in page["rows"]]
        assert rows == ["S0", "S2", "S4"]

    def test_a_cursor_is_used_as_it_is(self, api):
        assert api.get(f"{URL}?cursor=zzz").status_code == 400
        assert api.get(f"{URL}?changed_since=zzz").status_code == 400
        assert api.get(f"{URL}?limit=0").status_code == 400


class TestLog:
    def test_says_who_read_whom_which_fields_when_and_from_where(self, api, world, grant):
        api.get(f"{URL}?fields=number")
        entry = ReadEntry.objects.get()
        assert (entry.how, entry.outcome, entry.count, entry.names) == ("rest", "done", 3, ["number"])
        assert entry.address == "127.0.0.1"
        assert ReadEntry.objects.filter(persons__holds=world.students[0].person_id).exists()
        assert not ReadEntry.objects.filter(persons__holds=world.students[1].person_id).exists()

    def test_refusals_are_in_it_too(self, api, world, grant):
        grants.revoke(grant, actor=world.hr, reason="x")
        api.get()
        assert ReadEntry.objects.get(outcome="refused").status == 403

    def test_nobody_changes_it(self, api):
        from django.db import DatabaseError, transaction

        api.get()
        for act in (lambda: ReadEntry.objects.update(count=0), lambda: ReadEntry.objects.all().delete()):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                act()


@pytest.mark.django_db(transaction=True)
class TestUnderChange:
    def test_every_row_that_stays_comes_once_and_what_changed_is_told_after(self, api):
        numbers: list[str] = []
        pages = api.pages(f"{URL}?limit=1")
        numbers += [row["number"] for row in next(pages)["rows"]]
        Student.objects.filter(number="S1").update(grade=2023)  # comes in behind the cursor
        Student.objects.filter(number="S4").update(grade=2024)  # leaves before it was read
        Student.objects.filter(number="S0").update(grade=2024)  # leaves after it was read
        last = {}
        for last in pages:
            numbers += [row["number"] for row in last["rows"]]
        assert len(numbers) == len(set(numbers))
        assert "S2" in numbers
        found = settled(api, last["position"], lambda page: page["rows"] and page["removed"])
        assert [row["number"] for row in found["rows"]] == ["S1"]
        assert len(found["removed"]) == 1

    def test_a_row_that_was_never_had_is_not_told_as_removed(self, api):
        position = list(api.pages())[-1]["position"]
        Student.objects.filter(number="S3").update(grade=2022)
        Student.objects.filter(number="S2").delete()
        found = settled(api, position, lambda page: page["removed"])
        assert (found["rows"], len(found["removed"])) == ([], 1)


def settled(api, position, enough):
    """Other databases of the same server may hold a transaction open for a moment."""
    for _ in range(60):
        found = api.get(f"{URL}?changed_since={position}").json()
        if enough(found):
            return found
        time.sleep(0.5)
    return found
