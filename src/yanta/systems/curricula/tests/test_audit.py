"""The audit against hand-made cases and against trying every placement."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from yanta.systems.curricula.rules.audit import (
    WHOLE,
    Got,
    GroupTerms,
    Lack,
    PlanTerms,
    Slot,
    Taken,
    audit,
    options_of,
    tenths,
)


def slots(*pairs):
    return tuple(Slot(course, Decimal(str(points))) for course, points in pairs)


def taken(course, points=2, *, nature="", earned=True):
    return Taken(course, Decimal(str(points)), nature, earned)


def plan(*groups, least=0):
    return PlanTerms(groups, least=Decimal(least))


REQUIRED = GroupTerms(1, takes_all=True, slots=slots((10, 4), (11, 3)))
ELECTIVE = GroupTerms(2, credits=Decimal(4), slots=slots((11, 3), (20, 2), (21, 2)))


class TestRequired:
    def test_each_course_is_earned_under_way_or_missing(self):
        found = audit(plan(REQUIRED), [taken(10, 4), taken(11, 3, earned=False)])

        one = found.groups[1]
        assert (one.earned, one.under_way, one.missing) == (Decimal(4), Decimal(3), ())
        assert one.lack == Lack(Decimal(3), 1)
        assert one.state == "under_way"

    def test_nothing_taken_lacks_everything(self):
        found = audit(plan(REQUIRED, ELECTIVE, least=12), [])

        assert found.whole.lack.credits == Decimal(12)
        assert [slot.course for slot in found.groups[1].missing] == [10, 11]

    def test_credits_earned_otherwise_count_nowhere(self):
        found = audit(plan(REQUIRED), [taken(99)])

        assert [one.course for one in found.unplaced] == [99]


class TestTwoPlaces:
    def test_the_required_slot_comes_first(self):
        found = audit(plan(REQUIRED, ELECTIVE), [taken(11, 3), taken(20)])

        assert [one.course for one, _ in found.groups[1].counted] == [11]
        assert found.groups[2].lack == Lack(Decimal(2), 0)

    def test_it_goes_where_it_is_lacked(self):
        first = GroupTerms(1, credits=Decimal(2), slots=slots((10, 2), (11, 2)))
        second = GroupTerms(
            2,
            credits=Decimal(2),
            slots=slots(
                (11, 2),
            ),
        )

        found = audit(plan(first, second), [taken(10), taken(11)])

        assert found.whole.lack.is_nothing
        assert [one.course for one, _ in found.groups[2].counted] == [11]

    def test_a_module_that_is_not_chosen_takes_nothing_from_the_electives(self):
        modules = GroupTerms(1, groups=1)
        left = GroupTerms(2, parent=1, takes_all=True, slots=slots((20, 2), (21, 2)))
        right = GroupTerms(3, parent=1, takes_all=True, slots=slots((30, 2), (31, 2)))
        free = GroupTerms(4, credits=Decimal(2), takes_any=True)

        found = audit(plan(modules, left, right, free), [taken(20), taken(21), taken(30)])

        assert found.whole.lack.is_nothing
        assert [one.course for one, _ in found.groups[4].counted] == [30]

    def test_courses_under_way_help_without_taking_what_is_earned(self):
        first = GroupTerms(1, credits=Decimal(2), slots=slots((10, 2), (11, 2)))
        second = GroupTerms(
            2,
            credits=Decimal(2),
            slots=slots(
                (10, 2),
            ),
        )

        found = audit(plan(first, second), [taken(10), taken(11, earned=False)])

        assert found.whole.lack_after.is_nothing
        assert found.whole.lack == Lack(Decimal(2), 0)


class TestReplacement:
    def test_it_fills_the_slot_of_the_other(self):
        found = audit(plan(REQUIRED), [taken(10, 4), taken(50, 3)], {50: frozenset({11})})

        assert found.whole.lack.is_nothing
        assert (taken(50, 3), 11) in found.groups[1].counted

    def test_it_does_not_count_beside_the_course_itself(self):
        found = audit(plan(REQUIRED), [taken(11, 3), taken(50, 3)], {50: frozenset({11})})

        assert [one.course for one in found.unplaced] == [50]

    def test_two_replacements_and_two_slots_find_each_other(self):
        both = {50: frozenset({10, 11}), 51: frozenset({10})}

        found = audit(plan(REQUIRED), [taken(50, 3), taken(51, 4)], both)

        assert found.groups[1].missing == ()


def test_an_open_group_takes_courses_of_its_nature_only():
    general = GroupTerms(1, credits=Decimal(4), nature="8")

    found = audit(plan(general), [taken(1, nature="8"), taken(2, nature="1")])

    assert found.groups[1].lack == Lack(Decimal(2), 0)
    assert [one.course for one in found.unplaced] == [2]


def test_a_course_passed_after_a_failure_counts_once():
    found = audit(plan(REQUIRED), [taken(10, 4, earned=False), taken(10, 4)])

    assert found.groups[1].earned == Decimal(4)
    assert found.groups[1].under_way == 0


def test_the_minimum_of_the_plan_stands_above_the_groups():
    found = audit(plan(ELECTIVE, least=6), [taken(20), taken(21)])

    assert found.groups[2].lack.is_nothing
    assert found.whole.lack == Lack(Decimal(2), 0)


# -- against trying everything -------------------------------------------------------------------------

COURSES = st.integers(1, 7)
CREDITS = st.sampled_from([Decimal(1), Decimal("1.5"), Decimal(2), Decimal(3)])
CREDITS_OF = {course: Decimal(1 + course % 3) for course in range(1, 8)}


@st.composite
def group_terms(draw, key):
    listed = draw(st.lists(COURSES, max_size=4, unique=True))
    takes_all = draw(st.booleans())
    return GroupTerms(
        key, parent=draw(st.integers(0, key - 1)), takes_all=takes_all,
        credits=Decimal(0) if takes_all else draw(st.sampled_from([Decimal(n) for n in range(6)])),
        courses=0 if takes_all else draw(st.integers(0, 2)), groups=draw(st.sampled_from([0, 0, 1])),
        slots=tuple(Slot(course, CREDITS_OF[course]) for course in listed),
        nature=draw(st.sampled_from(["", "", "8"])), takes_any=draw(st.sampled_from([False, False, True])),
    )  # fmt: skip


@st.composite
def cases(draw):
    groups = [draw(group_terms(key)) for key in range(1, draw(st.integers(2, 4)))]
    numbers = draw(st.lists(COURSES, max_size=5, unique=True))
    done = [
        Taken(one, CREDITS_OF[one], draw(st.sampled_from(["", "8"])), draw(st.booleans())) for one in numbers
    ]
    replaces = {
        one: frozenset(draw(st.lists(COURSES, max_size=2))) - {one} for one in numbers if draw(st.booleans())
    }
    return PlanTerms(groups, least=draw(CREDITS) * 4), done, replaces


def best_by_trying(terms, done, replaces):
    """The least lack over every way to place the courses: with what is under way, and then without."""
    held = frozenset(one.course for one in done)
    ways = [[*options_of(terms, one, held, replaces.get(one.course, frozenset())), None] for one in done]
    found = []
    for way in product(*ways):
        used = [(o.group, o.slot) for o in way if o and o.slot]
        if len(used) != len(set(used)):
            continue
        now, after = Got(), Got()
        for one, option in zip(done, way, strict=True):
            if option:
                after.add(option, tenths(one.credits))
                if one.is_earned:
                    now.add(option, tenths(one.credits))
        found.append((terms.lacks(after)[WHOLE], terms.lacks(now)[WHOLE]))
    return min(found)


@settings(max_examples=1500, deadline=None)
@given(cases())
def test_no_placement_leaves_less_to_be_earned(case):
    terms, done, replaces = case

    found = audit(terms, done, replaces)

    after, now = best_by_trying(terms, done, replaces)
    assert (tenths(found.whole.lack_after.credits), found.whole.lack_after.courses) == after
    assert (tenths(found.whole.lack.credits), found.whole.lack.courses) == now


@settings(max_examples=200, deadline=None)
@given(cases())
def test_every_course_counts_once_and_no_credit_is_lost(case):
    terms, done, replaces = case

    found = audit(terms, done, replaces)

    placed = [one for standing in found.groups.values() for one, _ in standing.counted]
    assert sorted(one.course for one in [*placed, *found.unplaced]) == sorted(one.course for one in done)
    assert found.whole.earned == sum((one.credits for one in placed if one.is_earned), Decimal(0))
    assert found.whole.earned + found.whole.under_way == sum((one.credits for one in placed), Decimal(0))


@settings(max_examples=200, deadline=None)
@given(cases())
def test_a_further_course_never_makes_it_worse(case):
    terms, done, replaces = case
    less = audit(terms, done[:-1], replaces)

    more = audit(terms, done, replaces)

    # A replacement gives way to the course itself, so only plans without replacements are monotonous.
    if not replaces:
        assert (more.whole.lack_after.credits, more.whole.lack_after.courses) <= (
            less.whole.lack_after.credits, less.whole.lack_after.courses,
        )  # fmt: skip
