"""A meeting room is taken, once or every week; large ones when the owner agrees."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated

from django.db import models
from django.utils import timezone

from yanta.kernel import notify, workflow
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, Long, operation
from yanta.kernel.people.models import Person
from yanta.masterdata.models import StaffMember
from yanta.systems.rooms import rules
from yanta.systems.rooms.models import Booking, Facility, Participant

Status = Booking.Status
PROCESS = "rooms.booking"
STAFF = ("teacher", "counsellor", "clerk", "head")
Where = Annotated[Facility, Label("会议室")]
Opinion = Annotated[str, Label("意见")]
SEPARATORS = re.compile(r"[、，,；;\s]+")


class Repeat(models.TextChoices):
    ONCE = "once", "只这一次"
    WEEKLY = "weekly", "每周"
    BIWEEKLY = "biweekly", "每两周"
    DAILY = "daily", "每个工作日"


@operation("预约会议室", model=Booking, icon="calendar-plus", roles=STAFF)
def book(
    *, actor: Actor, facility: Where, starts_at: datetime, ends_at: datetime, purpose: str,
    attendance: int = 1,
    participants: Annotated[str, Label("参加人", "姓名或工号，用顿号分开；会收到通知并进日历"), Long(2)] = "",
    repeat: Annotated[Repeat, Label("重复")] = Repeat.ONCE, until: Annotated[date | None, Label("重复到")] = None,
    skip: Annotated[bool, Label("跳过被占的场次", "不勾时有一场被占就都不订")] = False,
    tea: bool = False, microphones: bool = False, video: bool = False,
) -> Booking:  # fmt: skip
    """All dates or, if one says so, those that are free; rooms that need approval are held until it is decided."""
    person = Person.objects.filter(pk=actor.person_id).select_related("home_unit").first()
    if person is None or person.home_unit is None:
        raise Refused("只有教职工可以预约会议室")
    wanted = Booking(
        room=facility.room, department=person.home_unit, booked_for=person, purpose=purpose, attendance=attendance, starts_at=starts_at,
        ends_at=ends_at, tea=tea, microphones=microphones, video=video,
        status=Status.WAITING if facility.needs_approval else Status.BOOKED,
    )  # fmt: skip
    _require_acceptable(wanted, facility)
    invited = _people(participants)
    made = _stored(wanted, _times(wanted, repeat, until), skip=skip)
    for one in made:
        Participant.objects.bulk_create(Participant(booking=one, person_id=key) for key in invited)
    if facility.needs_approval:
        workflow.start(PROCESS, subject=made[0], actor=actor)
    else:
        tell(made[0], "已预订")
    return made[0]


def _require_acceptable(one: Booking, facility: Facility) -> None:
    starts, ends = timezone.localtime(one.starts_at), timezone.localtime(one.ends_at)
    if one.ends_at <= one.starts_at:
        raise Refused("结束时间须晚于开始时间", field="ends_at")
    refusal = rules.refusal_reason(
        starts_at=one.starts_at, ends_at=one.ends_at, attendance=one.attendance, seats=one.room.seats, is_bookable=True,
        now=timezone.now(),
    ) or rules.refusal_of_hours(starts, ends, opens_at=facility.opens_at, closes_at=facility.closes_at)  # fmt: skip
    if refusal:
        raise Refused(refusal, field="starts_at")
    missing = [
        label for wanted, has, label in (
            (one.microphones, facility.microphones, "话筒"), (one.video, facility.video, "视频会议"),
        ) if wanted and not has
    ]  # fmt: skip
    if missing:
        raise Refused(f"这间会议室没有{'、'.join(missing)}，请换一间", field="facility")


def _times(one: Booking, repeat: str, until: date | None) -> list[tuple[datetime, datetime]]:
    starts, ends = timezone.localtime(one.starts_at), timezone.localtime(one.ends_at)
    days = rules.days_of(starts.date(), repeat=repeat, until=until)
    refusal = rules.refusal_to_repeat(days, repeat=repeat, until=until)
    if refusal:
        raise Refused(refusal, field="until")
    return [
        (
            timezone.make_aware(datetime.combine(day, starts.time())),
            timezone.make_aware(datetime.combine(day, ends.time())),
        )
        for day in days
    ]


def _stored(wanted: Booking, times: list[tuple[datetime, datetime]], *, skip: bool) -> list[Booking]:
    """Those that are free are taken; the others are named, or skipped on request."""
    # Whoever books the same room waits here, so that what is seen free is still free when it is stored.
    type(wanted.room)._base_manager.select_for_update(no_key=True).get(pk=wanted.room_id)
    free = [span for span in times if not _taken(wanted.room_id, *span)]
    taken = [start for start, _ in times if start not in {begin for begin, _ in free}]
    if taken and (not skip or not free):
        said = "、".join(f"{timezone.localtime(one):%m-%d}" for one in taken[:6])
        raise Refused(
            f"{said} 这个时段已被预约，请换时间、换一间"
            + ("" if len(times) == 1 else "，或勾选“跳过被占的场次”"),
            field="starts_at",
        )
    made: list[Booking] = []
    for start, end in free:
        one = Booking(
            **{
                f.attname: getattr(wanted, f.attname)
                for f in Booking._meta.concrete_fields
                if not f.primary_key
            }
        )
        one.starts_at, one.ends_at, one.series = start, end, made[0] if made else None
        one.save()
        made.append(one)
    return made


def _taken(room_id: int, starts_at: datetime, ends_at: datetime) -> bool:
    """Looks at the whole school, also at what still waits for approval."""
    held = Booking.objects.filter(room_id=room_id, status__in=Booking.HELD)
    return held.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exists()


def _people(text: str) -> list[int]:
    """Staff by number or by a name that only one of them has."""
    found: list[int] = []
    for word in filter(None, SEPARATORS.split(text.strip())):
        staff = StaffMember.objects.filter(status=StaffMember.Status.ACTIVE)
        keys = set(staff.filter(number=word).values_list("person_id", flat=True)) or set(
            staff.filter(person__name=word).values_list("person_id", flat=True)[:2]
        )
        if not keys:
            raise Refused(f"没有叫“{word}”的在岗教职工，也没有这个工号", field="participants")
        if len(keys) > 1:
            raise Refused(f"不止一位“{word}”，请改写工号", field="participants")
        found += keys
    return list(dict.fromkeys(found))


def series_of(booking: Booking) -> Iterable[Booking]:
    """The meeting and its repeats."""
    return Booking.objects.filter(models.Q(pk=booking.pk) | models.Q(series=booking)).order_by("starts_at")


def is_waiting(booking: Booking) -> bool:
    return booking.status == Status.WAITING


@operation("批准", icon="check", bulk=False, roles=("owner",), when=is_waiting)
def approve(booking: Booking, *, actor: Actor, opinion: Opinion = "同意") -> None:
    """With all its repeats."""
    _decide(booking, Status.BOOKED, opinion)
    tell(booking, "已批准")


@operation("不批准", icon="x", danger=True, bulk=False, roles=("owner",), when=is_waiting)
def refuse(booking: Booking, *, actor: Actor, opinion: Opinion) -> None:
    """The room is free again."""
    _decide(booking, Status.REFUSED, opinion)


def _decide(booking: Booking, status: str, opinion: str) -> None:
    if not is_waiting(booking):
        raise Refused(f"这次预约{booking.get_status_display()}")
    for one in series_of(booking):
        if is_waiting(one):
            one.status, one.opinion = status, opinion
            one.save(update_fields=["status", "opinion", "updated_at"])
    booking.refresh_from_db()


@operation("撤回", icon="arrow-back-up", bulk=False, roles=STAFF, when=is_waiting)
def withdraw(booking: Booking, *, actor: Actor) -> None:
    """Before the decision."""
    _decide(booking, Status.CANCELLED, "申请人撤回")


@operation(
    "取消借用", icon="x", danger=True, roles=STAFF, when=lambda booking: booking.status == Status.BOOKED
)
def cancel(
    booking: Booking,
    *,
    actor: Actor,
    reason: str,
    rest: Annotated[bool, Label("以后各场一并取消", "只对重复的会议有用")] = False,
) -> None:
    """The room is free again at once, and whoever was invited hears of it."""
    if booking.status != Status.BOOKED:
        raise Refused(f"这次借用{booking.get_status_display()}，不能取消")
    first = booking.series or booking
    rows = [one for one in series_of(first) if one.starts_at >= booking.starts_at] if rest else [booking]
    for one in rows:
        if one.status == Status.BOOKED:
            one.status, one.opinion = Status.CANCELLED, reason
            one.save(update_fields=["status", "opinion", "updated_at"])
    booking.refresh_from_db()
    tell(booking, "已取消")


def tell(booking: Booking, what: str) -> None:
    """Whoever booked and whoever is invited."""
    people = set(booking.participants.values_list("person_id", flat=True)) | {booking.booked_for_id}
    begin, end = timezone.localtime(booking.starts_at), timezone.localtime(booking.ends_at)
    repeats = booking.repeats.count()
    notify.send(
        "rooms.meeting", to=sorted(one for one in people if one), link=f"/rooms/booking/{booking.pk}/", once=f"{booking.pk}:{what}",
        context={
            "what": what, "purpose": booking.purpose, "place": f"{booking.room.building.name} {booking.room.name}",
            "when": f"{begin:%m-%d %H:%M} 至 {end:%H:%M}" + (f"，另有 {repeats} 场" if repeats else ""),
        },
    )  # fmt: skip
