"""The student's progress on the home page; plans that wait for a word."""

from __future__ import annotations

from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, Figure, card
from yanta.kernel.portal.navigation import Place, places
from yanta.kernel.portal.todos import Todo, todos
from yanta.masterdata.models import Student
from yanta.systems.curricula import services
from yanta.systems.curricula.models import Plan
from yanta.systems.curricula.queries import progress
from yanta.systems.curricula.rules.plans import plain


@places
def own_progress_page() -> list[Place]:
    return [
        Place(
            "我的学业进度", "/curricula/progress/", "教务", "chart-donut", "已修、在修、还差什么；换专业、加辅修会怎样",
            roles=("student",),
        )
    ]  # fmt: skip


@card(title="学业进度", order=25, for_roles=("student",), icon="chart-donut")
def my_progress(actor: Actor) -> CardContent | None:
    """Credits earned, under way and still to be earned."""
    student = Student.objects.filter(person_id=actor.person_id, left_on=None).order_by("-grade").first()
    plan = progress.plan_of(student) if student else None
    if student is None or plan is None:
        return None
    whole = progress.audits(plan, [student.pk])[student.pk].whole
    figures = [
        Figure("已获学分", plain(whole.earned), f"/ {plain(plan.credits)}", "/curricula/progress/"),
        Figure("在修", plain(whole.under_way), "学分"),
        Figure("还差", plain(whole.lack.credits), "学分", "/curricula/progress/"),
    ]
    return CardContent(figures=figures, more_url="/curricula/progress/", more="看还差哪些课")


@todos
def to_decide(actor: Actor) -> list[Todo]:
    """Plans that wait for the college's or the registry's word."""
    steps = (
        (services.endorse.permission, Plan.Status.COLLEGE, "份培养方案待学院审定"),
        (services.publish.permission, Plan.Status.REGISTRY, "份培养方案待审核发布"),
    )
    found = []
    for permission, status, words in steps:
        if not actor.may(permission):
            continue
        count = Plan.objects.visible_to(actor, permission).filter(status=status).count()
        if count:
            found.append(
                Todo(
                    f"{count} {words}", f"/curricula/plan/?status={status}", kind="培养方案", icon="certificate",
                    count=count,
                )
            )  # fmt: skip
    return found
