"""A plan read whole: its groups as a tree, its courses, its rules as the pure functions want them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from yanta.systems.curricula.models import Group, Outcome, Plan, PlanCourse, Prerequisite, Support
from yanta.systems.curricula.rules import plans
from yanta.systems.curricula.rules.audit import WHOLE, GroupTerms, PlanTerms, Slot


@dataclass(frozen=True, slots=True)
class Row:
    """A group in the order of reading, with its depth, its rule in words and its courses."""

    group: Group
    depth: int
    rule: str
    courses: list[PlanCourse]


@dataclass(frozen=True, slots=True)
class PlanSheet:
    plan: Plan
    rows: list[Row]
    terms: list[GroupTerms]
    names: dict[int, str]

    @property
    def tree(self) -> PlanTerms:
        return PlanTerms(self.terms, least=self.plan.credits)

    @property
    def courses(self) -> list[PlanCourse]:
        return [one for row in self.rows for one in row.courses]

    @property
    def lines(self) -> list[plans.Line]:
        return [
            plans.Line(one.course_id, one.course.name, row.group.name, credits_of(one), one.term_number)
            for row in self.rows
            for one in row.courses
        ]

    @property
    def required(self) -> dict[int, str]:
        """Course id → name of what everybody must study."""
        return {
            one.course_id: one.course.name
            for row in self.rows
            if row.group.need == Group.Need.ALL
            for one in row.courses
        }


def credits_of(one: PlanCourse) -> Decimal:
    """What the plan says, else the catalogue."""
    return one.course.credits if one.credits is None else one.credits


def rule_in_words(group: Group) -> str:
    """`至少 6 学分、2 门；还认通选课程`."""
    parts = []
    if group.need == Group.Need.ALL:
        parts.append("列出的课程全部必修")
    asked = [f"{plans.plain(group.minimum_credits)} 学分"] if group.minimum_credits else []
    asked += [f"{group.minimum_courses} 门"] if group.minimum_courses else []
    if asked:
        parts.append("至少 " + "、".join(asked))
    if group.minimum_groups:
        parts.append(f"下级组至少完成 {group.minimum_groups} 个")
    if group.accepts == Group.Accepts.ANY:
        parts.append("任何课程都认")
    elif group.accepts == Group.Accepts.NATURE:
        parts.append(f"还认{group.get_nature_display()}课程")  # type: ignore[attr-defined]  # made by the field
    return "；".join(parts) or "下级组合计"


def sheet_of(plan: Plan) -> PlanSheet:
    """Two queries, however large the plan."""
    groups = list(Group.objects.filter(plan=plan).order_by("position", "pk"))
    courses: dict[int, list[PlanCourse]] = {group.pk: [] for group in groups}
    listed = PlanCourse.objects.filter(group__plan=plan).select_related("course__department")
    for one in listed.order_by("term_number", "course__code"):
        courses[one.group_id].append(one)
    rows = list(_in_order(groups, courses, None, 0))
    return PlanSheet(plan, rows, [_terms(row) for row in rows], {group.pk: group.name for group in groups})


def _in_order(
    groups: list[Group], courses: dict[int, list[PlanCourse]], parent: int | None, depth: int
) -> Iterator[Row]:
    for group in groups:
        if group.parent_id == parent:
            yield Row(group, depth, rule_in_words(group), courses[group.pk])
            yield from _in_order(groups, courses, group.pk, depth + 1)


def _terms(row: Row) -> GroupTerms:
    group = row.group
    takes_all = group.need == Group.Need.ALL
    return GroupTerms(
        group.pk, group.parent_id or WHOLE, takes_all, group.minimum_credits, group.minimum_courses,
        group.minimum_groups, tuple(Slot(one.course_id, credits_of(one)) for one in row.courses),
        group.nature if group.accepts == Group.Accepts.NATURE else "", group.accepts == Group.Accepts.ANY,
    )  # fmt: skip


def needs_of(course_ids: Iterable[int]) -> list[plans.Need]:
    """What stands before these courses, in the whole school."""
    found = Prerequisite.objects.filter(course_id__in=set(course_ids)).order_by("pk")
    return [
        plans.Need(one.course_id, one.needs_id, one.kind == Prerequisite.Kind.TOGETHER, one.alternative)
        for one in found
    ]


def outcomes_of(plan: Plan) -> list[tuple[Outcome, list[Support]]]:
    """The graduate requirements in order, each with its supporting courses."""
    found = Outcome.objects.filter(plan=plan).prefetch_related("supports__course").order_by("code")
    return [(one, list(one.supports.all())) for one in found]


def problems_of(sheet: PlanSheet) -> list[plans.Problem]:
    """Everything that is to be put right in a plan; what stops it first."""
    found = plans.credit_problems(sheet.terms, sheet.names, least=sheet.plan.credits)
    found += plans.order_problems(sheet.lines, needs_of(one.course_id for one in sheet.courses))
    found += outcome_problems(sheet)
    return sorted(found, key=lambda problem: not problem.stops)


def outcome_problems(sheet: PlanSheet) -> list[plans.Problem]:
    terms = [
        plans.OutcomeTerms(one.code, one.title, {support.course_id: support.weight for support in supports})
        for one, supports in outcomes_of(sheet.plan)
    ]
    names = {one.course_id: one.course.name for one in sheet.courses}
    return plans.outcome_problems(terms, sheet.required, names)


def comparison(before: Plan, after: Plan) -> list[tuple[str, list[plans.Change]]]:
    """What changed between two versions, part by part."""
    old, new = sheet_of(before), sheet_of(after)
    head = [
        plans.Change("changed", label, str(getattr(before, name) or "—"), str(getattr(after, name) or "—"))
        for name, label in (("credits", "最低总学分"), ("degree", "授予学位"), ("aims", "培养目标"))
        if getattr(before, name) != getattr(after, name)
    ]
    groups = plans.changes_of_groups(
        {row.group.name: row.rule for row in old.rows}, {row.group.name: row.rule for row in new.rows}
    )
    return [
        ("方案", head), ("课程组", groups), ("课程", plans.changes_of_courses(old.lines, new.lines)),
        ("毕业要求", plans.changes_of_groups(_outcomes_in_words(before), _outcomes_in_words(after))),
    ]  # fmt: skip


def _outcomes_in_words(plan: Plan) -> dict[str, str]:
    return {
        f"{one.code} {one.title}": "、".join(f"{s.course.name} {plans.plain(s.weight)}" for s in supports)
        or "没有课程支撑"
        for one, supports in outcomes_of(plan)
    }
