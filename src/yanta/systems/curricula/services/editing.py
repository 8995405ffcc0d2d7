"""Making a plan: groups, courses, graduate requirements, versions."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from django.db.models import Max

from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, operation
from yanta.masterdata.models import Course
from yanta.systems.curricula.models import Group, Outcome, Plan, PlanCourse, Prerequisite, Support
from yanta.systems.curricula.rules import plans

OneCourse = Annotated[Course, Label("课程")]
IS_DRAFT = "已提交或发布的方案不能改，请退回或另存为新版本"


def is_draft(plan: Plan) -> bool:
    return plan.status == Plan.Status.DRAFT


def require_draft(plan: Plan) -> None:
    """Only drafts change."""
    if not is_draft(plan):
        raise Refused(IS_DRAFT)


def store_plan(plan: Plan, *, adding: bool) -> None:
    """A new plan is the next version of its programme and grade."""
    if adding:
        others = Plan.objects.filter(programme=plan.programme_id, grade=plan.grade, kind=plan.kind)
        plan.version = (others.aggregate(last=Max("version"))["last"] or 0) + 1
    else:
        require_draft(plan)
    plan.save()


def store_group(group: Group) -> None:
    """Numbers a new group; a group stands below a group of its own plan, and never below itself."""
    require_draft(group.plan)
    if group.parent is not None and group.parent.plan_id != group.plan_id:
        raise Refused("上级组须在同一个方案里", field="parent")
    above = group.parent
    while above is not None:
        if above.pk == group.pk and group.pk:
            raise Refused("课程组不能放到自己下面", field="parent")
        above = above.parent
    if not group.code:
        group.code = _next_code(group.plan)
    group.save()


def _next_code(plan: Plan) -> str:
    minor = "F" if plan.kind == Plan.Kind.MINOR else ""
    stem = f"{plan.programme.code}-{plan.grade}{minor}-{plan.version}-"
    used = {code.removeprefix(stem) for code in plan.groups.values_list("code", flat=True)}
    number = next(n for n in range(1, 1000) if f"{n:02d}" not in used)
    return f"{stem}{number:02d}"


def store_plan_course(one: PlanCourse) -> None:
    """Credits come from the catalogue unless the plan says otherwise."""
    require_draft(one.group.plan)
    if not one.course.is_open:
        raise Refused(f"“{one.course.name}”已停用，不能列入方案", field="course")
    last = one.group.plan.programme.years * 2 + 4
    if one.term_number > last:
        raise Refused(
            f"建议学期不能超过第 {last} 学期（学制 {one.group.plan.programme.years} 年）", field="term_number"
        )
    if one.credits is None:
        one.credits = one.course.credits
    one.save()


def store_prerequisite(one: Prerequisite) -> None:
    """No course may need itself by any way round."""
    others = Prerequisite.objects.exclude(pk=one.pk).values_list("course_id", "needs_id")
    circle = plans.cycle_in([*others, (one.course_id, one.needs_id)])
    if circle:
        names = Course.objects.in_bulk(circle)
        path = " → ".join(names[course].name for course in [*circle, circle[0]])
        raise Refused(f"先修关系成了环：{path}", field="needs")
    one.save()


@operation("增加课程组", icon="folder-plus", bulk=False, roles=("clerk",), when=is_draft)
def add_group(
    plan: Plan, *, actor: Actor, name: Annotated[str, Label("课程组")],
    need: Annotated[Group.Need, Label("要求")] = Group.Need.ALL,
    least: Annotated[Decimal, Label("至少学分", "全部必修的组可填 0")] = Decimal(0),
    above: Annotated[str, Label("上级组的组号", "留空为最上一级")] = "",
) -> None:  # fmt: skip
    """A further group at the end."""
    parent = plan.groups.filter(code=above).first() if above else None
    if above and parent is None:
        raise Refused(f"这个方案里没有组号“{above}”", field="above")
    last = plan.groups.aggregate(last=Max("position"))["last"] or 0
    store_group(
        Group(plan=plan, name=name, need=need, minimum_credits=least, parent=parent, position=last + 1)
    )


@operation("加入课程", icon="book-2", bulk=False, roles=("clerk",), when=lambda group: is_draft(group.plan))
def add_course(
    group: Group, *, actor: Actor, course: OneCourse,
    term_number: Annotated[int, Label("建议学期", "第几学期，从 1 起")],
    points: Annotated[Decimal | None, Label("计划学分", "留空取课程库的学分")] = None,
) -> None:  # fmt: skip
    """A further course in the group."""
    if group.courses.filter(course=course).exists():
        raise Refused("这个课程组里已有这门课程", field="course")
    if not 1 <= term_number <= 16:
        raise Refused("建议学期须在 1 到 16 之间", field="term_number")
    store_plan_course(PlanCourse(group=group, course=course, term_number=term_number, credits=points))


@operation("增加毕业要求", icon="target", bulk=False, roles=("clerk",), when=is_draft)
def add_outcome(
    plan: Plan, *, actor: Actor, code: Annotated[str, Label("编号")], title: Annotated[str, Label("毕业要求")],
    text: Annotated[str, Label("内容")] = "",
) -> None:  # fmt: skip
    """One more thing that graduates shall be able to do."""
    require_draft(plan)
    if plan.outcomes.filter(code=code).exists():
        raise Refused("编号重复", field="code")
    Outcome.objects.create(plan=plan, code=code, title=title, text=text)


@operation(
    "设课程支撑",
    icon="arrows-join",
    bulk=False,
    roles=("clerk",),
    when=lambda outcome: is_draft(outcome.plan),
)
def support(
    outcome: Outcome, *, actor: Actor, course: OneCourse,
    weight: Annotated[Decimal, Label("权重", "填 0 取消支撑")],
) -> None:  # fmt: skip
    """How much of the requirement the course carries; nought takes it away."""
    require_draft(outcome.plan)
    if not 0 <= weight <= 1:
        raise Refused("权重须在 0 到 1 之间", field="weight")
    listed = PlanCourse.objects.filter(group__plan=outcome.plan_id, course=course)
    if not listed.exists():
        raise Refused(f"“{course.name}”不在这个方案里", field="course")
    if not weight:
        outcome.supports.filter(course=course).delete()
        return
    Support.objects.update_or_create(outcome=outcome, course=course, defaults={"weight": weight})


@operation("另存为新版本", icon="copy", bulk=False, roles=("clerk",))
def copy(plan: Plan, *, actor: Actor, grade: Annotated[int, Label("适用年级", "同一年级即为修订")]) -> Plan:
    """A draft with everything that this version holds."""
    if not 1950 <= grade <= 2100:
        raise Refused("适用年级填入学年，如 2026", field="grade")
    made = Plan(
        programme=plan.programme, grade=grade, kind=plan.kind, credits=plan.credits, degree=plan.degree,
        aims=plan.aims, made_from=plan,
    )  # fmt: skip
    store_plan(made, adding=True)
    _copy_groups(plan, made)
    for outcome in plan.outcomes.prefetch_related("supports"):
        twin = Outcome.objects.create(plan=made, code=outcome.code, title=outcome.title, text=outcome.text)
        Support.objects.bulk_create(
            Support(outcome=twin, course_id=one.course_id, weight=one.weight)
            for one in outcome.supports.all()
        )
    return made


def _copy_groups(plan: Plan, made: Plan) -> None:
    twins: dict[int, Group] = {}
    waiting = list(plan.groups.order_by("position", "pk"))
    while waiting:
        ready = [one for one in waiting if one.parent_id is None or one.parent_id in twins]
        for one in ready:
            twin = Group.objects.get(pk=one.pk)
            twin.pk, twin._state.adding, twin.code, twin.plan = None, True, "", made
            twin.parent = twins.get(one.parent_id)
            store_group(twin)
            twins[one.pk] = twin
        waiting = [one for one in waiting if one.pk not in twins]
    courses = list(PlanCourse.objects.filter(group__plan=plan))
    for one in courses:
        one.pk, one._state.adding, one.group = None, True, twins[one.group_id]
    PlanCourse.objects.bulk_create(courses)
