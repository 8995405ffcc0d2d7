"""Each rule by cases of which a registrar knows the answer."""

import pytest

from yanta.timetabling.judging import broken_pairs, excess, hard_violations, soft_cost
from yanta.timetabling.problem import Kind, Placed, Problem, Room, Rule
from yanta.timetabling.times import Time, bits, from_text, to_text

CAMPUS = Problem("campus", 2, 5, 20, (Room("near", 50, {1: 3}), Room("far", 50)), ())
MONDAY, TUESDAY, BOTH = 1, 2, 3


def at(days: int, start: int, length: int = 2, *, weeks: int = 3, room: int = 0) -> Placed:
    return Placed(Time(weeks, days, start, length), room)


MORNING = at(MONDAY, 0)
CASES = [
    (Kind.SAME_START, (), at(TUESDAY, 0, 3), at(MONDAY, 1)),
    (Kind.SAME_TIME, (), at(TUESDAY, 0, 5), at(MONDAY, 1, 2)),
    (Kind.DIFFERENT_TIME, (), at(MONDAY, 2), at(TUESDAY, 1)),
    (Kind.SAME_DAYS, (), at(BOTH, 5), at(TUESDAY, 5)),
    (Kind.DIFFERENT_DAYS, (), at(TUESDAY, 0), at(BOTH, 5)),
    (Kind.SAME_WEEKS, (), at(MONDAY, 5, weeks=1), None),
    (Kind.DIFFERENT_WEEKS, (), None, at(TUESDAY, 5, weeks=2)),
    (Kind.SAME_ROOM, (), at(TUESDAY, 5), at(MONDAY, 5, room=1)),
    (Kind.DIFFERENT_ROOM, (), at(MONDAY, 5, room=1), at(TUESDAY, 5)),
    (Kind.OVERLAP, (), at(MONDAY, 1), at(MONDAY, 2)),
    (Kind.NOT_OVERLAP, (), at(TUESDAY, 1), at(MONDAY, 1)),
    (Kind.SAME_ATTENDEES, (), at(MONDAY, 2), at(MONDAY, 4, room=1)),
    (Kind.PRECEDENCE, (), at(MONDAY, 2), at(MONDAY, 1)),
    (Kind.WORK_DAY, (6,), at(MONDAY, 4), at(MONDAY, 5)),
    (Kind.MIN_GAP, (2,), at(MONDAY, 4), at(MONDAY, 3)),
    (Kind.BACK_TO_BACK, (1,), at(MONDAY, 3), at(MONDAY, 4)),
]


class TestPairs:
    @pytest.mark.parametrize(
        ("kind", "values", "good", "bad"), CASES, ids=lambda value: getattr(value, "name", "")
    )
    def test_holds_and_is_broken(
        self, kind: Kind, values: tuple[int, ...], good: Placed | None, bad: Placed | None
    ) -> None:
        rule = Rule(kind, (0, 1), values)

        assert good is None or broken_pairs(CAMPUS, rule, [MORNING, good]) == 0
        assert bad is None or broken_pairs(CAMPUS, rule, [MORNING, bad]) == 1

    def test_weeks_within_one_another_are_the_same(self) -> None:
        rule = Rule(Kind.SAME_WEEKS, (0, 1))

        assert broken_pairs(CAMPUS, rule, [at(1, 0, weeks=1), at(1, 0, weeks=3)]) == 0
        assert broken_pairs(CAMPUS, rule, [at(1, 0, weeks=1), at(1, 0, weeks=2)]) == 1

    def test_precedence_looks_at_the_first_meeting(self) -> None:
        rule = Rule(Kind.PRECEDENCE, (0, 1))

        assert broken_pairs(CAMPUS, rule, [at(BOTH, 5), at(TUESDAY, 0)]) == 0
        assert broken_pairs(CAMPUS, rule, [at(MONDAY, 0, weeks=2), at(MONDAY, 5, weeks=1)]) == 1

    def test_each_pair_costs(self) -> None:
        rule = Rule(Kind.NOT_OVERLAP, (0, 1, 2), cost=4)

        assert soft_cost(CAMPUS, rule, [MORNING, at(MONDAY, 1), at(MONDAY, 0)]) == 12

    def test_back_to_back_speaks_of_neighbours_in_the_list(self) -> None:
        rule = Rule(Kind.BACK_TO_BACK, (0, 1, 2), (0,))

        assert broken_pairs(CAMPUS, rule, [at(1, 0), at(1, 2), at(1, 4)]) == 0


class TestGroups:
    def over(self, kind: Kind, values: tuple[int, ...], *placed: Placed) -> int:
        rule = Rule(kind, tuple(range(len(placed))), values)
        return excess(CAMPUS, rule, [each.time for each in placed])

    def test_days_over_the_allowed_ones(self) -> None:
        assert self.over(Kind.MAX_DAYS, (1,), at(MONDAY, 0), at(MONDAY, 8)) == 0
        assert self.over(Kind.MAX_DAYS, (1,), at(MONDAY, 0), at(6, 8)) == 2

    def test_load_of_a_day_in_every_week(self) -> None:
        assert self.over(Kind.MAX_DAY_LOAD, (4,), at(MONDAY, 0), at(MONDAY, 2)) == 0
        assert self.over(Kind.MAX_DAY_LOAD, (3,), at(MONDAY, 0), at(MONDAY, 2, weeks=1)) == 1

    def test_breaks_are_gaps_longer_than_allowed(self) -> None:
        placed = at(MONDAY, 0, weeks=1), at(MONDAY, 3, weeks=1), at(MONDAY, 9, weeks=1)

        assert self.over(Kind.MAX_BREAKS, (1, 1), *placed) == 0
        assert self.over(Kind.MAX_BREAKS, (0, 1), *placed) == 1
        assert self.over(Kind.MAX_BREAKS, (0, 0), *placed) == 2

    def test_a_block_is_of_several_lessons(self) -> None:
        assert self.over(Kind.MAX_BLOCK, (3, 1), at(MONDAY, 0, 9, weeks=1)) == 0
        assert self.over(Kind.MAX_BLOCK, (3, 1), at(MONDAY, 0, weeks=1), at(MONDAY, 3, weeks=1)) == 1
        assert self.over(Kind.MAX_BLOCK, (3, 0), at(MONDAY, 0, weeks=1), at(MONDAY, 3, weeks=1)) == 0

    def test_lunch_needs_free_slots_in_a_row(self) -> None:
        window = (4, 8, 2)

        assert self.over(Kind.LUNCH, window, at(MONDAY, 2, weeks=1), at(MONDAY, 6, weeks=1)) == 0
        assert self.over(Kind.LUNCH, window, at(MONDAY, 3, weeks=1), at(MONDAY, 7, weeks=1)) == 0
        assert self.over(Kind.LUNCH, window, at(MONDAY, 3, 2, weeks=1), at(MONDAY, 6, weeks=1)) == 1
        assert self.over(Kind.LUNCH, window, at(MONDAY, 2, 8)) == 2

    def test_what_is_wished_is_averaged_over_the_weeks(self) -> None:
        placed = [at(MONDAY, 0), at(MONDAY, 2, 3)]
        rule = Rule(Kind.MAX_DAY_LOAD, (0, 1), (2,), cost=3)

        assert soft_cost(CAMPUS, rule, placed) == 9  # three slots over in each of two weeks
        assert soft_cost(CAMPUS, Rule(Kind.MAX_DAYS, (0, 1), (0,), cost=3), placed) == 3

    def test_what_must_hold_counts_once(self) -> None:
        assert hard_violations(CAMPUS, Rule(Kind.MAX_DAYS, (0, 1), (0,)), [MORNING, at(TUESDAY, 0)]) == 1


def test_bitmaps_are_texts_and_back() -> None:
    assert from_text("0110") == bits([1, 2]) == 6
    assert to_text(6, 4) == "0110"
