from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from yanta.systems.curricula.rules import plans
from yanta.systems.curricula.rules.audit import GroupTerms, Slot
from yanta.systems.curricula.rules.plans import Change, Line, Need, OutcomeTerms


def line(course, term, *, group="必修", points=2):
    return Line(course, f"课程{course}", group, Decimal(points), term)


class TestCycle:
    def test_a_chain_is_none(self):
        assert plans.cycle_in([(3, 2), (2, 1), (3, 1)]) == []

    def test_it_names_the_courses_of_the_circle_only(self):
        assert sorted(plans.cycle_in([(9, 1), (1, 2), (2, 3), (3, 1)])) == [1, 2, 3]

    @given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=12))
    def test_it_finds_one_exactly_when_there_is_one(self, needs):
        reach = {(a, b) for a, b in needs}
        for _ in range(6):
            reach |= {(a, d) for a, b in reach for c, d in reach if b == c}
        has_circle = any(a == b for a, b in reach)

        found = plans.cycle_in(needs)

        assert bool(found) == has_circle
        assert all((a, b) in needs for a, b in zip(found, [*found[1:], *found[:1]], strict=True))


class TestOrder:
    def test_the_same_term_is_too_early_for_a_prerequisite(self):
        (problem,) = plans.order_problems([line(1, 2), line(2, 2)], [Need(1, 2)])

        assert "课程1" in problem.text
        assert "第 2 学期" in problem.text

    def test_the_same_term_is_right_for_a_co_requisite(self):
        assert plans.order_problems([line(1, 2), line(2, 2)], [Need(1, 2, together=True)]) == []

    def test_one_of_the_alternatives_suffices(self):
        needs = [Need(1, 2, alternative=1), Need(1, 3, alternative=1)]

        assert plans.order_problems([line(1, 3), line(2, 1), line(3, 5)], needs) == []
        assert len(plans.order_problems([line(1, 1), line(2, 2), line(3, 5)], needs)) == 1

    def test_what_is_not_in_the_plan_is_not_judged(self):
        assert plans.order_problems([line(1, 1)], [Need(1, 99)]) == []


class TestCredits:
    def test_a_group_that_asks_for_more_than_it_lists(self):
        group = GroupTerms(1, credits=Decimal(6), slots=(Slot(1, Decimal(2)),))

        problems = plans.credit_problems([group], {1: "选修"}, least=Decimal(6))

        assert [one.text for one in problems] == ["课程组“选修”要求 6 学分，列出的课程只有 2 学分"]

    def test_the_cheapest_modules_count_where_one_is_to_be_chosen(self):
        modules = GroupTerms(1, groups=1)
        left = GroupTerms(2, parent=1, takes_all=True, slots=(Slot(1, Decimal(4)),))
        right = GroupTerms(3, parent=1, takes_all=True, slots=(Slot(2, Decimal(6)),))
        names = {1: "方向", 2: "甲", 3: "乙"}

        (problem,) = plans.credit_problems([modules, left, right], names, least=Decimal(5))

        assert problem.text == "各课程组合计要求 4 学分，少于最低总学分 5，差 1"
        assert problem.stops

    def test_an_open_group_needs_no_list(self):
        group = GroupTerms(1, credits=Decimal(6), nature="8")

        assert plans.credit_problems([group], {1: "通识"}, least=Decimal(6)) == []


class TestComparison:
    def test_names_what_came_went_and_changed(self):
        before = [line(1, 1), line(2, 2), line(3, 3)]
        after = [line(1, 1), line(2, 4, points=3), line(4, 5)]

        assert plans.changes_of_courses(before, after) == [
            Change("removed", "课程3", "必修 · 2 学分 · 第 3 学期"),
            Change("added", "课程4", "", "必修 · 2 学分 · 第 5 学期"),
            Change("changed", "课程2", "必修 · 2 学分 · 第 2 学期", "必修 · 3 学分 · 第 4 学期"),
        ]

    @given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 8)), max_size=8))
    def test_a_version_does_not_differ_from_itself(self, pairs):
        lines = [line(course, term) for course, term in pairs]

        assert plans.changes_of_courses(lines, list(reversed(lines))) == []


class TestNext:
    needs = [Need(1, 2), Need(1, 3, together=True), Need(1, 4, alternative=1), Need(1, 5, alternative=1)]

    def test_names_what_stands_before(self):
        assert plans.unmet_needs(1, self.needs, earned=frozenset(), under_way=frozenset({2, 3})) == [2, 4]

    def test_nothing_when_all_is_there(self):
        assert plans.unmet_needs(1, self.needs, earned=frozenset({2, 5}), under_way=frozenset({3})) == []


def test_weights_that_do_not_add_up_and_courses_that_support_nothing_are_named():
    outcomes = [
        OutcomeTerms("1", "工程知识", {1: Decimal("0.6"), 2: Decimal("0.3")}),
        OutcomeTerms("2", "问题分析", {}),
    ]
    names = {1: "数学", 2: "物理", 3: "化学"}

    texts = [one.text for one in plans.outcome_problems(outcomes, names, names)]

    assert texts == [
        "毕业要求 1“工程知识”的权重合计为 0.9，应为 1",
        "毕业要求 2“问题分析”还没有课程支撑",
        "1 门必修课程没有支撑任何毕业要求：化学",
    ]
