from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from yanta.kernel import workflow
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.testing.factories import OrgUnitFactory, PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.kernel.workflow.models import WorkItem
from yanta.masterdata.models import Room, StaffMember
from yanta.systems.rooms import rules, services
from yanta.systems.rooms.models import Booking, Facility


@pytest.fixture
def maker():
    return RowMaker(person=lambda unit: PersonFactory(home_unit=unit))


@pytest.fixture
def teacher(college, acting):
    return acting("teacher", college)


@pytest.fixture
def meeting_room(college, maker):
    room = maker.make(Room, college)
    Room.objects.filter(pk=room.pk).update(seats=40, is_bookable=True)
    room.refresh_from_db()
    return Facility.objects.create(room=room)


@pytest.fixture
def book(teacher, meeting_room):
    def make(**more):
        monday = timezone.localdate() + timedelta(days=7 - timezone.localdate().weekday())
        start = timezone.make_aware(datetime.combine(monday, time(9)))
        given = {
            "actor": teacher, "facility": meeting_room, "starts_at": start, "ends_at": start + timedelta(hours=2), "purpose": "组会",
            "attendance": 10,
        }  # fmt: skip
        return services.book(**(given | more))

    return make


class TestBooking:
    def test_taken_at_once_and_nobody_else_gets_it(self, book, acting, college):
        assert book().status == "booked"

        with pytest.raises(Refused, match="已被预约"):
            book(actor=acting("teacher", college))

    def test_repeats_name_the_dates_that_are_taken_or_skip_them(self, book, acting, college):
        first = book()
        Booking.objects.filter(pk=first.pk).update(
            starts_at=first.starts_at + timedelta(weeks=1), ends_at=first.ends_at + timedelta(weeks=1)
        )
        until = timezone.localtime(first.starts_at).date() + timedelta(weeks=2)
        other = acting("teacher", college)

        with pytest.raises(Refused, match="跳过"):
            book(actor=other, repeat="weekly", until=until)
        made = book(actor=other, repeat="weekly", until=until, skip=True)

        assert made.repeats.count() == 1

    def test_equipment_that_is_not_there(self, book):
        with pytest.raises(Refused, match="视频会议"):
            book(video=True)

    def test_who_is_invited_is_found_by_name_or_number(self, book, college):
        guest = PersonFactory(name="唯一的人", home_unit=college)
        StaffMember.objects.create(number="T777", person=guest, department=college)
        for number in ("T778", "T779"):
            StaffMember.objects.create(number=number, person=PersonFactory(name="张伟"), department=college)

        with pytest.raises(Refused, match="不止一位"):
            book(participants="张伟")
        with pytest.raises(Refused, match="没有叫"):
            book(participants="李无名")
        assert set(
            book(participants="唯一的人、T778").participants.values_list("person__name", flat=True)
        ) == {"唯一的人", "张伟"}

    def test_a_student_cannot(self, book, student_actor):
        with pytest.raises(NotAllowed):
            book(actor=student_actor)


class TestApproval:
    def test_a_hall_is_held_and_decided_by_unit_and_owner(
        self, book, meeting_room, acting, college, school, clerk_of
    ):
        Facility.objects.update(needs_approval=True)
        meeting_room.refresh_from_db()
        head = acting("head", college)
        owner = clerk_of(
            OrgUnitFactory(parent=school, name="后勤管理处", short_name="后勤处", aliases="后勤")
        )
        one = book(facility=meeting_room)
        assert one.status == "waiting"

        for actor in (head, owner):
            workflow.act(
                WorkItem.objects.get(person_id=actor.person_id, state="todo"), "approve", actor=actor
            )

        one.refresh_from_db()
        assert one.status == "booked"


class TestComing:
    def test_nobody_came_and_the_room_is_free(self, book):
        one = book()
        at = one.starts_at + timedelta(minutes=15)

        assert services.release_no_shows(at=at - timedelta(minutes=1)) == 0
        assert services.release_no_shows(at=at) == 1
        one.refresh_from_db()
        assert one.status == "released"

    def test_whoever_checked_in_keeps_it(self, book):
        one = book()
        Booking.objects.update(checked_in_at=one.starts_at)

        assert services.release_no_shows(at=one.starts_at + timedelta(minutes=20)) == 0

    def test_a_quarter_of_an_hour_before_at_the_earliest(self):
        start = timezone.now()

        assert rules.refusal_to_check_in(
            starts_at=start, ends_at=start + timedelta(hours=1), now=start - timedelta(minutes=16)
        )
        assert not rules.refusal_to_check_in(starts_at=start, ends_at=start + timedelta(hours=1), now=start)
