"""A small school: the registry and personnel own the fields, a college has students, the library wants data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from yanta.hub.sharing.models import Application, Consumer, Dataset, Grant
from yanta.hub.sharing.services import applications, catalogue, grants
from yanta.hub.sharing.tests.factories import employed
from yanta.kernel.base import Actor
from yanta.kernel.testing.factories import OrgUnitFactory, PersonFactory
from yanta.masterdata.models import Student

FIELDS = ["number", "grade", "name", "department", "phone"]


@dataclass
class World:
    """Units, people and the usual steps."""

    registry: Any
    personnel: Any
    library: Any
    college: Any
    other: Any
    students: list[Student]
    registrar: Actor
    hr: Actor
    hr_head: Actor
    librarian: Actor

    def dataset(self, code: str = "students", names: list[str] | None = None, **values: Any) -> Dataset:
        """Published, with every consent."""
        made = catalogue.draft(
            actor=self.registrar, code=code, title="学生基本信息", subject="student", fields=",".join(names or FIELDS),
            meaning="在册学生", owner=self.registry, **values,
        )  # fmt: skip
        catalogue.ask(made, actor=self.registrar)
        self.consent(made)
        catalogue.publish(made, actor=self.registrar)
        made.refresh_from_db()
        return made

    def consent(self, dataset: Dataset) -> None:
        version = dataset.versions.get(state="asked")
        for asked in version.consents.filter(state="waiting"):
            catalogue.consent(asked, actor=self.hr)

    def consumer(self, unit: Any = None, **values: Any) -> Consumer:
        unit = unit or self.library
        given = {"responsible_id": self.librarian.person_id, **values}
        return Consumer.objects.create(
            code=f"c{Consumer.objects.count()}", title="门禁系统", unit=unit, **given
        )

    def application(self, dataset: Dataset, consumer: Consumer, **values: Any) -> Application:
        today = timezone.localdate()
        given = {
            "purpose": "办理借阅证", "fields": "number,name,grade", "valid_from": today,
            "valid_to": today + timedelta(days=90), "ways": "rest,file,schema,webhook", **values,
        }  # fmt: skip
        return applications.apply(actor=Actor.system("test"), dataset=dataset, consumer=consumer, **given)

    def approve(self, application: Application, **values: Any) -> None:
        """Both departments agree to everything."""
        for decision in application.decisions.filter(state="waiting", round=1):
            speaker = self.registrar if decision.unit == self.registry else self.hr
            applications.approve(decision, actor=speaker, **values)
        for decision in application.decisions.filter(state="waiting", round=2):
            applications.approve(decision, actor=self.hr_head)

    def grant(self, dataset: Dataset | None = None, consumer: Consumer | None = None, **values: Any) -> Grant:
        dataset, consumer = dataset or self.dataset(), consumer or self.consumer()
        application = self.application(dataset, consumer, **values)
        self.approve(application)
        return Grant.objects.select_related("dataset", "consumer__unit", "application").get(
            application=application
        )

    def key(self, grant: Grant) -> tuple[str, str]:
        """Key number and secret."""
        secret = grants.issue_key(grant, actor=Actor.system("test"))
        return str(grant.key_id), secret


@pytest.fixture
def world(school, college, other_college, acting) -> World:
    registry = OrgUnitFactory(parent=school, name="教务处", kind="office")
    personnel = OrgUnitFactory(parent=school, name="人事处", kind="office")
    library = OrgUnitFactory(parent=school, name="图书馆", kind="support")
    students = []
    for place in range(6):
        person = PersonFactory(name=f"学生{place}", phone=f"1390000000{place}", birth_on=date(2005, 1, 1))
        unit = college if place < 4 else other_college
        students.append(
            Student.objects.create(
                number=f"S{place}", person=person, department=unit, grade=2023 + place % 2, level="3"
            )
        )
    librarian = acting("teacher", library, person=employed(library, name="责任人"))
    return World(
        registry, personnel, library, college, other_college, students,
        acting("clerk", registry, name="教务员"), acting("clerk", personnel, name="人事员"),
        acting("head", personnel, name="人事处长"), librarian,
    )  # fmt: skip
