"""The life of a leave."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from yanta.kernel import notify
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.operation import Label, operation
from yanta.systems.leave import events, rules
from yanta.systems.leave.models import Leave

Status = Leave.Status
Opinion = Annotated[str, Label("审批意见")]


def _decide(leave: Leave, status: Status, actor: Actor, opinion: str) -> None:
    leave.status, leave.opinion, leave.decided_by = status, opinion, actor.name
    leave.save(update_fields=["status", "opinion", "decided_by", "updated_at"])


@operation("同意", icon="check", roles=("counsellor",), when=lambda leave: leave.status == Status.SUBMITTED)
def endorse(leave: Leave, *, actor: Actor, opinion: Opinion = "同意") -> None:
    """The counsellor's word: final up to three days, passed on to the college beyond."""
    if leave.status != Status.SUBMITTED:
        raise Refused(f"这次请假{leave.get_status_display()}，不在辅导员环节")
    if rules.needs_college(leave.days):
        _decide(leave, Status.ENDORSED, actor, opinion)
        return
    _decide(leave, Status.GRANTED, actor, opinion)
    publish(events.LeaveDecided(leave_id=leave.pk, granted=True))


@operation("批准", icon="checks", roles=("head",), when=lambda leave: leave.status == Status.ENDORSED)
def grant(leave: Leave, *, actor: Actor, opinion: Opinion = "同意") -> None:
    """The college's word on a longer leave."""
    if leave.status != Status.ENDORSED:
        raise Refused(f"这次请假{leave.get_status_display()}，不在学院环节")
    _decide(leave, Status.GRANTED, actor, opinion)
    publish(events.LeaveDecided(leave_id=leave.pk, granted=True))


@operation(
    "不同意", icon="x", danger=True, roles=("counsellor", "head"),
    when=lambda leave: leave.status in (Status.SUBMITTED, Status.ENDORSED),
)  # fmt: skip
def refuse(leave: Leave, *, actor: Actor, opinion: Opinion) -> None:
    """With a reason that the student reads."""
    if leave.status not in (Status.SUBMITTED, Status.ENDORSED):
        raise Refused(f"这次请假{leave.get_status_display()}，不能再退回")
    _decide(leave, Status.REFUSED, actor, opinion)
    publish(events.LeaveDecided(leave_id=leave.pk, granted=False))


@operation(
    "撤回", icon="arrow-back-up", bulk=False, roles=("student",),
    when=lambda leave: leave.status in (Status.SUBMITTED, Status.ENDORSED),
)  # fmt: skip
def withdraw(leave: Leave, *, actor: Actor) -> None:
    """The student thinks better of it before the decision."""
    if leave.status not in (Status.SUBMITTED, Status.ENDORSED):
        raise Refused("已经批复的请假不能撤回")
    leave.status = Status.WITHDRAWN
    leave.save(update_fields=["status", "updated_at"])


@operation(
    "销假",
    icon="home-check",
    roles=("student", "counsellor"),
    when=lambda leave: leave.status == Status.GRANTED,
)
def report_back(leave: Leave, *, actor: Actor, on: Annotated[date, Label("返校日期")]) -> None:
    """Back on campus."""
    if leave.status != Status.GRANTED:
        raise Refused("只有已批准的请假可以销假")
    if on < leave.starts_on:
        raise Refused("返校日期不能早于请假开始日期", field="on")
    leave.status, leave.returned_on = Status.RETURNED, on
    leave.save(update_fields=["status", "returned_on", "updated_at"])


def tell_decision(leave_id: int) -> None:
    """A message to the student, once."""
    leave = Leave.objects.select_related("student").get(pk=leave_id)
    notify.send(
        "leave.decided", to=[leave.student.person_id], link=f"/leave/leave/{leave.pk}/", once=f"{leave.pk}:{leave.status}",
        context={
            "result": leave.get_status_display(), "dates": f"{leave.starts_on:%m-%d} 至 {leave.ends_on:%m-%d}",
            "opinion": leave.opinion, "by": leave.decided_by,
        },
    )  # fmt: skip
