"""SCIM 2.0 as clients nobody here wrote meet it: scim2-tester, and requests that must not get through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core import signals
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client as Http
from django.utils import timezone

from yanta.kernel.access.models import RoleGrant, VisitorPass
from yanta.kernel.identity.models import Account
from yanta.sso.applications.models import AccessRule, Decision, Entry, SsoSession
from yanta.sso.applications.tests import factories as sso
from yanta.sso.oidc import issuing
from yanta.sso.scim.models import Door
from yanta.sso.scim.tests import factories

pytestmark = pytest.mark.django_db
BASE = "/scim/v2"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
GUEST = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "guest.wang", "displayName": "王访客", "active": True,
    "emails": [{"value": "wang@other.example"}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


@pytest.fixture
def door() -> Door:
    return factories.door()


def sso_entry(door: Door, account: Account) -> Entry:
    now = timezone.now()
    session = SsoSession.objects.create(sid="s1", account=account, session_id=1)
    return Entry.objects.create(session=session, application=door.application, protocol="oidc", entered_at=now, used_at=now)  # fmt: skip


class Caller:
    """An application with a token."""

    def __init__(self, secret: str) -> None:
        self.http, self.secret = Http(), secret

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {self.secret}", **headers}
        call = getattr(self.http, method.lower())
        if body is None:
            return call(f"{BASE}{path}", headers=sent)
        return call(f"{BASE}{path}", data=body, content_type="application/scim+json", headers=sent)


@pytest.fixture
def app(door: Door) -> Caller:
    return Caller(factories.token(door))


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Whole requests inside the test's transaction, as Django's own test client has it."""
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    yield
    signals.request_started.connect(close_old_connections)
    signals.request_finished.connect(close_old_connections)


class TestScim2Tester:
    def test_all_its_checks_are_green(self, door: Door, one_connection: None) -> None:
        from scim2_client.engines.wsgi import WSGISCIMClient
        from scim2_tester import Status, check_server

        client = WSGISCIMClient(
            get_wsgi_application(), base_url=f"http://127.0.0.1:8000{BASE}",
            headers={"Authorization": f"Bearer {factories.token(door)}"},
        )  # fmt: skip
        results = check_server(client)

        wrong = [f"{one.title}: {one.reason}" for one in results if one.status != Status.SUCCESS]
        assert not wrong, "\n".join(wrong)
        assert len(results) > 60


class TestReading:
    def test_filters_sorts_and_pages(self, app: Caller, door: Door) -> None:
        for number in range(5):
            sso.account(unit=door.application.owner, username=f"reader{number}", name=f"读者{number}")
        asked = {"filter": 'userName sw "READER" and not (userName eq "reader3")',
            "sortBy": "userName", "sortOrder": "descending", "startIndex": "2", "count": "2"}  # fmt: skip
        found = app("GET", f"/Users?{urlencode(asked)}").json()

        assert (found["totalResults"], found["startIndex"], found["itemsPerPage"]) == (4, 2, 2)
        assert [one["userName"] for one in found["Resources"]] == ["reader2", "reader1"]

    @pytest.mark.parametrize(
        ("text", "count"),
        [
            ('userName eq "anna"', 1), ('emails[value co "campus"]', 2), ('emails.value ew "example" and active eq true', 2),
            ('groups.value eq "r.teacher"', 1), ('urn:yanta:params:scim:schemas:campus:2.0:User:unitCode eq "X1"', 0),
            ('meta.created gt "2001-01-01T00:00:00Z"', 2), ('userName eq "\' OR 1=1 --"', 0), ('userName co "%"', 0),
            ('externalId pr', 0), ('title pr', None), ('phoneNumbers.value eq "13800000001"', 2), ('phoneNumbers.value co "138"', None),
            ('userName eq "anna', None), ('userName bogus "x"', None),
        ],
    )  # fmt: skip
    def test_the_whole_grammar_becomes_sql(
        self, app: Caller, door: Door, text: str, count: int | None
    ) -> None:
        anna = sso.account(unit=door.application.owner, username="anna", name="安娜")
        RoleGrant.objects.create(account=anna, role="teacher", reason="试验", valid_from=timezone.localdate())

        answer = app("GET", f"/Users?{urlencode({'filter': text})}")

        if count is None:
            assert answer.status_code == 400, answer.content
            assert answer.json()["scimType"] in ("invalidFilter", "invalidPath")
        else:
            assert answer.json()["totalResults"] == count, answer.content

    def test_what_is_not_released_can_be_neither_read_nor_asked_for(self, door: Door) -> None:
        door.application.releases.filter(attribute__in=("email", "phone")).delete()
        app = Caller(factories.token(door))

        asked = urlencode({"filter": 'emails.value sw "some"'})
        found = app("GET", f"/Users?{asked}").json()

        assert found["totalResults"] == 0
        assert all("emails" not in one for one in app("GET", "/Users").json()["Resources"])

    def test_only_whom_the_rules_let_in(self, app: Caller, door: Door) -> None:
        hidden = sso.account(unit=sso.unit(), username="hidden")
        AccessRule.objects.create(application=door.application, effect="deny", unit=hidden.person.home_unit)

        assert app("GET", f"/Users/{hidden.pk}").status_code == 404
        assert "hidden" not in {one["userName"] for one in app("GET", "/Users").json()["Resources"]}

    def test_me_is_the_person_and_only_for_a_person(self, app: Caller, door: Door) -> None:
        anna = sso.account(unit=door.application.owner, username="anna")
        assert app("GET", "/Me").status_code == 404
        entry = sso_entry(door, anna)
        own = Caller(factories.token(door, "openid profile offline_access", account=anna, entry=entry))
        assert own("GET", "/Me").json()["userName"] == "anna"
        assert own("GET", "/Users").status_code == 403


class TestWriting:
    def test_facts_are_read_only_but_may_be_called_something(self, app: Caller, door: Door) -> None:
        anna = sso.account(unit=door.application.owner, username="anna", name="安娜")
        change = {
            "schemas": [PATCH],
            "Operations": [{"op": "replace", "path": "displayName", "value": "别人"}],
        }
        assert app("PATCH", f"/Users/{anna.pk}", change).json()["scimType"] == "mutability"
        assert app("DELETE", f"/Users/{anna.pk}").json()["scimType"] == "mutability"
        assert (
            app(
                "PATCH",
                f"/Groups/u{door.application.owner_id}",
                {**change, "Operations": [{"op": "replace", "path": "displayName", "value": "x"}]},
            ).status_code
            == 400
        )
        own = {"schemas": [PATCH], "Operations": [{"op": "add", "path": "externalId", "value": "A-1"}]}
        assert app("PATCH", f"/Users/{anna.pk}", own).status_code == 204
        asked = urlencode({"filter": 'externalId eq "A-1"'})
        assert app("GET", f"/Users?{asked}").json()["totalResults"] == 1

    def test_a_guest_has_a_host_and_an_end(self, app: Caller, door: Door) -> None:
        made = app("POST", "/Users", GUEST)
        assert made.status_code == 201, made.content
        guest = VisitorPass.objects.get(account=made.json()["id"])
        assert guest.sponsor == door.sponsor
        assert guest.valid_to == timezone.localdate() + timedelta(days=30)
        assert app("POST", "/Users", GUEST).json()["scimType"] == "uniqueness"
        assert app("DELETE", f"/Users/{made.json()['id']}").status_code == 204
        assert app("GET", f"/Users/{made.json()['id']}").status_code == 404
        assert Account.objects.get(pk=made.json()["id"]).state == Account.State.CLOSED
        assert app("POST", "/Users", GUEST).status_code == 409

    @pytest.mark.parametrize("name", ["2024001", "T0001", "13800000001", "a b", "x@y.example", "x"])
    def test_nobody_takes_a_name_that_looks_like_somebody(self, app: Caller, name: str) -> None:
        assert app("POST", "/Users", {**GUEST, "userName": name}).status_code == 400

    def test_etags(self, app: Caller) -> None:
        made = app("POST", "/Users", GUEST)
        path, first = f"/Users/{made.json()['id']}", made["ETag"]
        change = {
            "schemas": [PATCH],
            "Operations": [{"op": "replace", "path": "displayName", "value": "新名"}],
        }
        assert app("GET", path, **{"If-None-Match": first}).status_code == 304
        assert app("PATCH", path, change, **{"If-Match": first}).status_code == 204
        assert app("PATCH", path, change, **{"If-Match": first}).status_code == 412

    def test_bulk_with_references(self, app: Caller) -> None:
        asked = {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "failOnErrors": 1,
            "Operations": [
                {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"schemas": [GROUP], "displayName": "项目组", "members": [{"value": "bulkId:u"}]}},
                {"method": "POST", "path": "/Users", "bulkId": "u", "data": GUEST},
            ],
        }  # fmt: skip
        answer = app("POST", "/Bulk", asked).json()
        assert {one["status"] for one in answer["Operations"]} == {"201"}, answer
        found = app("GET", "/Groups?" + urlencode({"filter": 'displayName eq "项目组"'})).json()
        assert len(found["Resources"][0]["members"]) == 1


class TestNobodyGetsMore:
    def test_without_a_token_or_with_a_revoked_one(self, app: Caller, door: Door) -> None:
        assert Http().get(f"{BASE}/Users").status_code == 401
        issuing.end_tokens(application__application=door.application)
        assert app("GET", "/Users").status_code == 401
        assert Decision.objects.filter(protocol="scim", outcome="refused").count() == 2

    def test_a_reader_writes_nothing(self, door: Door) -> None:
        reader = Caller(factories.token(door, "scim.read"))
        assert reader("POST", "/Users", GUEST).status_code == 403
        asked = {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [{"method": "POST", "path": "/Users", "bulkId": "u", "data": GUEST}],
        }
        assert reader("POST", "/Bulk", asked).json()["Operations"][0]["status"] == "403"
        assert not VisitorPass.objects.exists()
        nothing = Caller(factories.token(door, "app"))
        assert nothing("GET", "/Users").status_code == 403
        assert Decision.objects.filter(protocol="scim", outcome="refused", application=door.application).count() >= 2  # fmt: skip

    def test_too_much_too_deep_too_often(self, app: Caller, door: Door) -> None:
        assert app("POST", "/Users", {**GUEST, "displayName": "x" * 300_000}).status_code == 413
        deep = "(" * 50 + "userName pr" + ")" * 50
        assert app("GET", f"/Users?{urlencode({'filter': deep})}").status_code == 400
        long = " or ".join(f'userName eq "n{number}"' for number in range(500))
        assert app("POST", "/Users/.search", {"schemas": [SEARCH], "filter": long}).status_code == 400
        Door.objects.update(rows_an_hour=1)
        app("GET", "/Users")
        app("GET", "/Users")
        answer = app("GET", "/Users")
        assert answer.status_code == 429
        assert "每小时" in answer.json()["detail"]
