"""Free classrooms by the timetable, its adjustments and the bookings; how the classrooms are used."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from yanta.kernel.base import Refused
from yanta.kernel.identity.models import Account
from yanta.masterdata.models import Campus, Room
from yanta.systems.offerings.tests import factories as teaching
from yanta.systems.rooms.tests import factories as borrowing
from yanta.systems.timetables import services
from yanta.systems.timetables.models import Period
from yanta.systems.timetables.queries import using
from yanta.systems.timetables.queries.vacancies import Wanted, vacant


@pytest.fixture
def published(arranged, registry):
    services.publish(arranged, actor=registry)
    return arranged


@pytest.fixture
def row(published):
    """A placed meeting in a room."""
    return published.placements.filter(room__isnull=False).first()


@pytest.fixture
def bells(db):
    for number in range(1, 13):
        Period.objects.create(
            campus=Campus.objects.first(), number=number, starts_at=time(7 + number), ends_at=time(7 + number, 45)
        )  # fmt: skip


def then(row, weeks=1 << 2):
    return Wanted(row.weekday, row.first_period, row.first_period + row.periods - 1, weeks)


def ids(version, wanted):
    return {one.id for one in vacant(version, wanted)}


class TestVacant:
    def test_a_room_in_which_somebody_is_taught_is_none(self, published, row):
        other_time = replace(then(row), first=11, last=12)

        assert row.room_id not in ids(published, then(row))
        assert row.room_id in ids(published, other_time)
        assert row.room_id not in ids(published, replace(then(row), first=row.first_period + 1, last=12))
        assert row.room_id in ids(published, then(row, weeks=1 << 29))

    def test_what_is_cancelled_frees_its_room_in_that_week_only(self, published, row, registry):
        services.approve(services.ask_cancel(row, actor=registry, week=3, reason="病假"), actor=registry)

        assert row.room_id in ids(published, then(row))
        assert row.room_id not in ids(published, then(row, weeks=0b1100))

    def test_what_is_made_up_takes_its_room(self, published, row, registry):
        late = replace(then(row), weekday=6, first=11, last=12)
        assert row.room_id in ids(published, late)

        services.approve(services.ask_extra(
            row, actor=registry, new_week=3, new_weekday=6, new_period=11, new_room=row.room, reason="补"
        ), actor=registry)  # fmt: skip

        assert row.room_id not in ids(published, late)

    def test_a_borrowed_room_is_not_free_and_no_class_is_moved_there(
        self, published, row, registry, bells, maker, college
    ):
        day = published.term.starts_on + timedelta(days=14 + 5)
        begins = datetime.combine(day, time(18, 30), tzinfo=timezone.get_current_timezone())
        Room.objects.filter(pk=row.room_id).update(is_bookable=True)
        borrowing.borrowed(row.room, college, begins, hours=1)
        late = replace(then(row), weekday=6, first=11, last=12)

        assert row.room_id not in ids(published, late)
        assert row.room_id in ids(published, replace(late, weeks=1 << 3))
        with pytest.raises(Refused, match="借给别人"):
            services.ask_extra(
                row, actor=registry, new_week=3, new_weekday=6, new_period=11, new_room=row.room, reason="补"
            )  # fmt: skip

    def test_size_kind_campus_and_equipment(self, published, row):
        late = replace(then(row), weekday=7, first=11, last=12)
        here = row.room.building.campus_id

        assert row.room_id in ids(
            published, replace(late, kind=row.room_kind, seats=row.size, campus_id=here)
        )
        assert not ids(published, replace(late, seats=5000))
        assert not ids(published, replace(late, campus_id=10**6))
        assert not ids(published, replace(late, features=frozenset({"录播"})))
        assert {one.kind for one in vacant(published, replace(late, kind="lab"))} == {"lab"}


class TestUse:
    def test_the_hours_of_all_rooms_are_those_of_all_meetings(self, published):
        taught = sum(
            one.periods * one.weeks.bit_count() for one in published.placements.filter(room__isnull=False)
        )
        use = using.use_of(published)

        assert sum(one.hours for one in use.rooms) == pytest.approx(
            taught / published.term.teaching_weeks, abs=0.2
        )
        assert sum(use.busy.values()) * len(use.rooms) == pytest.approx(
            taught / published.term.teaching_weeks
        )
        assert all(0 <= one.filled <= 1 for one in use.rooms)

    def test_a_room_that_is_never_used_counts(self, published, maker, college):
        use = using.use_of(published)
        before, first = dict(use.buildings), max(use.rooms, key=lambda one: one.hours)
        room = Room.objects.get(pk=first.id)
        spare = Room.objects.create(
            **maker.values(Room, college) | {"building": room.building, "number": "空房", "name": "空房"}
        )
        teaching.open_classroom(spare, capacity=30)

        after = using.use_of(published)

        assert dict(after.buildings)[first.building] < before[first.building]
        assert next(one for one in after.rooms if one.id == spare.pk).hours == 0
        assert first.building == f"{room.building.campus.name} {room.building.name}"


class TestPages:
    def client(self, actor):
        client = Client(headers={"Accept-Language": "zh-hans"})
        client.force_login(Account.objects.get(pk=actor.account_id))
        return client

    def test_the_search_for_a_class_leads_to_the_application(self, published, row, registry):
        client, where = self.client(registry), f"?placement={row.pk}&week=3&weeks=3&day=7&first=11&last=12"

        page = client.get(f"/timetables/rooms/{where}").content.decode()

        assert f"placement={row.pk}&amp;kind=move&amp;week=3&amp;new_week=3&amp;new_weekday=7" in page
        assert f"new_room={row.room_id}" in page
        assert "只写要改到的那一周" in client.get(f"/timetables/rooms/{where}&weeks=3-5").content.decode()
        assert "不是周次" in client.get("/timetables/rooms/?weeks=abc").content.decode()

    def test_both_lists_as_a_sheet(self, published, row, registry):
        client = self.client(registry)
        for address, head in (("rooms/?day=7&first=11&format=xlsx", "设备"), ("use/?format=xlsx", "上座率")):
            answer = client.get(f"/timetables/{address}")
            rows = (
                CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
            )
            assert head in rows[0]
            assert row.room.number in {one[0] for one in rows[1:]}

    def test_a_student_finds_none(self, published, acting, college):
        assert self.client(acting("student", college)).get("/timetables/rooms/").status_code == 403
