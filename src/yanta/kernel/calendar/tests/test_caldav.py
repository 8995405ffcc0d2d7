"""CalDAV asked by a client that nobody here wrote, against a served instance."""

import re
from datetime import datetime, timedelta

import caldav
import httpx
import icalendar as parser
import pytest
from django.core.cache import cache
from django.utils import timezone

from yanta.kernel.calendar import Entry, calendar, services, telling
from yanta.kernel.calendar.declare import calendar_named
from yanta.kernel.calendar.models import Device
from yanta.kernel.identity.models import Account

DIARY: dict[str, Entry] = {}


@calendar("试验课表", key="lab", colour="brick", order=1)
def lab(person_ids, start, end):
    return [one for one in DIARY.values() if one.person_id in person_ids]


def at(day: int, hour: int) -> datetime:
    base = timezone.localtime().replace(minute=0, second=0, microsecond=0)
    return (base + timedelta(days=day)).replace(hour=hour)


def lesson(person: int, key: str = "1", *, day: int = 1, **changed) -> Entry:
    given = {"title": "高等数学；A, 甲", "place": "教一 101", "note": "第一行\n第二行"} | changed
    return Entry(person, key, starts=at(day, 8), ends=at(day, 10), **given)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    """Devices ask what is true now; failures of other tests do not count."""
    monkeypatch.setattr(telling, "FRESH_SECONDS", 0)
    cache.clear()
    DIARY.clear()
    yield
    DIARY.clear()
    cache.clear()


@pytest.fixture
def owner(transactional_db, acting, school):
    return acting("student", school, name="李同学")


@pytest.fixture
def secret(owner):
    return services.add_device(actor=owner, name="手机")[1]


@pytest.fixture
def username(owner):
    return Account.objects.get(pk=owner.account_id).username


@pytest.fixture
def client_of(live_server, username, secret):
    with caldav.DAVClient(url=f"{live_server.url}/dav/", username=username, password=secret) as client:
        yield client


@pytest.fixture
def lab_calendar(client_of):
    return next(one for one in client_of.principal().calendars() if one.get_display_name() == "试验课表")


class TestClient:
    def test_finds_the_calendars_from_the_root(self, client_of, owner):
        names = {one.get_display_name() for one in client_of.principal().calendars()}
        assert {"试验课表", "待办期限"} <= names

    def test_reads_an_entry_as_it_is(self, lab_calendar, owner):
        DIARY["1"] = lesson(owner.person_id)
        event = parser.Calendar.from_ical(lab_calendar.events()[0].data).walk("VEVENT")[0]
        assert event["SUMMARY"] == "高等数学；A, 甲"
        assert event["DESCRIPTION"] == "第一行\n第二行"
        assert event["DTSTART"].dt == at(1, 8)
        assert event["STATUS"] == "CONFIRMED"

    def test_asks_for_a_span_of_time(self, lab_calendar, owner):
        DIARY.update({"1": lesson(owner.person_id), "2": lesson(owner.person_id, "2", day=40)})
        found = lab_calendar.search(start=at(0, 0), end=at(7, 0), event=True, expand=False)
        assert len(found) == 1

    def test_finds_by_uid(self, lab_calendar, owner):
        DIARY["1"] = lesson(owner.person_id)
        assert "高等数学" in lab_calendar.event_by_uid("lab-1@yanta").data

    def test_follows_changes_by_token(self, lab_calendar, owner):
        DIARY.update({"1": lesson(owner.person_id), "2": lesson(owner.person_id, "2")})
        known = lab_calendar.objects_by_sync_token(load_objects=True)
        assert len(list(known)) == 2
        DIARY["1"] = lesson(owner.person_id, is_cancelled=True)
        del DIARY["2"]
        updated, deleted = known.sync()
        assert [str(one.icalendar_component["STATUS"]) for one in updated] == ["CANCELLED"]
        assert int(next(iter(updated)).icalendar_component["SEQUENCE"]) == 1
        assert len(list(deleted)) == 1
        updated, deleted = known.sync()
        assert (list(updated), list(deleted)) == ([], [])

    def test_fetches_several_at_once_and_says_what_is_not_there(self, lab_calendar, owner):
        DIARY["1"] = lesson(owner.person_id)
        address = lab_calendar.events()[0].url
        found = lab_calendar.multiget([address])
        assert "高等数学" in next(iter(found)).data

    def test_writes_nothing(self, lab_calendar, owner):
        with pytest.raises(caldav.lib.error.DAVError):
            lab_calendar.add_event(dtstart=at(1, 8), dtend=at(1, 9), summary="我的")


class TestDoor:
    @pytest.fixture
    def ask(self, live_server, username, secret):
        def asked(path="/dav/", *, method="PROPFIND", name=username, password=secret, body="", **headers):
            return httpx.request(
                method,
                f"{live_server.url}{path}",
                auth=(name, password),
                content=body.encode(),
                headers=headers,
            )

        return asked

    def test_shows_the_way_from_the_well_known_address(self, live_server):
        answer = httpx.request("PROPFIND", f"{live_server.url}/.well-known/caldav")
        assert (answer.status_code, answer.headers["Location"]) == (301, "/dav/")

    def test_a_wrong_password_is_refused_and_many_shut_out(self, ask):
        assert ask(password="wrong").status_code == 401
        for _ in range(services.FAILURES):
            ask(password="wrong")
        assert ask().status_code == 429

    def test_the_password_of_the_account_opens_nothing(self, ask, username):
        account = Account.objects.get(username=username)
        account.set_password("Correct-Horse-2026")
        account.save()
        assert ask(password="Correct-Horse-2026").status_code == 401

    def test_a_revoked_device_reads_nothing(self, ask, owner):
        assert ask().status_code == 207
        services.revoke_device(Device.objects.get().pk, actor=owner)
        assert ask().status_code == 401

    def test_a_locked_account_reads_nothing(self, ask, username):
        Account.objects.filter(username=username).update(state="locked")
        assert ask().status_code == 401

    def test_another_persons_calendars_stay_closed(self, ask, acting, school):
        other = Account.objects.get(pk=acting("student", school).account_id).username
        for path in (f"/dav/calendars/{other}/", f"/dav/calendars/{other}/lab/", f"/dav/principals/{other}/"):
            assert ask(path).status_code == 403

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "MKCALENDAR", "PROPPATCH", "MOVE", "LOCK"])
    def test_nothing_is_written(self, ask, username, method):
        assert ask(f"/dav/calendars/{username}/lab/x.ics", method=method).status_code == 403

    @pytest.mark.parametrize(
        "body",
        [
            "<x", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
            "<!DOCTYPE a [<!ENTITY b 'bbbb'>]><propfind xmlns='DAV:'><prop>&b;</prop></propfind>",
        ],
    )  # fmt: skip
    def test_a_body_that_is_no_question_is_refused(self, ask, body):
        assert ask(body=body).status_code == 400

    def test_a_token_of_elsewhere_asks_for_a_new_beginning(self, ask, username):
        body = "<sync-collection xmlns='DAV:'><sync-token>urn:yanta:sync:lab:99</sync-token><prop/></sync-collection>"
        answer = ask(f"/dav/calendars/{username}/lab/", method="REPORT", body=body)
        assert answer.status_code == 403
        assert "valid-sync-token" in answer.text

    def test_unknown_properties_are_said_to_be_missing(self, ask):
        answer = ask(body="<propfind xmlns='DAV:'><prop><displayname/><quota/></prop></propfind>", Depth="0")
        assert "404 Not Found" in answer.text
        assert "200 OK" in answer.text


class TestFeed:
    def address(self, owner, **given):
        feed = services.open_feed(actor=owner, name="电脑", **given)
        return feed, f"/calendar/feed/{feed.secret}.ics"

    def test_is_read_without_signing_in_and_only_anew_when_it_changed(self, owner, client):
        DIARY["1"] = lesson(owner.person_id)
        _, address = self.address(owner, calendars=["lab"])
        answer = client.get(address)
        event = parser.Calendar.from_ical(answer.content).walk("VEVENT")[0]
        assert event["LOCATION"] == "教一 101"
        assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
        DIARY["1"] = lesson(owner.person_id, place="教二 202")
        again = client.get(address, headers={"If-None-Match": answer["ETag"]})
        assert (again.status_code, "SEQUENCE:1" in again.content.decode()) == (200, True)

    def test_is_closed_at_once(self, owner, client):
        feed, address = self.address(owner)
        services.close_feed(feed.pk, actor=owner)
        assert client.get(address).status_code == 404
        assert client.get("/calendar/feed/short.ics").status_code == 404

    def test_is_not_read_all_the_time(self, owner, client):
        _, address = self.address(owner, calendars=["lab"])
        cache.set(f"calendar:feed:{services.feed_of(address.split('/')[-1][:-4]).pk}", 120, 3600)
        assert client.get(address).status_code == 429

    def test_lines_are_at_most_75_octets(self, owner, client):
        DIARY["1"] = lesson(owner.person_id, title="长" * 200)
        _, address = self.address(owner, calendars=["lab"])
        content = client.get(address).content
        assert max(len(line) for line in content.split(b"\r\n")) <= 75
        assert parser.Calendar.from_ical(content).walk("VEVENT")[0]["SUMMARY"] == "长" * 200

    def test_says_the_time_zone(self, owner, client):
        DIARY["1"] = lesson(owner.person_id)
        _, address = self.address(owner, calendars=["lab"])
        assert re.search(r"DTSTART;TZID=Asia/Shanghai:\d{8}T080000", client.get(address).content.decode())


def test_what_is_as_it_was_is_not_told_again(owner):
    DIARY["1"] = lesson(owner.person_id)
    kind = calendar_named("lab")
    first = telling.told(kind, owner.person_id).revision
    assert telling.told(kind, owner.person_id).revision == first
    DIARY["1"] = lesson(owner.person_id, title="改了")
    assert telling.told(kind, owner.person_id).revision == first + 1
