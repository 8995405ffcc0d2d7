"""A small school with something to count."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from yanta.hub.warehouse.services import figures
from yanta.kernel.base import Actor
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.testing.factories import OrgUnitFactory, PersonFactory
from yanta.masterdata.models import StaffMember, Student

ON = date(2026, 11, 20)
SYSTEM = Actor.system("test")


def enrol(
    number: str, unit, *, status: str = "01", level: str = "3", sex: str = "1", grade: int = 2024
) -> Student:
    person = PersonFactory(sex=sex, phone=f"139{int(number[1:]):08d}", home_unit=unit)
    return Student.objects.create(
        number=number, person=person, department=unit, grade=grade, level=level, status=status
    )


@pytest.fixture
def populated(school, college, other_college, clock):
    """Six students of whom five study, three teachers of whom one is no longer here; the day is 2026-11-20."""
    lab = OrgUnitFactory(parent=college, code="0101", name="软件工程系", kind="section")
    enrol("S1", college, sex="1")
    enrol("S2", college, sex="2", grade=2025)
    enrol("S3", lab, level="2", sex="2")
    enrol("S4", college, status="02")
    enrol("S5", other_college, level="1")
    enrol("S6", other_college, sex="")
    for at, (unit, title, status) in enumerate(
        [(college, "011", "active"), (lab, "013", "active"), (other_college, "012", "retired")]
    ):
        StaffMember.objects.create(
            number=f"T{at}",
            person=PersonFactory(),
            department=unit,
            kind="11",
            title=title,
            status=status,
            entered_on=date(2020, 9, 1),
        )
    return {"lab": lab}


@pytest.fixture
def computed(populated):
    return figures.record(ON, actor=SYSTEM)


@pytest.fixture(autouse=True)
def _pages_tell_what_they_show(monkeypatch):
    """A page's answer carries what its template was given, as `shown`."""
    plain = PortalPage.page

    def page(self, status=200, **shown):
        answer = plain(self, status, **shown)
        answer.shown = shown
        return answer

    monkeypatch.setattr(PortalPage, "page", page)


@pytest.fixture
def client_of(db):
    """`client_of(actor)`: a browser in which this actor is signed in."""
    from yanta.kernel.identity.models import Account

    def signed_in(actor: Actor) -> Client:
        client = Client(headers={"Accept-Language": "zh-hans"})
        client.force_login(Account.objects.get(pk=actor.account_id))
        return client

    return signed_in


def close_to(value: Decimal | None, text: str) -> bool:
    return value is not None and abs(value - Decimal(text)) < Decimal("0.0001")
