"""The rows of one demo school of the province, with the faults that a province finds, and the province's own people."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Sum

from yanta.config.demo import accounts, crowd, school
from yanta.config.demo.names import People, check_letter
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.codes import service as codes
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person
from yanta.kernel.people.services import new_person_numbers
from yanta.masterdata.models import Building, Student
from yanta.systems.equipment import demo as equipment

# The same few people turn up in every school of the demo province.
SHARED = 3
METRES_A_STUDENT = 36
PROVINCE_STAFF = (
    ("engineer", "信息中心工程师", "engineer"),
    ("leader", "分管领导", "leader"),
    ("auditor", "审计员", "auditor"),
)


@transaction.atomic
def fill_school(name: str, *, students: int, seed: int, today: date) -> dict[str, int]:
    """A school of this name: units, places, programmes, staff, classes, students, accounts."""
    made, people = school.School(), crowd.Crowd()
    draw = People(seed, [code for code, _ in codes.choices("GBT2260_XZQH") if not code.endswith("00")])
    grades = [today.year - back - (0 if today.month >= 8 else 1) for back in (3, 2, 1, 0)]
    school.build_units(made)
    OrgUnit.objects.filter(code="10000").update(name=name, short_name=name[:4])
    school.build_places(made, draw, scale=0.2)
    _fit_buildings(students)
    school.build_programmes(made)
    crowd.build_staff(made, people, draw, count=max(students // 8, 90))
    crowd.build_classes(made, people, grades=grades, students=students)
    crowd.build_students(made, people, draw, count=students)
    accounts.build_accounts(made, people)
    equipment.fill(today)
    _spoil(seed)
    return {"students": students, "staff": len(people.staff)}


def _fit_buildings(students: int) -> None:
    """As much floor as a school of this size has."""
    total = Building.objects.aggregate(total=Sum("area"))["total"] or 1
    for one in Building.objects.all():
        one.area = round(one.area * students * METRES_A_STUDENT / total)
        one.save()


def _spoil(seed: int) -> None:
    """What happens in every school: numbers mistyped, forgotten, taken over from the last school."""
    rows = list(Student.objects.select_related("person").order_by("pk")[: SHARED + 12 : 1])
    for place, row in enumerate(rows[:SHARED]):
        _renumber(
            row.person, shared_number(place), sex="1" if place % 2 else "2", born=date(2005, 3, 1 + place)
        )
    for row in rows[SHARED : SHARED + 3]:
        row.person.id_number = None
        row.person.save()
    for row in rows[SHARED + 3 : SHARED + 6]:
        number = row.person.id_number or ""
        row.person.id_number = number[:-1] + ("1" if number[-1] != "1" else "2")
        row.person.save()
    for row in rows[SHARED + 6 : SHARED + 8 + seed % 3]:
        row.person.sex = "1" if row.person.sex == "2" else "2"
        row.person.save()


def shared_number(place: int) -> str:
    """The identity number of somebody who is enrolled wherever one looks."""
    body = f"6101132005030{1 + place}{10 + place:02d}{1 if place % 2 else 2}"
    return body + check_letter(body)


def _renumber(person: Person, number: str, *, sex: str, born: date) -> None:
    person.id_number, person.sex, person.birth_on = number, sex, born
    person.save()


@transaction.atomic
def fill_province(name: str, *, today: date) -> None:
    """An authority with an information centre and those who may look."""
    root = OrgUnit.add_root(code="10000", name=name, short_name=name[:4], kind=OrgUnit.Kind.SCHOOL)
    centre: Any = OrgUnit.objects.get(pk=root.pk).add_child(
        code="20100", name="信息中心", short_name="信息中心", kind=OrgUnit.Kind.OFFICE
    )
    password = make_password(accounts.PASSWORD)
    for number, (username, title, role) in zip(new_person_numbers(3), PROVINCE_STAFF, strict=True):
        person = Person.objects.create(number=number, name=title, home_unit=centre)
        account = Account.objects.create(
            username=username, person=person, name=title, state=Account.State.ACTIVE, password=password
        )
        RoleGrant.objects.create(account=account, role=role, reason=f"因任{title}", valid_from=today)
