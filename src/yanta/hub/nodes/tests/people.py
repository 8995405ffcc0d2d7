"""A small school with students whose numbers are right, unless a test wants them wrong."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person
from yanta.kernel.testing.factories import OrgUnitFactory, PersonFactory
from yanta.masterdata.models import AdminClass, Programme, Student

_serials = count(1)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity_number(serial: int, born: date = date(2006, 5, 4), sex: str = "1") -> str:
    """GB 11643, with the check character."""
    body = f"610113{born:%Y%m%d}{serial % 500 * 2 % 1000 + (sex == '1'):03d}"[:17]
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


class Campus:
    def __init__(self, school: OrgUnit) -> None:
        self.college = OrgUnitFactory(parent=school, code="0300", name="计算机学院")
        self.programme = Programme.objects.create(
            code="0701", catalogue_code="080901", name="计算机科学与技术", department=self.college, level="3"
        )
        self.admin_class = AdminClass.objects.create(
            code="2024030101", name="计科2401", department=self.college, programme=self.programme, grade=2024
        )

    def person(self, **values: Any) -> Person:
        serial = next(_serials)
        facts = {
            "name": f"学生{serial}", "sex": "1", "birth_on": date(2006, 5, 4), "id_type": "1",
            "id_number": identity_number(serial), "home_unit": self.college,
        }  # fmt: skip
        return PersonFactory(**{**facts, **values})

    def student(self, number: str = "", *, person: Person | None = None, **values: Any) -> Student:
        facts = {
            "department": self.college, "programme": self.programme, "admin_class": self.admin_class, "grade": 2024,
            "level": "3", "status": "01", "enrolled_on": date(2024, 9, 1),
        }  # fmt: skip
        person = person or self.person()
        return Student.objects.create(
            number=number or f"S{next(_serials):06d}", person=person, **{**facts, **values}
        )
