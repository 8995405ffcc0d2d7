"""After the lock: one change at a time, with its reason, told to whom it concerns."""

from __future__ import annotations

from typing import Annotated

from yanta.kernel import notify
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.operation import Label, operation
from yanta.masterdata.models import StaffMember
from yanta.systems.offerings import events
from yanta.systems.offerings.models import Section, Teaching

LONGEST = 10
NewTeacher = Annotated[StaffMember, Label("改由谁上")]


@operation(
    "锁定后换教师", icon="replace", bulk=False, roles=("owner",),
    when=lambda teaching: teaching.section.offering.season.is_locked,
)  # fmt: skip
def change_teacher(teaching: Teaching, *, actor: Actor, to: NewTeacher, reason: str) -> None:
    """The share goes to another teacher; both are told."""
    section = teaching.section
    if not section.offering.season.is_locked:
        raise Refused("还没有锁定，请直接改任课")
    if section.teachings.filter(teacher=to).exists():
        raise Refused("这位教师已在这个教学班", field="to")
    before = teaching.teacher
    teaching.teacher = to
    teaching.save(update_fields=["teacher", "updated_at"])
    what = f"由{before.person.name}改为{to.person.name}"
    notify.send(
        "offerings.taught", to=[before.person_id, to.person_id], link="/offerings/mine/",
        context={"section": str(section), "what": what, "reason": reason},
    )  # fmt: skip
    publish(events.SectionChanged(section_id=section.pk, what=what))


@operation(
    "锁定后改容量", icon="users-plus", bulk=False, roles=("owner",),
    when=lambda section: section.offering.season.is_locked and section.status == Section.Status.OPEN,
)  # fmt: skip
def change_capacity(
    section: Section, *, actor: Actor, capacity: Annotated[int, Label("新容量")], reason: str
) -> None:
    """More or fewer seats, never fewer than the planned students or the reserved seats."""
    if not section.offering.season.is_locked:
        raise Refused("还没有锁定，请直接改教学班")
    least = max(section.size, sum(section.reservations.values_list("seats", flat=True)))
    if capacity < least:
        raise Refused(f"容量不能少于 {least}（计划人数与预留座位）", field="capacity")
    what = f"容量由 {section.capacity} 改为 {capacity}"
    section.capacity = capacity
    section.save(update_fields=["capacity", "updated_at"])
    publish(events.SectionChanged(section_id=section.pk, what=what))
    publish(events.CapacityChanged(section_id=section.pk))


@operation(
    "锁定后改授课语言", icon="language", bulk=False, roles=("owner",),
    when=lambda section: section.offering.season.is_locked and section.status == Section.Status.OPEN,
)  # fmt: skip
def change_language(
    section: Section,
    *,
    actor: Actor,
    language: Annotated[str, Label("改用的语言", "如 英文、中文")],
    reason: str,
) -> None:
    """Whoever has chosen it already is told by course selection and keeps the seat."""
    if not section.offering.season.is_locked:
        raise Refused("还没有锁定，请直接改教学班")
    if len(language) > LONGEST:
        raise Refused(f"语言最多 {LONGEST} 个字", field="language")
    if language == section.language:
        raise Refused(f"现在就是{language}授课", field="language")
    what = f"授课语言由{section.language}改为{language}"
    section.language = language
    section.save(update_fields=["language", "updated_at"])
    publish(events.SectionChanged(section_id=section.pk, what=what))
