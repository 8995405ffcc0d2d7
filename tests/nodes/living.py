"""Steps of the live chain: a legacy database followed by its log, its rows shared to a department of the school."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

PIPELINE, TABLE, DATASET, LEFT = "legacy-students", "XSXX", "enrolled", "03"
STUDYING = json.dumps({"field": "status", "is": "in", "value": ["01", "02"]})


def connect(port: int) -> dict[str, Any]:
    """The legacy database as a connection, its table as a captured pipeline; the first run takes the snapshot."""
    from yanta.hub.exchange import services as exchange
    from yanta.hub.exchange.models import Connection
    from yanta.hub.pipelines.documents import Document, Pair
    from yanta.hub.pipelines.models import Pipeline, Version
    from yanta.hub.pipelines.services import pipelines
    from yanta.kernel.base import Actor
    from yanta.kernel.organisation.models import OrgUnit

    actor, registry = Actor.system("test"), OrgUnit.objects.get(code="0000")
    link = Connection.objects.create(
        code="legacy", title="老教务系统", kind="mysql", address="127.0.0.1", port=port, database="legacy", account="root",
        owner=registry,
    )  # fmt: skip
    exchange.register_table(link, actor=actor, table=TABLE, title="学生信息")
    pipeline = Pipeline.objects.create(
        code=PIPELINE, title="老教务学生", connection=link.code, table=TABLE, subject="student", owner=registry,
        mode=Pipeline.Mode.CAPTURE,
    )  # fmt: skip
    document = Document(
        "number", (Pair("number", "XH"), Pair("grade", "NJ")), creates=False, absent="mark", mark_field="status",
        mark_value=LEFT,
    )  # fmt: skip
    version = Version.objects.create(pipeline=pipeline, number=1, document=document.as_json(), author="测试")
    pipelines.publish_draft(version, actor=actor, note="首次接入")
    return follow()


def follow() -> dict[str, Any]:
    """One run of the pipeline; answers its account."""
    from yanta.hub.pipelines.models import Pipeline
    from yanta.hub.pipelines.running.carrying import Wish
    from yanta.hub.pipelines.services import runs
    from yanta.kernel.base import Actor

    pipeline = Pipeline.objects.get(code=PIPELINE)
    run = runs.carry_out(pipeline, actor=Actor.system("test"), wish=Wish("scheduled"))
    return dict(run.counts)


def share(address: str) -> dict[str, str]:
    """Students of the school as a dataset; a college uses it: read-only database and pushes. Two belong to another."""
    from django.utils import timezone

    from yanta.hub.sharing.models import Consumer, Grant
    from yanta.hub.sharing.services import applications, catalogue, deliveries, grants
    from yanta.kernel.base import Actor
    from yanta.kernel.organisation.models import OrgUnit
    from yanta.kernel.people.models import Person
    from yanta.kernel.testing.factories import OrgUnitFactory
    from yanta.masterdata.models import StaffMember, Student

    actor, today = Actor.system("test"), timezone.localdate()
    school, college = OrgUnit.objects.get(code="0000"), OrgUnit.objects.get(code="0300")
    other = OrgUnitFactory(parent=school, code="0301", name="外国语学院")
    last = Student.objects.order_by("-number").values_list("pk", flat=True)[:2]
    Student.objects.filter(pk__in=list(last)).update(department=other)
    dataset = catalogue.draft(
        actor=actor, code=DATASET, title="在校学生", subject="student", fields="number,grade,name,status", owner=school,
        meaning="学籍状态为在读或休学的学生", condition=STUDYING,
    )  # fmt: skip
    catalogue.ask(dataset, actor=actor)
    dataset.refresh_from_db()
    catalogue.publish(dataset, actor=actor)
    keeper = Person.objects.create(number="Z000001", name="住宿管理员", home_unit=college)
    StaffMember.objects.create(number="Z0001", person=keeper, department=college)
    consumer = Consumer.objects.create(
        code="beds", title="学院住宿系统", unit=college, responsible=keeper, networks="127.0.0.1"
    )
    application = applications.apply(
        actor=actor, dataset=dataset, consumer=consumer, purpose="安排床位", fields="number,grade",
        valid_from=today, valid_to=today + timedelta(days=90), ways="schema,webhook",
    )  # fmt: skip
    for decision in application.decisions.filter(state="waiting"):
        applications.approve(decision, actor=actor)
    grant = Grant.objects.get(application=application)
    secret = grants.issue_key(grant, actor=actor)
    deliveries.subscribe(grant, actor=actor, address=address)
    return {**deliveries.open_schema(grant, actor=actor), "secret": secret}


def live() -> None:
    """What the worker's clock does, without its pauses: run the pipeline, tell the consumers, send upward."""
    from django.utils import timezone

    from yanta.hub.nodes import pushing as upward
    from yanta.hub.sharing.delivery import pushing

    upward.LOOK_EVERY = timedelta(0)
    while True:
        follow()
        pushing.follow_all()
        upward.push_due(at=timezone.now())
        time.sleep(0.2)


STEPS: dict[str, Callable[..., Any]] = {"connect": connect, "share": share}
