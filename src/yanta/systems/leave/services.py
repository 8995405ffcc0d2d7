"""The life of a leave."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.utils import timezone

from yanta.kernel import notify, workflow
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.operation import Label, Long, operation
from yanta.masterdata.models import Student
from yanta.systems.leave import events, queries, rules
from yanta.systems.leave.models import Leave

Status = Leave.Status
Opinion = Annotated[str, Label("审批意见")]
How = Annotated[str, Label("退回后怎样继续")]
PROCESS = "leave.absence"


@operation("请假", model=Leave, icon="plane-departure", roles=("student",))
def ask(
    *, actor: Actor, kind: Leave.Kind, starts_on: date, ends_on: date,
    destination: Annotated[str, Label("去向", "离校外出写到区县；在校休息填“在校”")],
    reason: Annotated[str, Label("事由"), Long(2)],
    contact: Annotated[str, Label("紧急联系人及电话", "如“母亲 138…”")],
) -> Leave:  # fmt: skip
    """In the student's own name; refused at once where the regulation does, decided by the process else."""
    student = _student(actor)
    _require_possible(student, kind=kind, starts_on=starts_on, ends_on=ends_on)
    leave = Leave.objects.create(
        student=student,
        kind=kind,
        starts_on=starts_on,
        ends_on=ends_on,
        destination=destination,
        reason=reason,
        contact=contact,
    )
    publish(events.LeaveAsked(leave_id=leave.pk))
    workflow.start(PROCESS, subject=leave, actor=actor)
    return leave


def _require_possible(
    student: Student, *, kind: str, starts_on: date, ends_on: date, but: int | None = None
) -> None:
    """What the regulation refuses at once, and days that another leave (`but` this one) has already."""
    refusal = rules.refusal_reason(
        starts_on=starts_on, ends_on=ends_on, kind=kind, today=timezone.localdate()
    )
    if refusal:
        raise Refused(refusal, field="starts_on")
    other = Leave.objects.filter(
        student=student, status__in=Leave.LIVE, starts_on__lte=ends_on, ends_on__gte=starts_on
    ).exclude(pk=but).first()  # fmt: skip
    if other is not None:
        days = f"{other.starts_on:%m-%d} 至 {other.ends_on:%m-%d}"
        raise Refused(f"这几天已经有一次请假（{days}，{other.get_status_display()}）", field="starts_on")


def _student(actor: Actor) -> Student:
    """The enrolment under way; of two the later."""
    found = Student.objects.filter(person_id=actor.person_id, status="01").select_related(
        "department", "person"
    )
    student = found.order_by("-grade", "-pk").first()
    if student is None:
        raise Refused("只有在读学生可以请假")
    return student


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
    """The college's word on a longer leave: final up to seven days, passed on to the students' office beyond."""
    if leave.status != Status.ENDORSED:
        raise Refused(f"这次请假{leave.get_status_display()}，不在学院环节")
    if rules.needs_affairs(leave.days):
        _decide(leave, Status.CLEARED, actor, opinion)
        return
    _decide(leave, Status.GRANTED, actor, opinion)
    publish(events.LeaveDecided(leave_id=leave.pk, granted=True))


@operation("准假", icon="checks", roles=("owner",), when=lambda leave: leave.status == Status.CLEARED)
def permit(leave: Leave, *, actor: Actor, opinion: Opinion = "同意") -> None:
    """The students' office's word on more than a week."""
    if leave.status != Status.CLEARED:
        raise Refused(f"这次请假{leave.get_status_display()}，不在学工部环节")
    _decide(leave, Status.GRANTED, actor, opinion)
    publish(events.LeaveDecided(leave_id=leave.pk, granted=True))


@operation("退回学生", icon="arrow-back", bulk=False, roles=("counsellor", "head"), when=lambda leave: False)
def send_back(leave: Leave, *, actor: Actor, opinion: Opinion = "", how: How = "again") -> None:
    """To be mended and handed in again; a step of the process only. What comes straight back stands where it stood."""
    _require_pending(leave)
    _decide(leave, Status(leave.status) if how == "straight" else Status.SUBMITTED, actor, opinion)


@operation("重新提交", icon="send", bulk=False, roles=("student",), when=lambda leave: False)
def resume(
    leave: Leave, *, actor: Actor, starts_on: date | None = None, ends_on: date | None = None, destination: str = "",
    contact: str = "",
) -> None:  # fmt: skip
    """Mended by the student, who leaves empty what stays; a step of the process only."""
    _require_pending(leave)
    leave.starts_on, leave.ends_on = starts_on or leave.starts_on, ends_on or leave.ends_on
    leave.destination, leave.contact = destination or leave.destination, contact or leave.contact
    _require_possible(
        leave.student, kind=leave.kind, starts_on=leave.starts_on, ends_on=leave.ends_on, but=leave.pk
    )
    leave.save(update_fields=["starts_on", "ends_on", "destination", "contact", "updated_at"])


@operation("收回同意", icon="arrow-back", bulk=False, roles=("head",), when=lambda leave: False)
def reconsider(leave: Leave, *, actor: Actor, opinion: Opinion = "") -> None:
    """The college's word is taken back before the students' office has spoken; a step of the process only."""
    _require_pending(leave)
    _decide(leave, Status.ENDORSED, actor, opinion)


def _require_pending(leave: Leave) -> None:
    if leave.status not in Leave.PENDING:
        raise Refused(f"这次请假{leave.get_status_display()}，不能再退回")


@operation(
    "不同意",
    icon="x",
    danger=True,
    roles=("counsellor", "head", "owner"),
    when=lambda leave: leave.status in Leave.PENDING,
)
def refuse(leave: Leave, *, actor: Actor, opinion: Opinion) -> None:
    """With a reason that the student reads."""
    _require_pending(leave)
    _decide(leave, Status.REFUSED, actor, opinion)
    publish(events.LeaveDecided(leave_id=leave.pk, granted=False))


@operation(
    "撤回", icon="arrow-back-up", bulk=False, roles=("student",),
    when=lambda leave: leave.status in Leave.PENDING,
)  # fmt: skip
def withdraw(leave: Leave, *, actor: Actor) -> None:
    """The student thinks better of it before the decision."""
    if leave.status not in Leave.PENDING:
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
    publish(events.LeaveReturned(leave_id=leave.pk, person_id=leave.student.person_id))


def tell_decision(leave_id: int) -> None:
    """A message to the student, once; of what a process decided, the process tells."""
    leave = Leave.objects.select_related("student").get(pk=leave_id)
    if workflow.instance_of(leave) is not None:
        return
    notify.send(
        "leave.decided", to=[leave.student.person_id], link=f"/leave/leave/{leave.pk}/", once=f"{leave.pk}:{leave.status}",
        context={
            "result": leave.get_status_display(), "dates": f"{leave.starts_on:%m-%d} 至 {leave.ends_on:%m-%d}",
            "opinion": leave.opinion, "by": leave.decided_by,
        },
    )  # fmt: skip


def escalate(*, on: date) -> int:
    """Students who should be back: they, then their counsellors, then the college hear of it; answers how many messages."""
    sent = 0
    for leave in queries.overdue(on=on):
        over = (on - leave.ends_on).days
        people = queries.people_of(leave, rules.heard_by(over))
        sent += notify.send(
            "leave.overdue",
            to=people,
            link=f"/leave/leave/{leave.pk}/",
            once=f"overdue:{leave.pk}:{over}",
            context={"name": leave.student.person.name, "ends_on": f"{leave.ends_on:%m-%d}", "days": over},
        )
    return sent
