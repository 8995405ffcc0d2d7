"""The form of a service, written when an application is granted: who said what, when, with which signature."""

from __future__ import annotations

from typing import Annotated

from django.db import transaction
from django.utils import timezone

from yanta.kernel import audit
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.elements import known
from yanta.kernel.documents import Filled, printing
from yanta.kernel.documents.filling import fill
from yanta.kernel.documents.values import names_in
from yanta.kernel.events import publish
from yanta.kernel.files import store
from yanta.kernel.files.models import StoredFile
from yanta.kernel.operation import Label, operation
from yanta.kernel.people.models import Person
from yanta.kernel.workflow.models import Instance
from yanta.systems.paperwork import events, rules
from yanta.systems.paperwork.models import Edition, Form, Issued
from yanta.systems.paperwork.queries import applications, opinions
from yanta.systems.paperwork.services import library, producing

KEPT = "paperwork.decided"
NOT_GRANTED = frozenset({"refused", "withdrawn", "terminated"})


@operation("对应事项", icon="link", bulk=False)
def connect(
    form: Form, *, actor: Actor, service: Annotated[str, Label("事项标识", "如 leave；留空取消")] = ""
) -> None:
    """The form is the paper of this service; what is not confirmed yet is suggested anew."""
    key = service.strip()
    if key and key not in applications.services():
        raise Refused(f"没有“{key}”这个有审批流程的事项", field="service")
    form.service = key
    form.save(update_fields=["service", "updated_at"])
    for edition in form.editions.filter(status=Edition.Status.DRAFT):
        decided = [one for one in edition.bindings if one.get("confirmed")]
        kept = {one["slot"] for one in decided}
        guesses = library.suggested(form, edition.found)
        edition.bindings = decided + [
            rules.kept_binding(one.binding, trust=one.trust)
            for key, one in guesses.items()
            if key not in kept
        ]
        edition.save(update_fields=["bindings", "updated_at"])


def issue(instance_id: int, *, actor: Actor) -> list[Issued]:
    """Every form of the service that decided this matter; nothing is written twice."""
    instance = Instance.objects.select_related("applicant").get(pk=instance_id)
    service, person = applications.service_of(instance), instance.applicant
    if not service or person is None:
        return []
    there = set(Issued.objects.filter(instance=instance).values_list("edition__form", flat=True))
    wanted = Edition.objects.filter(form__service=service, status=Edition.Status.IN_FORCE).exclude(
        form__in=there
    )
    return [
        _issued(one, instance, person, actor=actor) for one in wanted.select_related("form__owner", "file")
    ]


def written(edition: Edition, instance: Instance, person: Person) -> Filled:
    """The form with the applicant's facts, the answers of the application and what was decided.

    Sensitive values are written: the paper is the applicant's own, and those who decided are named on it.
    """
    bound = edition.bound
    names = {name for one in bound.values() for name in names_in(one)}
    facts = known([person.pk], names, on=timezone.localdate(instance.ended_at))[person.pk]
    return fill(
        producing.opened(edition), edition.found, bound, {**facts, **applications.facts_of(instance)},
        opinions=opinions.given(instance), title=f"{edition.form.title}　{person.name}",
    )  # fmt: skip


def _issued(edition: Edition, instance: Instance, person: Person, *, actor: Actor) -> Issued:
    filled = written(edition, instance, person)
    # The program that prints takes seconds: it runs before anything is held in the database.
    pdf = printing.to_pdf({"one": (filled.kind, filled.content)}).pdfs.get("one")
    with transaction.atomic():
        issued = producing.issued_row(
            edition, person, filled, made_by=actor.signature, on=timezone.localdate()
        )
        issued.instance = instance
        issued.file = _kept(edition, person, filled.content, filled.kind, actor)
        issued.printed = _kept(edition, person, pdf, "pdf", actor) if pdf is not None else None
        issued.save()
        audit.record(KEPT, actor=actor, subject=issued, summary=f"办结生成 {edition} {person.name}")
        publish(events.PaperIssued(issued_id=issued.pk, person_id=person.pk))
    return issued


def _kept(edition: Edition, person: Person, content: bytes, kind: str, actor: Actor) -> StoredFile:
    name = rules.file_name(edition.form.title, person.number, person.name, kind)
    return store(name, content, actor=actor, purpose=KEPT, allow=(kind,), owner_id=person.pk)
