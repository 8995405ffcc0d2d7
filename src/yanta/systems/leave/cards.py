"""Leave on the home page and among the to-dos."""

from __future__ import annotations

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, CardRow, card
from yanta.kernel.portal.todos import Todo, todos
from yanta.systems.leave import rules, services
from yanta.systems.leave.models import Leave

Status = Leave.Status


@card(title="我的请假", order=30, for_roles=("student",), icon="plane-departure")
def my_leaves(actor: Actor) -> CardContent | None:
    """The latest three of the student's own."""
    rows = Leave.objects.filter(student__person_id=actor.person_id).order_by("-starts_on")[:3]
    found = [
        CardRow(
            one.get_kind_display(),
            f"/leave/leave/{one.pk}/",
            f"{one.starts_on:%m-%d} 至 {one.ends_on:%m-%d}",
            one.get_status_display(),
        )
        for one in rows
    ]
    return CardContent(rows=found, empty="还没有请假", more_url="/leave/leave/new/", more="我要请假")


@todos
def to_decide(actor: Actor) -> list[Todo]:
    """How many leaves wait for the counsellor's and for the college's word."""
    steps = (
        (services.endorse.permission, Status.SUBMITTED, "条请假待辅导员审批"),
        (services.grant.permission, Status.ENDORSED, "条请假待学院审批"),
    )
    found = []
    for permission, status, words in steps:
        if not actor.may(permission):
            continue
        count = Leave.objects.visible_to(actor, permission).filter(status=status).count()
        if count:
            found.append(
                Todo(
                    f"{count} {words}",
                    f"/leave/leave/?status={status}",
                    kind="请假",
                    icon="plane-departure",
                    count=count,
                )
            )
    return found


@todos
def to_report_back(actor: Actor) -> list[Todo]:
    """The student's own leaves that are over and not closed."""
    if not actor.has_role("student"):
        return []
    today = timezone.localdate()
    mine = Leave.objects.filter(student__person_id=actor.person_id, status=Status.GRANTED)
    return [
        Todo(
            "请假已结束，请销假",
            f"/leave/leave/{one.pk}/report_back/",
            f"{one.ends_on:%m-%d} 到期",
            "home-check",
            "请假",
            one.ends_on,
        )
        for one in mine
        if rules.is_overdue(ends_on=one.ends_on, returned=False, today=today)
    ]
