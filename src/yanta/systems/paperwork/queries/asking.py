"""Which forms are whose, and who is on a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from yanta.kernel.base import Actor
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import AdminClass, StaffMember, Student
from yanta.systems.paperwork import rules
from yanta.systems.paperwork.models import Edition, Form


@dataclass(slots=True)
class Asked:
    """People of a list in its order, and whom it names in vain with the reason."""

    title: str
    people: list[int] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def for_person(person_id: int | None) -> QuerySet[Edition]:
    """Editions in force that a person may produce for oneself."""
    kinds = []
    if Student.objects.filter(person=person_id, left_on=None).exists():
        kinds.append(Form.Audience.STUDENT)
    if StaffMember.objects.filter(person=person_id, left_on=None).exists():
        kinds.append(Form.Audience.STAFF)
    found: QuerySet[Edition] = Edition.objects.filter(
        status=Edition.Status.IN_FORCE, form__audience__in=kinds, form__is_self_service=True
    ).select_related("form__owner", "file")
    return found


def in_force() -> QuerySet[Edition]:
    """Forms that may be filled for others, whoever owns them: every department fills forms of the others."""
    found: QuerySet[Edition] = Edition.objects.filter(status=Edition.Status.IN_FORCE).select_related(
        "form__owner", "file"
    )
    return found.order_by("form__title")


def edition_called(name: str) -> Edition | None:
    """By the form's code or its whole title."""
    return in_force().filter(Q(form__code=name.strip()) | Q(form__title=name.strip())).first()


def people_asked(
    audience: str, *, actor: Actor, unit: OrgUnit, admin_class: AdminClass | None, numbers: str
) -> Asked:
    """By list, class or unit, the most precise that is given; only people in scope."""
    model: Any = Student if audience == Form.Audience.STUDENT else StaffMember
    mine = model.objects.visible_to(actor)
    if numbers.strip():
        return _listed(mine, model.objects.all(), rules.numbers_in(numbers))
    present = mine.filter(left_on=None)
    if admin_class is not None and model is Student:
        found = present.filter(admin_class=admin_class)
        return Asked(admin_class.name, _people(found))
    found = present.filter(department__path__startswith=unit.path)
    return Asked(unit.name, _people(found))


def _people(rows: Any) -> list[int]:
    return list(dict.fromkeys(rows.order_by("number").values_list("person_id", flat=True)))


def _listed(mine: Any, everybody: Any, numbers: Iterable[str]) -> Asked:
    wanted = list(numbers)
    seen = dict(mine.filter(number__in=wanted).values_list("number", "person_id"))
    exist = set(everybody.filter(number__in=wanted).values_list("number", flat=True))
    asked = Asked(f"名单 {len(wanted)} 人")
    for number in wanted:
        if number in seen and seen[number] in asked.people:
            asked.refused.append((number, "与名单中另一号是同一人，只生成一份"))
        elif number in seen:
            asked.people.append(seen[number])
        else:
            asked.refused.append((number, "不在您的管理范围" if number in exist else "查无此号"))
    return asked


def numbers_of(people: Iterable[int], audience: str) -> dict[int, str]:
    model: Any = Student if audience == Form.Audience.STUDENT else StaffMember
    rows = model.objects.filter(person__in=list(people)).order_by("pk")
    return dict(rows.values_list("person_id", "number"))
