from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from yanta.kernel.testing.factories import PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.masterdata.models import Room
from yanta.systems.rooms import public, queries
from yanta.systems.rooms.models import Booking

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def maker():
    return RowMaker(person=lambda unit: PersonFactory(home_unit=unit))


def test_a_booked_room_is_missing_until_it_is_cancelled(college, maker):
    booking = maker.make(Booking, college)
    at = booking.starts_at + timedelta(minutes=1)
    free = maker.make(Room, college)

    assert [one.room for one in queries.free_rooms(at=at)] == [free]

    booking.status = Booking.Status.CANCELLED
    booking.save()
    assert {one.room for one in queries.free_rooms(at=at)} == {free, booking.room}


def test_seats_and_campus_narrow_the_choice(college, maker):
    small, large = maker.make(Room, college), maker.make(Room, college)
    Room.objects.filter(pk=small.pk).update(seats=20)

    assert [one.room for one in queries.free_rooms(at=NOON, seats=50)] == [large]
    assert queries.free_rooms(at=NOON, campus_id=large.building.campus_id) != queries.free_rooms(at=NOON)


def test_the_database_refuses_the_second_booking_of_a_room(college, maker):
    first = maker.make(Booking, college)

    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.create(
            **(
                maker.values(Booking, college)
                | {"room": first.room, "starts_at": first.starts_at, "ends_at": first.ends_at}
            )
        )


def test_others_ask_which_rooms_are_held(college, maker):
    one = maker.make(Booking, college)
    begins, ends = one.starts_at, one.ends_at

    assert public.held_in([(begins, ends)]) == {one.room_id}
    assert public.held_in([(ends, ends + timedelta(hours=1)), (begins - timedelta(hours=1), begins)]) == set()
    assert public.held_in([]) == set()

    Booking.objects.filter(pk=one.pk).update(status=Booking.Status.CANCELLED)
    assert public.held_in([(begins, ends)]) == set()
