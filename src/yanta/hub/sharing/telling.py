"""Messages of sharing: who hears what."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from yanta.hub.sharing import owners
from yanta.hub.sharing.models import (
    Agreement,
    Application,
    Consent,
    Dataset,
    DatasetVersion,
    Decision,
    FileDelivery,
    Grant,
    Push,
)
from yanta.kernel import notify


def _titles(dataset: Dataset, names: Iterable[str]) -> str:
    about = dataset.about
    return "、".join(about.field(name).title for name in names)


def consent_asked(consent: Consent) -> None:
    dataset = consent.version.dataset
    notify.send(
        "sharing.consent-asked", to=owners.people_of(consent.unit), link=f"/sharing/consent/{consent.pk}/",
        context={
            "dataset": dataset.title, "count": len(consent.names), "fields": _titles(dataset, consent.names),
            "note": consent.version.note,
        },
    )  # fmt: skip


def consent_decided(consent: Consent) -> None:
    dataset = consent.version.dataset
    verdict = "认可" if consent.state == Consent.State.GIVEN else "不认可"
    notify.send(
        "sharing.consent-decided", to=owners.people_of(dataset.owner), link=f"/sharing/datasets/{dataset.code}/",
        context={"unit": consent.unit.name, "verdict": verdict, "dataset": dataset.title, "opinion": consent.opinion},
    )  # fmt: skip


def users_of(dataset: Dataset) -> list[int]:
    """The persons who answer for the dataset's consumers."""
    live = dataset.grants.filter(state__in=("active", "suspended"))
    return list(live.values_list("consumer__responsible_id", flat=True).distinct())


def published(dataset: Dataset, version: DatasetVersion) -> None:
    notify.send(
        "sharing.published", to=users_of(dataset), link=f"/sharing/datasets/{dataset.code}/",
        context={"dataset": dataset.title, "number": version.number, "note": version.note},
    )  # fmt: skip


def deprecated(dataset: Dataset) -> None:
    notify.send(
        "sharing.deprecated", to=users_of(dataset), link=f"/sharing/datasets/{dataset.code}/",
        context={
            "dataset": dataset.title, "ends_on": dataset.ends_on,
            "successor": dataset.successor.title if dataset.successor else "",
        },
    )  # fmt: skip


def _of(application: Application, names: Iterable[str]) -> dict[str, str]:
    return {
        "consumer": application.consumer.title, "dataset": application.dataset.title, "purpose": application.purpose,
        "fields": _titles(application.dataset, names),
    }  # fmt: skip


def decision_asked(decision: Decision) -> None:
    application = decision.application
    notify.send(
        "sharing.decision-asked", to=owners.people_of(decision.unit),
        link=f"/sharing/applications/{application.pk}/", context=_of(application, decision.names),
    )  # fmt: skip


def second_asked(decision: Decision) -> None:
    application = decision.application
    people = owners.people_of(decision.unit, roles=("head",))
    notify.send(
        "sharing.second-asked", to=people, link=f"/sharing/applications/{application.pk}/",
        context=_of(application, decision.names),
    )  # fmt: skip


def application_decided(application: Application) -> None:
    said = application.decisions.exclude(opinion="").select_related("unit")
    people = {application.applicant_id, application.consumer.responsible_id} - {None}
    notify.send(
        "sharing.application-decided", to=[one for one in people if one is not None],
        link=f"/sharing/applications/{application.pk}/",
        context={
            "consumer": application.consumer.title, "dataset": application.dataset.title,
            "verdict": application.get_state_display(),
            "words": "；".join(f"{one.unit.name}：{one.get_state_display()}，{one.opinion}" for one in said),
        },
    )  # fmt: skip


def grant_changed(grant: Grant) -> None:
    people = {grant.consumer.responsible_id, *owners.people_of(grant.consumer.unit)}
    notify.send(
        "sharing.grant-changed", to=people, link=f"/sharing/grants/{grant.pk}/",
        context={
            "consumer": grant.consumer.title, "dataset": grant.dataset.title, "state": grant.get_state_display(),
            "reason": grant.reason,
        },
    )  # fmt: skip


def ending_soon(grant: Grant, days: int) -> int:
    return notify.send(
        "sharing.ending-soon", to=[grant.consumer.responsible_id], link=f"/sharing/grants/{grant.pk}/",
        once=f"{grant.pk}:{grant.valid_to}:{days}",
        context={
            "dataset": grant.dataset.title, "consumer": grant.consumer.title, "days": days, "valid_to": grant.valid_to,
        },
    )  # fmt: skip


def unused(grant: Grant, days: int, *, is_proposal: bool) -> int:
    """The consumer is reminded; the owner gets the proposal to end it."""
    to = owners.people_of(grant.dataset.owner) if is_proposal else [grant.consumer.responsible_id]
    since = grant.last_read_at.date() if grant.last_read_at else grant.valid_from
    return notify.send(
        "sharing.unused", to=to, link=f"/sharing/grants/{grant.pk}/", once=f"{grant.pk}:{since}:{is_proposal}",
        context={
            "dataset": grant.dataset.title, "consumer": grant.consumer.title, "days": days, "is_proposal": is_proposal,
        },
    )  # fmt: skip


def push_dead(push: Push) -> None:
    grant = push.subscription.grant
    notify.send(
        "sharing.push-dead", to=[grant.consumer.responsible_id], link=f"/sharing/grants/{grant.pk}/", once=str(push.pk),
        context={"dataset": grant.dataset.title, "error": push.error},
    )  # fmt: skip


def file_ready(delivery: FileDelivery) -> None:
    grant = delivery.grant
    until = timezone.localtime(delivery.expires_at).strftime("%m-%d %H:%M") if delivery.expires_at else ""
    notify.send(
        "sharing.file-ready", to=[grant.consumer.responsible_id], link=f"/sharing/grants/{grant.pk}/",
        once=str(delivery.pk), context={"dataset": grant.dataset.title, "until": until},
    )  # fmt: skip


def agreement_changed(one: Agreement) -> None:
    """Whoever has to do with it hears where it stands; who has to sign, that it waits for them."""
    people = set(owners.people_of(one.unit))
    waits = {("gives", "judged"), ("takes", "offered")}
    if (one.side, one.state) in waits and not (one.side == "takes" and one.own_signature):
        people |= set(owners.holders_of("leader"))
    notify.send(
        "sharing.agreement-changed", to=people, link=f"/sharing/agreements/{one.pk}/",
        context={
            "partner": one.partner, "dataset": one.title, "state": one.get_state_display(), "words": one.reason or one.notice,
        },
    )  # fmt: skip
