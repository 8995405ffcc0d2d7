"""调课、停课、补课: asked by the teacher or the unit, checked at once, in force when the registry approves."""

from __future__ import annotations

from typing import Annotated

from django.utils import timezone

from yanta.kernel import notify, workflow
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.operation import Label, operation
from yanta.masterdata import weeks
from yanta.masterdata.models import Room, StaffMember
from yanta.systems.timetables import events
from yanta.systems.timetables.models import Adjustment, Placement, Version, Weekday
from yanta.systems.timetables.queries import concerned, occurring
from yanta.systems.timetables.rules import clashes

Kind, Status = Adjustment.Kind, Adjustment.Status
OldWeek = Annotated[int, Label("原来第几周")]
NewWeek = Annotated[int, Label("改到第几周")]
NewDay = Annotated[Weekday, Label("改到星期")]
NewPeriod = Annotated[int, Label("改到从第几节")]
Which = Annotated[Placement, Label("哪门课", "从“我的课表”点进来就填好")]
NewRoom = Annotated[Room | None, Label("改到教室", "留空沿用原来的教室")]
ROLES = ("owner", "clerk")
PROCESS = "timetables.adjustment"


def is_published(placement: Placement) -> bool:
    return placement.version.status == Version.Status.PUBLISHED and placement.is_placed


@operation("调课", icon="calendar-share", bulk=False, roles=ROLES, when=is_published)
def ask_move(
    placement: Placement, *, actor: Actor, week: OldWeek, new_week: NewWeek, new_weekday: NewDay, new_period: NewPeriod,
    new_room: NewRoom = None, reason: str,
) -> Adjustment:  # fmt: skip
    """One week's meeting elsewhere; refused at once where it would collide."""
    _require_week(placement, week)
    return _ask(Adjustment(
        placement=placement, kind=Kind.MOVE, week=week, new_week=new_week, new_weekday=int(new_weekday), new_period=new_period,
        new_room=new_room or placement.room, reason=reason,
    ), actor)  # fmt: skip


@operation("停课", icon="calendar-off", bulk=False, roles=ROLES, when=is_published)
def ask_cancel(placement: Placement, *, actor: Actor, week: OldWeek, reason: str) -> Adjustment:
    """One week's meeting not at all."""
    _require_week(placement, week)
    return _ask(Adjustment(placement=placement, kind=Kind.CANCEL, week=week, reason=reason), actor)


@operation("补课", icon="calendar-plus", bulk=False, roles=ROLES, when=is_published)
def ask_extra(
    placement: Placement, *, actor: Actor, new_week: NewWeek, new_weekday: NewDay, new_period: NewPeriod, new_room: NewRoom = None,
    reason: str,
) -> Adjustment:  # fmt: skip
    """Once more, for a meeting that was cancelled or fell on a holiday."""
    return _ask(Adjustment(
        placement=placement, kind=Kind.EXTRA, new_week=new_week, new_weekday=int(new_weekday), new_period=new_period,
        new_room=new_room or placement.room, reason=reason,
    ), actor)  # fmt: skip


@operation("申请调课停课", model=Adjustment, icon="calendar-share", roles=("teacher",))
def request(
    *, actor: Actor, placement: Which, kind: Adjustment.Kind,
    week: Annotated[int | None, Label("原来第几周")] = None, new_week: Annotated[int | None, Label("改到第几周")] = None,
    new_weekday: Annotated[Weekday | None, Label("改到星期")] = None,
    new_period: Annotated[int | None, Label("改到从第几节")] = None, new_room: NewRoom = None, reason: str,
) -> Adjustment:  # fmt: skip
    """By the teacher of the course: checked at once, agreed by the unit, approved by the registry."""
    taught = StaffMember.objects.filter(person_id=actor.person_id).values_list("pk", flat=True)
    if not set(taught) & set(placement.teachers):
        raise Refused("只能申请调整自己上的课", field="placement")
    one = Adjustment(placement=placement, kind=kind, reason=reason)
    _set_times(one, week, new_week, new_weekday, new_period, new_room)
    _ask(one, actor)
    workflow.start(PROCESS, subject=one, actor=actor)
    return one


def _set_times(
    one: Adjustment, week: int | None, new_week: int | None, new_weekday: int | None, new_period: int | None, new_room: Room | None
) -> None:  # fmt: skip
    """What its kind asks for, and nothing else."""
    one.week = one.new_week = one.new_weekday = one.new_period = one.new_room = None
    if one.kind != Kind.EXTRA:
        one.week = _wanted(week, "week", "原来第几周")
        _require_week(one.placement, one.week, but=one.pk)
    if one.kind != Kind.CANCEL:
        one.new_week = _wanted(new_week, "new_week", "改到第几周")
        one.new_weekday = int(_wanted(new_weekday, "new_weekday", "改到星期几"))
        one.new_period = _wanted(new_period, "new_period", "改到第几节")
        one.new_room = new_room or one.placement.room


def _wanted(value: int | None, field: str, label: str) -> int:
    if value is None:
        raise Refused(f"请填写{label}", field=field)
    return value


def _require_week(placement: Placement, week: int, *, but: int | None = None) -> None:
    if not weeks.has(placement.weeks, week):
        raise Refused(f"这次课第 {week} 周不上（{weeks.text_of(placement.weeks)} 周）", field="week")
    others = placement.adjustments.filter(week=week, status__in=(Status.ASKED, Status.APPROVED))
    if others.exclude(pk=but).exists():
        raise Refused(f"第 {week} 周的这次课已有申请", field="week")


def _ask(one: Adjustment, actor: Actor) -> Adjustment:
    _require_possible(one)
    one.asked_by_id = actor.person_id
    one.save()
    return one


def _require_possible(one: Adjustment) -> None:
    if not is_published(one.placement):
        raise Refused("只有已发布的课表才办理调课、停课、补课")
    _require_free(one)


def _require_free(one: Adjustment) -> None:
    if one.kind == Kind.CANCEL:
        return
    term = one.placement.version.term
    if not 1 <= (one.new_week or 0) <= term.teaching_weeks:
        raise Refused(f"本学期有 {term.teaching_weeks} 个教学周", field="new_week")
    wrong = occurring.clashes_of(one)
    if wrong:
        raise Refused("不能改到这里：" + "；".join(clash.text for clash in wrong[:4]), field="new_weekday")


def is_asked(adjustment: Adjustment) -> bool:
    return adjustment.status == Status.ASKED


@operation("批准", icon="check", bulk=False, roles=("owner",), when=is_asked)
def approve(adjustment: Adjustment, *, actor: Actor, opinion: Annotated[str, Label("意见")] = "") -> None:
    """Checked once more, for others were approved meanwhile; students and teachers are told."""
    _require_asked(adjustment)
    Version.objects.select_for_update().get(pk=adjustment.placement.version_id)
    if not is_published(adjustment.placement):
        raise Refused("这个版本的课表已不再发布，请在新课表上重新申请")
    _require_free(adjustment)
    _decide(adjustment, Status.APPROVED, actor, opinion)
    publish(events.MeetingAdjusted(adjustment_id=adjustment.pk, section_id=adjustment.placement.section_id))


@operation("不批准", icon="x", danger=True, bulk=False, roles=("owner",), when=is_asked)
def refuse(adjustment: Adjustment, *, actor: Actor, reason: str) -> None:
    """Whoever asked is told why."""
    _require_asked(adjustment)
    _decide(adjustment, Status.REFUSED, actor, reason)
    _answer(adjustment, "未批准")


@operation("退回修改", icon="arrow-back", bulk=False, roles=("owner",), when=lambda adjustment: False)
def send_back(adjustment: Adjustment, *, actor: Actor, opinion: Annotated[str, Label("意见")] = "") -> None:
    """To whoever asked; a step of the process only."""
    _require_asked(adjustment)


@operation("重新提交", icon="send", bulk=False, roles=("teacher",), when=lambda adjustment: False)
def resume(
    adjustment: Adjustment, *, actor: Actor, kind: Adjustment.Kind | None = None,
    week: Annotated[int | None, Label("原来第几周", "补课不用填")] = None,
    new_week: Annotated[int | None, Label("改到第几周", "停课不用填，下同")] = None,
    new_weekday: Annotated[Weekday | None, Label("改到星期")] = None,
    new_period: Annotated[int | None, Label("改到从第几节")] = None, new_room: NewRoom = None,
    cause: Annotated[str, Label("原因", "学生会看到；不改就留空")] = "",
) -> None:  # fmt: skip
    """Mended by the teacher, what is left empty as it was; checked anew. A step of the process only."""
    _require_asked(adjustment)
    adjustment.kind, adjustment.reason = kind or adjustment.kind, cause or adjustment.reason
    _set_times(
        adjustment, week or adjustment.week, new_week or adjustment.new_week, new_weekday or adjustment.new_weekday,
        new_period or adjustment.new_period, new_room or adjustment.new_room,
    )  # fmt: skip
    _require_possible(adjustment)
    adjustment.save()


@operation("撤回", icon="arrow-back-up", bulk=False, roles=(*ROLES, "teacher"), when=is_asked)
def withdraw(adjustment: Adjustment, *, actor: Actor) -> None:
    """Before it is decided."""
    _require_asked(adjustment)
    adjustment.status = Status.WITHDRAWN
    adjustment.save(update_fields=["status", "updated_at"])


def _require_asked(one: Adjustment) -> None:
    if one.status != Status.ASKED:
        raise Refused(f"这份申请{one.get_status_display()}")


def _decide(one: Adjustment, status: str, actor: Actor, opinion: str) -> None:
    one.status, one.opinion, one.decided_by = status, opinion, actor.signature
    one.decided_at = timezone.now()
    one.save(update_fields=["status", "opinion", "decided_by", "decided_at", "updated_at"])


# -- telling -----------------------------------------------------------------------------------------


def words_of(one: Adjustment) -> str:
    """What becomes of which meeting."""
    placement = one.placement
    before = clashes.said(
        placement.weekday or 1,
        placement.first_period or 1,
        (placement.first_period or 1) + placement.periods - 1,
    )
    parts = [f"第 {one.week} 周{before}" + ("停课" if one.kind == Kind.CANCEL else "")] if one.week else []
    if one.new_week and one.new_weekday and one.new_period:
        after = clashes.said(one.new_weekday, one.new_period, one.new_period + placement.periods - 1)
        room = f"，{one.new_room.number}" if one.new_room else ""
        parts.append(("改到" if one.week else "补在") + f"第 {one.new_week} 周{after}{room}")
    return "".join(parts)


def tell(adjustment_id: int) -> int:
    """Students, teachers and whoever asked."""
    one = Adjustment.objects.select_related("placement__course", "new_room").get(pk=adjustment_id)
    people = set(concerned.people_of(Placement.objects.filter(pk=one.placement_id)))
    if one.asked_by_id:
        people.add(one.asked_by_id)
    return notify.send(
        "timetables.adjusted", to=sorted(people), link="/timetables/mine/", once=f"adjusted:{one.pk}",
        context={"what": one.get_kind_display(), "course": one.placement.course.name, "words": words_of(one), "reason": one.reason},
    )  # fmt: skip


def _answer(one: Adjustment, outcome: str) -> None:
    if one.asked_by_id is None:
        return
    notify.send(
        "timetables.decided", to=[one.asked_by_id], link=f"/timetables/adjustment/{one.pk}/", once=f"decided:{one.pk}",
        context={"what": one.get_kind_display(), "outcome": outcome, "course": one.placement.course.name,
                 "words": words_of(one), "opinion": one.opinion},
    )  # fmt: skip
