"""The page, and what opens and closes devices."""

from datetime import date

import pytest
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.calendar import Entry, calendar, services
from yanta.kernel.calendar.models import Device, Feed
from yanta.kernel.identity.models import Account

SHOWN: list[Entry] = []


@calendar("试验日程", key="paged", order=2)
def paged(person_ids, start, end):
    return [one for one in SHOWN if one.person_id in person_ids]


@pytest.fixture
def page(client, student_actor):
    client.force_login(Account.objects.get(pk=student_actor.account_id))
    today = timezone.localdate()
    SHOWN[:] = [
        Entry(student_actor.person_id, "1", "校运会", today, today),
        Entry(student_actor.person_id, "2", "停了的课", timezone.now(), timezone.now(), is_cancelled=True),
    ]
    yield client
    SHOWN.clear()


@pytest.mark.parametrize("view", ["agenda", "day", "week", "month", "nonsense"])
def test_every_view_shows_the_day(page, view):
    text = page.get(f"/calendar/?view={view}").content.decode()
    assert "校运会" in text
    assert "取消" in text


@pytest.mark.parametrize("on", ["2026-13-99", "x", "9999-12-31", "0001-01-01", "2099-12-31"])
def test_nonsense_in_the_address_is_no_fault(page, on):
    for view in ("agenda", "month"):
        assert page.get(f"/calendar/?view={view}&on={on}&hide=nobody").status_code == 200


def test_a_calendar_can_be_hidden(page):
    assert "校运会" not in page.get("/calendar/?hide=paged").content.decode()


def test_long_things_stand_on_each_of_their_days(student_actor):
    one = Entry(student_actor.person_id, "1", "假", date(2026, 11, 1), date(2026, 11, 3))
    assert [one.touches(date(2026, 10, 31) + timezone.timedelta(days=n)) for n in range(5)] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_a_device_is_made_shown_once_and_revoked(page):
    shown = page.post("/calendar/follow/", {"verb": "device", "name": "我的手机"}).content.decode()
    device = Device.objects.get()
    assert "我的手机" in shown
    assert device.digest not in shown
    page.post("/calendar/follow/", {"verb": "revoke", "key": device.pk})
    device.refresh_from_db()
    assert device.revoked_at is not None


def test_a_feed_is_opened_with_chosen_calendars_only(page):
    page.post("/calendar/follow/", {"verb": "feed", "name": "电脑", "calendars": ["paged", "unknown"]})
    assert Feed.objects.get().calendars == ["paged"]
    assert Feed.objects.get().secret in page.get("/calendar/follow/").content.decode()


def test_only_ones_own_is_closed(student_actor, engineer):
    feed = services.open_feed(actor=student_actor, name="")
    device, _ = services.add_device(actor=student_actor, name="")
    with pytest.raises(Refused, match="没有这个订阅地址"):
        services.close_feed(feed.pk, actor=engineer)
    with pytest.raises(Refused, match="没有这个设备"):
        services.revoke_device(device.pk, actor=engineer)


def test_not_more_than_ten(student_actor):
    for _ in range(services.MOST):
        services.add_device(actor=student_actor, name="x")
    with pytest.raises(Refused, match="最多"):
        services.add_device(actor=student_actor, name="x")
