"""Conflicts in words, and placing without them."""

import random

from yanta.masterdata import weeks
from yanta.systems.timetables.rules import checking, clashes, placing
from yanta.systems.timetables.rules.clashes import Place, Slot, Wish
from yanta.systems.timetables.rules.placing import Grid

EVERY = (1 << 16) - 1
ODD, EVEN = 0b0101, 0b1010


def slot(key, **changes):
    values = {
        "id": key, "title": f"课 {key}", "weeks": EVERY, "periods": 2, "size": 30, "room_kind": "media", "section": key,
        "meeting": key, "weekday": 1, "first": 1, "room": 1,
    }  # fmt: skip
    return Slot(**values | changes)


def place(key, **changes):
    return Place(**{"id": key, "name": f"R{key}", "kind": "media", "capacity": 60} | changes)


def kinds(one, other):
    return {clash.kind for clash in clashes.between(one, other, {})}


class TestConflicts:
    def test_teacher_class_and_room_are_one_at_a_time(self):
        one = slot(1, teachers=frozenset({7}), classes=frozenset({8}))

        assert kinds(one, slot(2, teachers=frozenset({7}), room=2)) == {"teacher"}
        assert kinds(one, slot(2, classes=frozenset({8}), room=2)) == {"class"}
        assert kinds(one, slot(2, first=2)) == {"room"}
        assert kinds(one, slot(2, section=1, room=2)) == {"section"}

    def test_other_weeks_days_and_periods_do_not_meet(self):
        one = slot(1, weeks=ODD)

        assert not kinds(one, slot(2, weeks=EVEN))
        assert not kinds(one, slot(2, weekday=2))
        assert not kinds(one, slot(2, first=3))

    def test_the_room_is_of_the_kind_the_size_and_equipment_asked_for(self):
        asks = slot(1, size=80, room_kind="lab", features=frozenset({"录播"}), campus=1)

        found = {one.kind for one in clashes.of_room(asks, place(1, campus=2))}

        assert found == {"kind", "capacity", "features", "campus"}
        assert not list(clashes.of_room(slot(1, room_kind="none"), None))

    def test_wishes_that_must_hold(self):
        barred = slot(1, wishes=(Wish("forbidden", 1, 1, 4, EVERY, "教研活动"),))
        fixed = slot(1, wishes=(Wish("fixed", 3, 5, 6, EVERY, "外聘"),))

        assert "教研活动" in next(clashes.of_wishes(barred, last_period=12)).text
        assert "星期三第 5-6 节" in next(clashes.of_wishes(fixed, last_period=12)).text
        assert not list(clashes.of_wishes(fixed.at(3, 5, None), last_period=12))
        assert not list(clashes.of_wishes(slot(1, wishes=(Wish("avoided", 1, 1, 4, EVERY),)), last_period=12))

    def test_the_day_ends(self):
        assert [one.kind for one in clashes.of_wishes(slot(1, first=12), last_period=12)] == ["day"]


class TestPlacing:
    def test_a_tight_school_without_a_conflict(self):
        draw = random.Random(3)
        slots = [
            slot(key, weekday=None, first=None, room=None, teachers=frozenset({draw.randrange(40)}),
                 classes=frozenset({draw.randrange(30)}), weeks=draw.choice((EVERY, ODD, EVEN)), size=draw.randrange(20, 60))
            for key in range(1, 400)
        ]  # fmt: skip
        places = [place(key) for key in range(1, 12)]
        grid = Grid(places, last_period=12)

        left = placing.construct(slots, grid)
        placed = list(grid.slots.values())

        assert len(placed) + len(left) == len(slots)
        assert not left
        assert not checking.collisions(placed, places, last_period=12)

    def test_another_meeting_makes_way(self):
        """The first could be anywhere and sits where alone the second may be."""
        grid = Grid([place(1)], last_period=2)
        grid.put(slot(1, weekday=2))
        only = tuple(Wish("forbidden", day, 1, 2, EVERY) for day in (1, 3, 4, 5, 6, 7))

        late = slot(2, weekday=None, first=None, room=None, wishes=only)
        assert not placing.insert(grid, late)
        assert placing.push(grid, late, 1)

        assert grid.slots[2].weekday == 2
        assert grid.slots[1].weekday != 2
        assert not checking.collisions(list(grid.slots.values()), [place(1)], last_period=2)

    def test_what_finds_no_place_says_why(self):
        grid = Grid([place(1, capacity=20)], last_period=12)

        assert "教室" in placing.why_not(grid, slot(1))
        barred = tuple(Wish("forbidden", day, 1, 12, EVERY) for day in range(1, 8))
        assert "时间" in placing.why_not(grid, slot(1, size=10, wishes=barred))

    def test_undo_leaves_no_trace(self):
        grid = Grid([place(1)], last_period=12)
        grid.put(slot(1))
        before = {key: bits for key, bits in grid.taken.items() if bits}

        mark = len(grid.journal)
        grid.lift(1)
        grid.put(slot(2, weekday=2))
        grid.undo(mark)

        assert {key: bits for key, bits in grid.taken.items() if bits} == before
        assert set(grid.slots) == {1}


def test_weeks_as_people_read_them():
    assert weeks.text_of(EVERY) == "1-16"
    assert weeks.text_of(0b0101_0101) == "1-7单"
    assert weeks.text_of(0b1110_0011) == "1-2,6-8"
