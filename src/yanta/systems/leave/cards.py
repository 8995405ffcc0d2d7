"""Leave on the home page and among the to-dos."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.calendar import Entry, calendar
from yanta.kernel.portal.cards import CardContent, CardRow, card
from yanta.kernel.portal.todos import Todo, todos
from yanta.systems.leave import rules
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
    return CardContent(rows=found, empty="还没有请假", more_url="/hall/service/leave/apply/", more="我要请假")


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


@todos
def not_back(actor: Actor) -> list[Todo]:
    """For counsellors: students whose leave is over."""
    if not actor.has_role("counsellor"):
        return []
    today = timezone.localdate()
    rows = Leave.objects.visible_to(actor).filter(
        status=Status.GRANTED, ends_on__lt=today - timedelta(days=1)
    )
    count = rows.count()
    address = f"/leave/leave/?status={Status.GRANTED}"
    return (
        [Todo(f"{count} 名学生请假到期未销假", address, "请联系学生", "alert-triangle", "请假", count=count)]
        if count
        else []
    )


@calendar("请假", icon="plane-departure", colour="amber", order=30)
def leaves(person_ids: Collection[int], start: date, end: date) -> Iterator[Entry]:
    """Granted leave; what it is for is nobody's business in a feed."""
    rows = Leave.objects.filter(
        student__person_id__in=person_ids, status__in=(Status.GRANTED, Status.RETURNED), starts_on__lte=end, ends_on__gte=start
    ).values_list("pk", "student__person_id", "kind", "starts_on", "ends_on")  # fmt: skip
    for pk, person, kind, starts_on, ends_on in rows:
        yield Entry(person, str(pk), Leave.Kind(kind).label, starts_on, ends_on, link=f"/leave/leave/{pk}/")
