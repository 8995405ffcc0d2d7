"""Conflicts in words, and the school's meetings as the engine's problem."""

import random
from dataclasses import replace
from datetime import time

from yanta.masterdata import weeks
from yanta.systems.timetables.rules import checking, clashes, compiling, repairs, telling
from yanta.systems.timetables.rules.clashes import Slot, Tie, Wish
from yanta.systems.timetables.rules.school import PLAIN_DAY, Place, School, day_of
from yanta.timetabling.constructing import construct
from yanta.timetabling.explaining import explain
from yanta.timetabling.problem import Placed
from yanta.timetabling.repairing import repair
from yanta.timetabling.scoring import price

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


def kinds(one, other, where=None):
    """What the two do to each other; the same whether all meetings are judged or one is tried."""
    where = where or school(1, 2)
    found = {clash.kind for _, clash in checking.Meetings([one, other], where).collisions()}
    trial = checking.Trial(one, [other], where).at(one.weekday, one.first, one.room)
    assert {clash.kind for clash in trial} == found
    return found


def school(*rooms, **changes):
    places = [room if isinstance(room, Place) else place(room) for room in rooms]
    return School(places={room.id: room for room in places}, **changes)


def nowhere(key, **changes):
    return slot(key, weekday=None, first=None, room=None, **changes)


def made(slots, where, start=None):
    """What the first phase makes of it: the meetings placed, and why the others are not."""
    compiled = compiling.compiled(slots, where)
    placed, blocked = construct(compiled.problem, start)
    places = compiled.places(placed)
    return compiled, [one.at(*places[one.id]) for one in slots if one.id in places], blocked


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


class TestTheDay:
    def test_noon_and_supper_lie_between_periods(self):
        bells = {1: (8, 9), 2: (9, 10), 3: (14, 15), 4: (15, 16)}
        day = day_of({key: (time(since), time(until)) for key, (since, until) in bells.items()})

        assert day.starts == (0, 1, 7, 8)
        assert day.blocks() == [(1, 2), (3, 4)]
        assert day_of({}) == PLAIN_DAY

    def test_meetings_begin_so_that_they_cross_no_pause(self):
        assert PLAIN_DAY.begins(2) == [1, 3, 5, 7, 9, 11]
        assert PLAIN_DAY.begins(3) == [1, 2, 5, 6, 9, 10]
        assert PLAIN_DAY.begins(8) == [1, 5]


class TestCampuses:
    where = School(places={1: place(1, campus=1), 2: place(2, campus=2)}, travel=1)

    def kinds(self, first):
        one, other = slot(1, teachers=frozenset({7})), slot(2, teachers=frozenset({7}), room=2, first=first)
        return kinds(one, other, self.where)

    def test_the_way_takes_a_period(self):
        assert self.kinds(3) == {"travel"}
        assert self.kinds(5) == set()

    def test_noon_is_long_enough(self):
        one = slot(1, first=3, teachers=frozenset({7}))
        assert not kinds(one, slot(2, first=5, room=2, teachers=frozenset({7})), self.where)


class TestLinks:
    def pair(self, kind, hard=True, **changes):
        one = slot(1, ties=(Tie("k", kind, hard, "统考", 0),))
        return one, slot(2, ties=(Tie("k", kind, hard, "统考", 1),), **{"room": 2} | changes)

    def test_what_a_link_asks_is_said(self):
        assert kinds(*self.pair("same_time", weekday=2)) == {"link"}
        assert kinds(*self.pair("same_time")) == set()
        assert kinds(*self.pair("different_day")) == {"link"}
        assert kinds(*self.pair("back_to_back", first=3)) == set()
        assert kinds(*self.pair("same_day", hard=False, weekday=2)) == set()

    def test_back_to_back_is_asked_of_neighbours_in_the_link_only(self):
        chain = [
            slot(key, room=key, first=key, periods=1, ties=(Tie("k", "back_to_back", True, "统考", key),))
            for key in (1, 2, 3)
        ]

        assert not checking.Meetings(chain, school(1, 2, 3)).collisions()
        broken = [chain[0], chain[1].at(2, 2, 2), chain[2]]
        found = checking.Meetings(broken, school(1, 2, 3)).collisions()
        assert {(one.id, clash.other) for one, clash in found} == {(1, 2), (2, 3)}

    def test_a_part_cut_off_asks_nothing_of_its_own_section(self):
        tie = (Tie("k", "same_time", True, "统考", 0),)
        parts = slot(1, weeks=0x00FF, ties=tie), slot(3, section=1, weeks=0xFF00, weekday=3, ties=tie)

        assert not checking.Meetings(parts, school(1)).collisions()
        rules = list(compiling.rules_of(parts, [(one,) for one in parts], compiling.Weights()))
        assert not [rule for rule in rules if rule.source.startswith("link")]

    def test_sections_taught_as_one_share_their_room(self):
        one, other = self.pair("together", room=1)
        assert kinds(one, other) == set()

        compiled, placed, _ = made(
            [nowhere(1, ties=one.ties), nowhere(2, ties=other.ties)], school(place(1, capacity=60))
        )
        assert len(compiled.problem.lessons) == 1
        assert clashes.where(placed[0]) == clashes.where(placed[1])


class TestOneCheck:
    def test_the_board_and_the_engine_find_the_same_pairs(self):
        """Meetings thrown anywhere: as many hard violations by the engine's price as the board tells."""
        draw = random.Random(7)
        where = school(*(place(key, campus=key % 2 + 1) for key in range(1, 5)), travel=1)
        for _ in range(60):
            slots = [
                slot(key, teachers=frozenset({100 + draw.randrange(5)}), classes=frozenset({draw.randrange(4)}),
                     weeks=draw.choice((EVERY, ODD, EVEN)))
                .at(draw.randrange(1, 3), draw.choice((1, 3, 5)), draw.randrange(1, 5))
                for key in range(1, 10)
            ]  # fmt: skip
            compiled = compiling.compiled(slots, where, checking.HARD)

            told = checking.Meetings(slots, where).collisions()

            assert (price(compiled.problem, timetable_of(compiled, slots)).hard == 0) == (not told)
            assert pairs_broken(compiled, slots) == {frozenset((one.id, clash.other)) for one, clash in told}


def pairs_broken(compiled, slots):
    """The pairs that the engine's own rules complain of, one by one."""
    found = set()
    for place, one in enumerate(slots):
        for other in slots[place + 1 :]:
            pair = compiling.compiled([one, other], compiled.school, checking.HARD)
            if price(pair.problem, timetable_of(pair, [one, other])).hard:
                found.add(frozenset((one.id, other.id)))
    return found


class TestCompiling:
    def test_a_tight_school_without_a_conflict(self):
        draw = random.Random(3)
        slots = [
            nowhere(key, teachers=frozenset({draw.randrange(40)}), classes=frozenset({draw.randrange(30)}),
                    weeks=draw.choice((EVERY, ODD, EVEN)), size=draw.randrange(20, 60))
            for key in range(1, 400)
        ]  # fmt: skip
        where = school(*(place(key, campus=key % 2 + 1) for key in range(1, 12)), travel=1)

        compiled, placed, blocked = made(slots, where)

        assert not blocked
        assert len(placed) == len(slots)
        assert not checking.Meetings(placed, where).collisions()
        assert price(compiled.problem, timetable_of(compiled, placed)).hard == 0

    def test_another_meeting_makes_way(self):
        """The first could be anywhere and sits where alone the second may be."""
        only = tuple(Wish("forbidden", day, 1, 12, EVERY) for day in (1, 3, 4, 5, 6, 7))
        noon = tuple(Wish("forbidden", day, 3, 12, EVERY) for day in range(1, 8))
        slots = [slot(1, weekday=2, wishes=noon), nowhere(2, wishes=(*only, *noon))]
        compiled = compiling.compiled(slots, school(1))

        placed, blocked = construct(compiled.problem, compiled.present())

        assert not blocked
        assert compiled.where(placed[1])[0] == 2
        assert compiled.where(placed[0])[0] != 2

    def test_what_has_no_time_or_no_room_is_named(self):
        barred = tuple(Wish("forbidden", day, 1, 12, EVERY) for day in range(1, 8))
        slots = [nowhere(1, wishes=barred), nowhere(2, size=500), nowhere(3)]

        compiled = compiling.compiled(slots, school(1))

        assert compiled.impossible == {1: "time", 2: "room"}
        assert [one.id for (one,) in compiled.tasks] == [3]

    def test_a_fixed_meeting_has_no_choice(self):
        here = slot(1, weekday=2, first=3, room=2, is_fixed=True)

        compiled = compiling.compiled([here, slot(2)], school(1, 2, 3))

        times, rooms = compiled.problem.lessons[0].times, compiled.problem.lessons[0].rooms
        assert compiled.where(Placed(times[0].time, rooms[0].room)) == (2, 3, 2)
        assert (len(times), len(rooms)) == (1, 1)
        assert len(compiled.problem.lessons[1].times) > 1

    def test_weeks_that_teach_the_same_are_one(self):
        calendar = compiling.Calendar([EVERY, 0x5555, 0x00FF])

        assert len(calendar) == 4
        assert calendar.long(calendar.short(0x5555)) == 0x5555
        assert calendar.long(calendar.short(0x00FF)) == 0x00FF


def timetable_of(compiled, placed):
    from yanta.timetabling.problem import Timetable

    by_id = {one.id: one for one in placed}
    now = compiling.compiled([by_id[slots[0].id] for slots in compiled.tasks], compiled.school)
    return Timetable(tuple(now.present()))


class TestTelling:
    def test_three_required_courses_one_teacher_one_morning(self):
        barred = (
            Wish("forbidden", 1, 5, 12, EVERY),
            *(Wish("forbidden", day, 1, 12, EVERY) for day in range(2, 8)),
        )
        slots = [
            nowhere(key, title=title, teachers=frozenset({7}), wishes=barred)
            for key, title in enumerate(("高等数学", "大学物理", "线性代数"), start=1)
        ]
        compiled = compiling.compiled(slots, school(1, 2, 3))

        placed, blocked = construct(compiled.problem)
        conflict = explain(compiled.problem, suspects=set(blocked))
        said = telling.sentence(conflict, compiled, {("teacher", 7): "李明"})

        assert sum(at is not None for at in placed) == 2
        assert telling.reason(next(iter(blocked.values()))) == "教师在所有可用的时间都有课"
        assert said == (
            "高等数学、大学物理、线性代数 3 门课都由李明上，能用的时间只有星期一上午（第 1-2、3-4 节），排不下；"
            "可以把“高等数学”“大学物理”“线性代数”中的一门改到别的时间，或者为其中一门换一位教师。"
        )


class TestRepairs:
    def timetable(self):
        return [slot(1, teachers=frozenset({7})), slot(2, first=3), slot(3, room=2, first=1)]

    def repaired(self, change, where):
        compiled, current = repairs.compiled(change, where)
        found = repair(compiled.problem, current)
        places, taught = compiled.places(found.placed), compiled.weeks_of(found.placed)
        return {one.id: (*places[one.id], taught[one.id]) for one in change.slots}

    def test_a_lost_room_moves_its_meetings_only_in_these_weeks(self):
        late = 0xFF00
        change = repairs.rooms_lost(self.timetable(), {1}, weeks=late)

        found = self.repaired(change, school(1, 2))

        assert change.parts == {-1: 1, -2: 2}
        assert found[1] == (1, 1, 1, 0x00FF)
        assert found[2] == (1, 3, 1, 0x00FF)
        assert found[3] == (1, 1, 2, EVERY)
        assert found[-2] == (1, 3, 2, late)  # the other room is free then
        assert found[-1][2:] == (2, late)
        assert found[-1][:2] != (1, 1)

    def test_a_fixed_meeting_moves_only_when_it_is_concerned_itself(self):
        fixed = [replace(one, is_fixed=True) for one in self.timetable()]

        change = repairs.rooms_lost(fixed, {1}, weeks=0xFF00)

        assert [one.id for one in change.slots if one.is_fixed] == [1, 2, 3]
        found = self.repaired(change, school(1, 2))
        assert {key: found[key][:3] for key in (1, 2, 3)} == {1: (1, 1, 1), 2: (1, 3, 1), 3: (1, 1, 2)}
        whole = repairs.rooms_lost(fixed, {1}, weeks=EVERY)
        assert [one.id for one in whole.slots if one.is_fixed] == [3]

    def test_what_a_teacher_misses_is_made_up_for_after_it(self):
        change = repairs.teacher_away(self.timetable(), 7, weeks=0b1100, last_week=18)

        found = self.repaired(change, school(1, 2))

        assert found[1][3] == EVERY & ~0b1100
        weekday, first, room, taught = found[-1]
        assert taught.bit_count() == 2
        assert taught > 0b1111
        assert (weekday, first, room, taught) != (1, 1, 1, 0b1100)

    def test_where_no_week_is_left_it_says_so(self):
        change = repairs.teacher_away(self.timetable(), 7, weeks=0b11 << 14, last_week=16)

        compiled, _ = repairs.compiled(change, school(1, 2))

        assert compiled.impossible == {-1: "weeks"}

    def test_only_what_moved_for_others_says_for_whom(self):
        change = repairs.rooms_lost(self.timetable(), {1}, weeks=EVERY)

        assert repairs.why(change.slots[0], change, "一号楼停用") == "一号楼停用"
        assert "一号楼停用" in repairs.why(change.slots[2], change, "一号楼停用") != "一号楼停用"


def test_weeks_as_people_read_them():
    assert weeks.text_of(EVERY) == "1-16"
    assert weeks.text_of(0b0101_0101) == "1-7单"
    assert weeks.text_of(0b1110_0011) == "1-2,6-8"
