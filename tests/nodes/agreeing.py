"""Steps of an agreement: the province offers its shared courses, the school asks for some of them and lands them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

DATASET, LAST = "shared-courses", 12
OPEN = {"field": "is_open", "is": "eq", "value": True}


def publish() -> None:
    """A department with a clerk and a head, a dozen courses of which two are closed, a dataset of the open ones."""
    from yanta.hub.sharing.services import catalogue
    from yanta.kernel.access.models import RoleGrant
    from yanta.kernel.base import Actor
    from yanta.kernel.identity.models import Account
    from yanta.kernel.people.models import Person
    from yanta.kernel.testing.factories import OrgUnitFactory
    from yanta.masterdata.models import Course, StaffMember

    actor = Actor.system("test")
    root = OrgUnitFactory(code="6100", name="陕西省教育厅", kind="school")
    office = OrgUnitFactory(parent=root, code="6101", name="高教处", kind="office")
    clerk = Person.objects.create(number="Z000001", name="高教处经办人", home_unit=office)
    StaffMember.objects.create(number="Z0001", person=clerk, department=office)
    account = Account.objects.create(username="clerk", person=clerk, name=clerk.name, state="active")
    RoleGrant.objects.create(
        account=account, role="clerk", org_unit=office, reason="任经办人", valid_from="2020-01-01"
    )
    for turn in range(1, LAST + 1):
        Course.objects.create(
            code=f"P{turn:03}", name=f"共享课程{turn}", department=office, credits=turn % 4 + 1, hours=16 * (turn % 4 + 1),
            is_open=turn <= LAST - 2,
        )  # fmt: skip
    dataset = catalogue.draft(
        actor=actor, code=DATASET, title="省级共享课程", subject="course", fields="code,name,credits,hours,english_name",
        owner=office, meaning="全省高校可选的课程", condition=json.dumps(OPEN),
    )  # fmt: skip
    catalogue.ask(dataset, actor=actor)
    dataset.refresh_from_db()
    catalogue.publish(dataset, actor=actor)


def stranger(pem: str) -> None:
    """Another school that is known here, whose private key the test holds."""
    from django.utils import timezone

    from yanta.hub.nodes import enrolment
    from yanta.hub.nodes.models import Node, NodeKey
    from yanta.kernel.base.signatures import PublicKey

    node = Node.objects.create(
        code="4161010009", name="第三大学", level="school", relation="lower", state="active"
    )
    enrolment.pin(node, PublicKey.from_pem("ed25519", pem), NodeKey.How.ENROLMENT, at=timezone.now())


def propose(node: str) -> str:
    """What the school wants of it, told at once."""
    from django.utils import timezone

    from yanta.hub.sharing.services import agreements
    from yanta.kernel.base import Actor
    from yanta.kernel.organisation.models import OrgUnit

    today = timezone.localdate()
    made = agreements.propose(
        actor=Actor.system("test"), node=node, dataset=DATASET, title="省级共享课程", subject="course",
        fields="code,name,credits,hours", purpose="本校学生跨校选课", unit=OrgUnit.objects.get(code="0000"),
        valid_from=today, valid_to=today + timedelta(days=300),
    )  # fmt: skip
    return made.number


def decide() -> None:
    """The department gives fewer fields and fewer rows than were asked for."""
    from yanta.hub.sharing.models import Decision
    from yanta.hub.sharing.services import applications
    from yanta.kernel.base import Actor

    narrow = json.dumps({"field": "credits", "is": "ge", "value": "2"})
    for one in Decision.objects.filter(state="waiting"):
        applications.approve(
            one,
            actor=Actor.system("test"),
            fields="code,name,credits",
            condition=narrow,
            opinion="学时不对外",
        )


def sign() -> str:
    """The leader of this side; answers where it stands."""
    from yanta.hub.sharing.models import Agreement
    from yanta.hub.sharing.services import agreements
    from yanta.kernel.base import Actor

    agreements.sign(Agreement.objects.get(), actor=Actor.system("test"))
    return state()


def hear() -> str:
    """The school asks how it stands."""
    from yanta.hub.sharing.agreements import talking

    talking.settle_all()
    return state()


def state() -> str:
    from yanta.hub.sharing.models import Agreement

    return str(Agreement.objects.get().state)


def land() -> dict[str, Any]:
    """By a pipeline of the school's own, like any other source; answers the run's account or its refusal."""
    from yanta.hub.pipelines.documents import Document, Pair
    from yanta.hub.pipelines.models import Pipeline, Version
    from yanta.hub.pipelines.running.carrying import Wish
    from yanta.hub.pipelines.services import pipelines, runs
    from yanta.hub.sharing.models import Agreement
    from yanta.hub.sharing.services import agreements
    from yanta.kernel.base import Actor, Refused
    from yanta.kernel.organisation.models import OrgUnit

    actor, one = Actor.system("test"), Agreement.objects.get()
    pipeline = Pipeline.objects.filter(code="shared").first()
    if pipeline is None:
        link = agreements.connect(one, actor=actor)
        pipeline = Pipeline.objects.create(
            code="shared",
            title="省级共享课程",
            connection=link.code,
            table=DATASET,
            subject="course",
            owner=one.unit,
        )
        pairs = (
            Pair("code", "code"), Pair("name", "name"), Pair("credits", "credits"), Pair("hours", constant="0"),
            Pair("department", constant=OrgUnit.objects.get(code="0300").code),
        )  # fmt: skip
        version = Version.objects.create(
            pipeline=pipeline, number=1, document=Document("code", pairs).as_json(), author="测试"
        )
        pipelines.publish_draft(version, actor=actor, note="首次接入")
    try:
        run = runs.carry_out(pipeline, actor=actor, wish=Wish("manual"))
    except Refused as refusal:
        return {"refused": refusal.message}
    return dict(run.counts)


def read() -> dict[str, Any]:
    """A page as it comes over the wire, or the words of the refusal."""
    from yanta.hub.nodes import public as nodes
    from yanta.hub.sharing.models import Agreement
    from yanta.kernel.base import Refused

    one = Agreement.objects.get()
    try:
        return nodes.ask(one.node, "GET", f"/sharing/agreements/{one.number}/rows")
    except Refused as refusal:
        return {"refused": refusal.message}


def whence() -> list[str]:
    """What the graph of data says: where the school's connection leads."""
    from yanta.hub.sharing.lineage import agreed

    nodes, edges = agreed()
    titles = {one.key: one.title for one in nodes}
    return [f"{titles[one.source_key]} → {one.target_key}" for one in edges]


def revoke(reason: str) -> str:
    from yanta.hub.sharing.models import Agreement
    from yanta.hub.sharing.services import agreements
    from yanta.kernel.base import Actor

    agreements.end(Agreement.objects.get(), actor=Actor.system("test"), reason=reason)
    return state()


STEPS: dict[str, Callable[..., Any]] = {
    "publish": publish, "stranger": stranger, "propose": propose, "decide": decide, "sign": sign, "settle": hear,
    "land": land, "read": read, "whence": whence, "revoke": revoke, "standing": state,
}  # fmt: skip
