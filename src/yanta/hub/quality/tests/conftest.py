"""A college's students with faults of every kind, and a rule about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from yanta.hub.quality import checks, judging
from yanta.hub.quality.models import Rule
from yanta.hub.quality.services import definitions
from yanta.hub.tests.conftest import departments  # noqa: F401 - a fixture
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.testing.factories import PersonFactory
from yanta.masterdata.models import AdminClass, Programme, Student

# 11010519491231002X is the example of GB 11643: a woman born on the last day of 1949.
GOOD, BAD_CHECK = "11010519491231002X", "110105194912310021"


@pytest.fixture
def students(college: OrgUnit, other_college: OrgUnit) -> list[Student]:
    rows = [
        (college, "2023001", "2", GOOD, "13900000000", date(1949, 12, 31), "01", date(2023, 9, 1), None),
        (college, "2023002", "1", GOOD, "", date(1949, 12, 31), "01", date(2023, 9, 1), date(2026, 7, 1)),
        (other_college, "2023003", "9", BAD_CHECK, "139-0000", None, "02", None, None),
        (other_college, "2023004", "2", None, "13900000003", date(2099, 1, 1), "", date(2023, 9, 1), None),
    ]
    made = []
    for unit, number, sex, id_number, phone, born, status, began, ended in rows:
        person = PersonFactory(
            sex=sex,
            id_number=id_number,
            id_type="1" if id_number else "",
            phone=phone,
            birth_on=born,
            home_unit=unit,
        )
        made.append(
            Student.objects.create(
                number=number, person=person, department=unit, level="3", status=status, enrolled_on=began, left_on=ended,
                grade=2023,
            )
        )  # fmt: skip
    return made


@pytest.fixture
def classes(college: OrgUnit, students: list[Student]) -> list[AdminClass]:
    """One class of two, one of nobody."""
    programme = Programme.objects.create(
        code="P1", catalogue_code="080901", name="软件工程", department=college, level="3"
    )
    made = [
        AdminClass.objects.create(
            code=f"C{n}", name=f"{n} 班", department=college, programme=programme, grade=2023
        )
        for n in (1, 2)
    ]
    Student.objects.filter(number__in=["2023001", "2023002"]).update(admin_class=made[0])
    return made


@pytest.fixture
def broken() -> Callable[..., tuple[int, set[str]]]:
    """`broken("filled", "student", "phone")`: rows checked, and the keys of those that fail."""

    def carried_out(
        template: str, subject: str, *fields: str, when: dict[str, Any] | None = None, **parameters: Any
    ) -> tuple[int, set[str]]:
        spec = checks.spec_of(template, subject, fields, parameters, when)
        checks.check(spec)
        assert checks.sentence(spec)
        ((_, verdict, keys),) = [
            (one, verdict, {row.key for row in shown(list(verdict.failing))})
            for one, verdict, shown in judging.judge([judging.Asked(1, spec)], now=timezone.now())
        ]
        assert not verdict.error
        return verdict.checked, keys

    return carried_out


@pytest.fixture
def rule_of(school: OrgUnit) -> Callable[..., Rule]:
    """A rule kept without asking anybody."""

    def made(
        template: str, subject: str, *fields: str, when: dict[str, Any] | None = None, **given: Any
    ) -> Rule:
        admin = {
            name: given.pop(name)
            for name in ("severity", "handling", "tolerance", "owner", "on_load")
            if name in given
        }
        spec = checks.spec_of(template, subject, fields, given, when)
        rule = Rule(title=f"{template} {fields}", valid_from=date(2020, 1, 1), **{"owner": school, **admin})
        definitions._write(rule, spec)
        return rule

    return made
