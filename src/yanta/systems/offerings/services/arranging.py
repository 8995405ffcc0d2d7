"""Sections merged, split, staffed, cancelled: by the college, before it confirms."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Annotated

from django.db.models import Sum

from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, operation
from yanta.masterdata.models import StaffMember
from yanta.systems.offerings.models import Meeting, Section, SectionClass, Teaching
from yanta.systems.offerings.rules import sections
from yanta.systems.offerings.rules.sections import Part
from yanta.systems.offerings.services import storing

Others = Annotated[list[Section], Label("并入的教学班")]
OneTeacher = Annotated[StaffMember, Label("教师")]


def is_open(section: Section) -> bool:
    return section.status == Section.Status.OPEN and storing.refusal_to_change(section.offering) is None


def _require(section: Section) -> None:
    storing.require_open(section.offering)
    if section.status != Section.Status.OPEN:
        raise Refused("这个教学班已停开")


@operation("合班", icon="arrows-join", bulk=False, roles=("clerk",), when=is_open)
def merge(section: Section, *, actor: Actor, others: Others) -> None:
    """The others' classes come into this section; the others are cancelled. Nobody is lost."""
    _require(section)
    for other in others:
        if other.offering_id != section.offering_id or other.pk == section.pk:
            raise Refused(f"“{other}”不是同一门课的另一个教学班", field="others")
        _require(other)
    sizes: dict[int, int] = defaultdict(int)
    for one in SectionClass.objects.filter(section__in=[section, *others]):
        sizes[one.admin_class_id] += one.size
    SectionClass.objects.filter(section__in=[section, *others]).delete()
    _seat(section, [Part(group, size) for group, size in sorted(sizes.items())])
    for other in others:
        Section.objects.filter(pk=other.pk).update(status=Section.Status.CANCELLED, size=0)


@operation("拆班", icon="arrows-split", bulk=False, roles=("clerk",), when=is_open)
def split(section: Section, *, actor: Actor, into: Annotated[int, Label("拆成几个")] = 2) -> None:
    """Whole classes stay together where there are enough of them; the sizes add up to what they were."""
    _require(section)
    parts = [Part(one.admin_class_id, one.size) for one in section.classes.order_by("admin_class__code")]
    total = sum(part.size for part in parts)
    if not 2 <= into <= max(2, total):
        raise Refused(f"这个教学班 {total} 人，可拆成 2 到 {total} 个", field="into")
    first, *rest = sections.divided(parts, into=into)
    section.classes.all().delete()
    Section.objects.filter(pk=section.pk).update(capacity=0, size=0)
    _seat(section, first)
    for part in rest:
        _twin(section, part)


def _twin(section: Section, parts: list[Part]) -> None:
    size = sum(part.size for part in parts)
    made = Section(
        offering=section.offering, campus=section.campus, size=size, capacity=size, language=section.language
    )
    storing.store_section(made, adding=True)
    _seat(made, parts)
    for one in section.meetings.all():
        one.pk, one._state.adding, one.section = None, True, made
        Meeting.save(one)


def _seat(section: Section, parts: list[Part]) -> None:
    SectionClass.objects.bulk_create(
        SectionClass(section=section, admin_class_id=part.admin_class, size=part.size)
        for part in parts
        if part.size
    )
    section.refresh_from_db()
    storing.resize(section)


@operation("安排教师", icon="user-plus", bulk=False, roles=("clerk",), when=is_open)
def assign(
    section: Section, *, actor: Actor, teacher: OneTeacher,
    share: Annotated[Decimal | None, Label("承担比例", "留空为剩下的全部")] = None,
    role: Annotated[Teaching.Role, Label("角色")] = Teaching.Role.LEAD,
) -> None:  # fmt: skip
    """A teacher for the section; without a share, whatever is left."""
    _require(section)
    if section.teachings.filter(teacher=teacher).exists():
        raise Refused("这位教师已在这个教学班", field="teacher")
    left = 1 - (section.teachings.aggregate(n=Sum("share"))["n"] or Decimal(0))
    storing.store_teaching(
        Teaching(section=section, teacher=teacher, share=left if share is None else share, role=role)
    )


@operation("停开", icon="x", danger=True, roles=("clerk",), when=is_open)
def cancel(section: Section, *, actor: Actor, reason: str) -> None:
    """Only when nobody sits in it any more."""
    _require(section)
    if section.classes.exists():
        raise Refused(f"这个教学班还有 {section.size} 人，先把它们合到别的教学班")
    Section.objects.filter(pk=section.pk).update(status=Section.Status.CANCELLED)
