"""An agreement between two schools of the demo province, step by step in the process of either."""

from __future__ import annotations

from datetime import timedelta
from typing import Any


def offer(facts: dict[str, Any]) -> str:
    """The registry of the giving school publishes a dataset; the partner is let in."""
    from yanta.hub.nodes import services as nodes
    from yanta.hub.sharing.services import catalogue
    from yanta.kernel.base import Actor
    from yanta.kernel.organisation.models import OrgUnit
    from yanta.masterdata.models import Student

    actor = Actor.system("demo")
    nodes.introduce(actor=actor, code=facts["partner"])
    newest = Student.objects.order_by("-grade").values_list("grade", flat=True)[0]
    dataset = catalogue.draft(
        actor=actor, code=facts["dataset"], title=facts["title"], subject="student", fields=facts["fields"],
        meaning="本年级参加校际联合培养的学生，以学籍为准", owner=OrgUnit.objects.get(name="教务处"),
        condition=f'{{"field": "grade", "is": "eq", "value": {newest}}}',
    )  # fmt: skip
    catalogue.ask(dataset, actor=actor)
    for version in dataset.versions.all():
        for consent in version.consents.filter(state="waiting"):
            catalogue.consent(consent, actor=actor)
    dataset.refresh_from_db()
    catalogue.publish(dataset, actor=actor)
    return ""


def propose(facts: dict[str, Any]) -> str:
    """The other school's library asks for it; answers the agreement's number."""
    from django.utils import timezone

    from yanta.hub.nodes import services as nodes
    from yanta.hub.sharing.models import Agreement
    from yanta.hub.sharing.services import agreements
    from yanta.kernel.base import Actor, Refused
    from yanta.kernel.organisation.models import OrgUnit

    actor, today = Actor.system("demo"), timezone.localdate()
    nodes.introduce(actor=actor, code=facts["partner"])
    made = agreements.propose(
        actor=actor, node=facts["partner"], dataset=facts["dataset"], title=facts["title"], subject="student",
        fields=facts["fields"], purpose="联合培养学生在本校借阅、门禁与校园卡开通，毕业后删除",
        unit=OrgUnit.objects.get(name="教务处"), valid_from=today, valid_to=today + timedelta(days=180),
        rows_per_day=20_000,
    )  # fmt: skip
    made = Agreement.objects.get(pk=made.pk)
    if made.owed or made.state != "proposed":
        raise Refused(made.trouble or made.reason)
    return made.number


def agree(facts: dict[str, Any]) -> str:
    """Its departments agree, its leader signs."""
    from yanta.hub.sharing.models import Agreement, Decision
    from yanta.hub.sharing.services import agreements, applications
    from yanta.kernel.base import Actor

    actor, one = Actor.system("demo"), Agreement.objects.get(number=facts["number"])
    for decision in Decision.objects.filter(application=one.application, state="waiting"):
        applications.approve(decision, actor=actor, opinion="同意，限本协议用途")
    one.refresh_from_db()
    agreements.sign(one, actor=actor)
    return ""


def take(facts: dict[str, Any]) -> str:
    """The asking school signs too and reads for the first time."""
    from django.utils import timezone

    from yanta.hub.sharing.agreements import landing, talking
    from yanta.hub.sharing.models import Agreement
    from yanta.hub.sharing.services import agreements
    from yanta.kernel.base import Actor

    actor, one = Actor.system("demo"), Agreement.objects.get(number=facts["number"])
    talking.settle(one.pk)
    one.refresh_from_db()
    agreements.sign(one, actor=actor)
    one.refresh_from_db()
    agreements.connect(one, actor=actor)
    rows = sum(len(page) for page in landing.pages(one))
    Agreement.objects.filter(pk=one.pk).update(read_at=timezone.now(), rows_read=rows)
    return f"{one.get_state_display()}，首次取数 {rows} 行"


STEPS = {"offer": offer, "propose": propose, "agree": agree, "take": take}
