"""A student of the college with a file, made by the same steps as in a school."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from yanta.kernel.base import Actor
from yanta.kernel.testing.factories import OrgUnitFactory
from yanta.masterdata.models import Programme, StaffMember, Student
from yanta.systems.dossiers import services
from yanta.systems.dossiers.models import Dossier


@pytest.fixture
def holder(acting: Any, college: Any) -> Actor:
    return acting("student", college, name="张三")


@pytest.fixture
def student(clock: Any, holder: Actor, college: Any) -> Student:
    programme = Programme.objects.create(
        code="P1", catalogue_code="080902", name="软件工程", department=college, level="3"
    )
    return Student.objects.create(
        number="2025000001", person_id=holder.person_id, department=college, programme=programme, grade=2025, level="3",
        enrolled_on=date(2025, 9, 1),
    )  # fmt: skip


@pytest.fixture
def dossier(student: Student) -> Dossier:
    services.collect([student.person_id])
    return Dossier.objects.get()


@pytest.fixture
def personnel(school: Any) -> Any:
    return OrgUnitFactory.create(parent=school, code="0800", name="人事处", kind="office")


@pytest.fixture
def teacher(clock: Any, acting: Any, college: Any, personnel: Any) -> Actor:
    actor = acting("teacher", college, name="王老师")
    StaffMember.objects.create(
        number="T00001",
        person_id=actor.person_id,
        department=college,
        entered_on=date(2015, 7, 1),
        title="013",
    )
    return actor
