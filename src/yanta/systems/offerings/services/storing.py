"""Keeping what people enter: open only until it is confirmed and locked, sums that hold."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Sum

from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.operation import operation
from yanta.masterdata import weeks
from yanta.systems.offerings import events
from yanta.systems.offerings.models import (
    Meeting,
    Offering,
    Reservation,
    Season,
    Section,
    SectionClass,
    Teaching,
    TimeWish,
)

LOCKED = "本学期开课已锁定排课，改动请用“锁定后变更”"
CONFIRMED = "这门课已确认，请教务处退回后再改"


def refusal_to_change(offering: Offering) -> str | None:
    """Why nothing below an offering may change now, or None."""
    if offering.season.is_locked:
        return LOCKED
    return CONFIRMED if offering.status == Offering.Status.CONFIRMED else None


def require_open(offering: Offering) -> None:
    refusal = refusal_to_change(offering)
    if refusal:
        raise Refused(refusal)


def may_unassign(teaching: Teaching) -> bool:
    return refusal_to_change(teaching.section.offering) is None


def require_unlocked(season: Season) -> None:
    if season.is_locked:
        raise Refused(LOCKED)


def next_number(offering: Offering) -> str:
    """`(2026-2027-1)-G00001-03`; numbers are not given twice, so cancelled sections count."""
    used = Section.objects.filter(offering=offering).values_list("number", flat=True)
    last = max((int(number.rpartition("-")[2]) for number in used), default=0)
    return number_of(offering, last + 1)


def number_of(offering: Offering, serial: int) -> str:
    return f"({offering.season.term.code})-{offering.course.code}-{serial:02d}"


def store_section(section: Section, *, adding: bool) -> None:
    require_open(section.offering)
    if adding:
        section.number = next_number(section.offering)
    if section.capacity < section.size:
        raise Refused(f"容量不能少于计划人数 {section.size}", field="capacity")
    before = Section.objects.filter(pk=section.pk).first()
    section.save()
    if before is not None:
        _tell(before, section)


def _tell(before: Section, section: Section) -> None:
    if (before.language, before.campus_id) != (section.language, section.campus_id):
        publish(events.SectionChanged(section_id=section.pk, what="授课语言或校区"))
    if before.capacity != section.capacity:
        publish(events.CapacityChanged(section_id=section.pk))


def store_class(one: SectionClass) -> None:
    """The section's size is the sum of its classes."""
    require_open(one.section.offering)
    one.save()
    resize(one.section)


def resize(section: Section) -> None:
    """Size from the classes; the capacity follows where it would be too small."""
    total = section.classes.aggregate(n=Sum("size"))["n"] or 0
    Section.objects.filter(pk=section.pk).update(size=total, capacity=max(total, section.capacity))
    if total > section.capacity:
        publish(events.CapacityChanged(section_id=section.pk))


def store_teaching(one: Teaching) -> None:
    """Together no more than the whole."""
    require_open(one.section.offering)
    others = one.section.teachings.exclude(pk=one.pk).aggregate(n=Sum("share"))["n"] or Decimal(0)
    if others + one.share > Decimal("1.002"):
        left = max(Decimal(0), 1 - others)
        raise Refused(f"其他教师已承担 {float(others):g}，这里最多 {float(left):g}", field="share")
    before = Teaching.objects.filter(pk=one.pk).values_list("section_id", "teacher_id").first()
    one.save()
    if before != (one.section_id, one.teacher_id):
        _tell_taught({one.section_id, *(before or ())[:1]})


def _tell_taught(sections: set[int]) -> None:
    publish(*(events.SectionChanged(section_id=key, what="任课教师") for key in sorted(sections)))


@operation("撤下教师", icon="user-minus", danger=True, roles=("clerk",), when=may_unassign)
def unassign(teaching: Teaching, *, actor: Actor) -> None:
    """The share is for somebody else again."""
    require_open(teaching.section.offering)
    section = teaching.section_id
    teaching.delete()
    _tell_taught({section})


def canonical_weeks(text: str) -> str:
    try:
        return weeks.canonical(text)
    except weeks.NotWeeks as problem:
        raise Refused(str(problem), field="weeks") from problem


def store_meeting(one: Meeting) -> None:
    require_open(one.section.offering)
    one.weeks = canonical_weeks(one.weeks)
    last = one.section.offering.season.term.teaching_weeks
    if weeks.bits(one.weeks).bit_length() > last:
        raise Refused(f"本学期只有 {last} 个教学周", field="weeks")
    one.save()


def store_reservation(one: Reservation) -> None:
    """No more seats than there are."""
    require_unlocked(one.section.offering.season)
    others = one.section.reservations.exclude(pk=one.pk).aggregate(n=Sum("seats"))["n"] or 0
    if others + one.seats > one.section.capacity:
        raise Refused(
            f"容量 {one.section.capacity}，已预留 {others}，最多再留 {one.section.capacity - others}",
            field="seats",
        )
    moved = Reservation.objects.filter(pk=one.pk).exclude(section=one.section)
    touched = {one.section_id, *moved.values_list("section_id", flat=True)}
    one.save()
    publish(*(events.SeatsReserved(section_id=key) for key in sorted(touched)))


@operation("取消预留", icon="armchair-off", danger=True, roles=("clerk",))
def release(reservation: Reservation, *, actor: Actor) -> None:
    """The seats are for everybody again; whoever has one keeps it."""
    require_unlocked(reservation.section.offering.season)
    section = reservation.section_id
    reservation.delete()
    publish(events.SeatsReserved(section_id=section))


def store_wish(one: TimeWish) -> None:
    require_unlocked(one.season)
    if one.weeks:
        one.weeks = canonical_weeks(one.weeks)
    if one.section is not None and one.section.offering.season_id != one.season_id:
        raise Refused("教学班不在这个学期", field="section")
    one.save()
