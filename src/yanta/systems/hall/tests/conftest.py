"""A department that designed a service, its clerk, and a student who applies."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from yanta.kernel.identity.models import Account
from yanta.kernel.people.models import Person
from yanta.kernel.testing.factories import OrgUnitFactory, PersonFactory
from yanta.systems.hall.models import Design, Version
from yanta.systems.hall.queries import designed
from yanta.systems.hall.services import handing_in
from yanta.systems.hall.views.asking import asking_for

QUESTIONS = [
    {"name": "f1", "label": "补办原因", "kind": "choice", "options": ["遗失", "损坏"], "required": True},
    {"name": "f2", "label": "遗失日期", "kind": "date", "required": True, "when": {"tests": [{"field": "f1", "op": "is", "value": "遗失"}]}},
    {"name": "f3", "label": "姓名", "kind": "text", "required": True, "element": "person.name"},
    {"name": "f4", "label": "电子邮箱", "kind": "text", "required": True, "element": "person.email"},
]  # fmt: skip


@pytest.fixture
def office(school):
    return OrgUnitFactory.create(
        parent=school, code="2020", name="后勤管理处", short_name="后勤处", kind="office"
    )


@pytest.fixture
def office_clerk(acting, office):
    return acting("clerk", office)


@pytest.fixture
def applicant(acting, college):
    return acting(
        "student", college, person=PersonFactory(home_unit=college, name="李明", email="lm@yanta.cn")
    )


def design_of(office, key="card", title="校园卡补办", questions=QUESTIONS, **more):
    design = Design.objects.create(
        key=key, title=title, area="后勤", department=office, guide="丢了就补", state="open", days=2,
        layout={"parts": [{"title": "申请", "questions": questions}]}, **more,
    )  # fmt: skip
    Version.objects.create(
        design=design, number=1, layout=design.layout, by_name="x", published_at=timezone.now()
    )
    return design


@pytest.fixture
def card(office, office_clerk):
    return design_of(office)


@pytest.fixture
def hand_in():
    """`hand_in(design, actor, f1="损坏")` as the page does it."""

    def make(design, actor, token=None, **given):
        service = designed.service_of(design)
        person = Person.objects.get(pk=actor.person_id)
        asking = asking_for(service, actor=actor, applicant=person)
        filled, sheet = asking.read(_posted(given), {})
        assert filled is not None, [one.errors for group in sheet.groups for one in group.fields]
        return handing_in.hand_in(service, filled, actor=actor, applicant=person, token=token or uuid4())

    return make


def _posted(given):
    from django.http import QueryDict

    data = QueryDict(mutable=True)
    data.update(given)
    return data


@pytest.fixture
def client_for():
    def make(actor):
        client = Client(headers={"Accept-Language": "zh-hans"})
        client.force_login(Account.objects.get(pk=actor.account_id))
        return client

    return make
