"""A registry with a seal under a standing authority, kinds of certificates, and a student."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import cycle
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from yanta.kernel.base import Actor
from yanta.kernel.testing.factories import OrgUnitFactory
from yanta.masterdata.models import Programme, Student
from yanta.sso.seals import authority
from yanta.sso.seals import services as seals
from yanta.sso.seals.models import Seal, SealRequest
from yanta.systems.certificates.models import Kind, OfficialName

SYSTEM = Actor.system("test")
TEXT = "{person.name}，{person.sex}，学号{student.number}，系我校{student.programme}专业学生，用于{purpose}。"


@pytest.fixture(scope="session")
def key_pool() -> list[rsa.RSAPrivateKey]:
    """Making RSA keys takes most of a test's time, so all tests share some."""
    return [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(5)]


@pytest.fixture(autouse=True)
def _quick_keys(key_pool: list[rsa.RSAPrivateKey], monkeypatch: pytest.MonkeyPatch) -> None:
    keys: Iterator[rsa.RSAPrivateKey] = cycle(key_pool)

    def new_key(algorithm: str) -> Any:
        return next(keys) if algorithm == "rsa" else ec.generate_private_key(ec.SECP256R1())

    monkeypatch.setattr(authority, "_new_key", new_key)


@pytest.fixture
def office(school: Any) -> Any:
    return OrgUnitFactory.create(parent=school, code="0900", name="教务处", kind="office")


@pytest.fixture
def registry(acting: Any, office: Any) -> Actor:
    """The clerk of the owning department, whose reach is the school."""
    return acting("clerk", office, name="何教务")


@pytest.fixture
def standing(clock: Any, office: Any, registry: Actor) -> SealRequest:
    """An authority to press the registry's seal a hundred times."""
    seal = Seal.objects.create(
        name="雁塔大学教务处", foot="学籍专用章", kind=Seal.Kind.SPECIAL, org_unit=office, keeper_id=registry.person_id,
        valid_from=date(2026, 1, 1), reason="自助证明",
    )  # fmt: skip
    seals.approve(seal, actor=SYSTEM)
    seals.put_in_use(seal, actor=SYSTEM)
    request = seals.authorise(
        actor=SYSTEM, seal=seal, title="自助证明", purpose="即时开具", quota=100, valid_to=date(2026, 12, 31)
    )
    seals.endorse(request, actor=SYSTEM)
    seals.press(request, actor=SYSTEM)
    request.refresh_from_db()
    return request


@pytest.fixture
def kind(standing: SealRequest, office: Any) -> Kind:
    return Kind.objects.create(
        code="ZD", name="在读证明", unit=office, audience="studying", title="在读证明", body=TEXT, closing="雁塔大学教务处", most=3,
        authority=standing.number,
    )  # fmt: skip


@pytest.fixture
def english(standing: SealRequest, office: Any) -> Kind:
    return Kind.objects.create(
        code="ZDE", name="在读证明（英文）", language="en", unit=office, audience="studying", title="Certificate of Enrolment",
        body="{person.name} studies {student.programme} since {student.enrolled_on}.", closing="Registry", authority=standing.number,
    )  # fmt: skip


@pytest.fixture
def named(office: Any) -> OfficialName:
    return OfficialName.objects.create(chinese="软件工程", english="Software Engineering", unit=office)


@pytest.fixture
def holder(acting: Any, college: Any) -> Actor:
    """张三, who studies software engineering."""
    return acting("student", college, name="欧阳晓明")


@pytest.fixture
def student(holder: Actor, college: Any) -> Student:
    programme = Programme.objects.create(
        code="P1", catalogue_code="080902", name="软件工程", department=college, level="3"
    )
    row = Student.objects.create(
        number="2025000001", person_id=holder.person_id, department=college, programme=programme, grade=2025, level="3",
        enrolled_on=date(2025, 9, 1),
    )  # fmt: skip
    row.person.sex = "1"
    row.person.save()
    return row
