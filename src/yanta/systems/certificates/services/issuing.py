"""From the wish to the sealed paper."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.elements import Known
from yanta.kernel.events import publish
from yanta.kernel.operation import Label, operation
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import StaffMember, Student
from yanta.sso.seals import public as seals
from yanta.systems.certificates import events
from yanta.systems.certificates.adapters import typesetting
from yanta.systems.certificates.models import Batch, Certificate, Kind
from yanta.systems.certificates.queries import filling
from yanta.systems.certificates.rules import limits

State = Certificate.State
HOLDERS = ("student", "teacher", "counsellor", "clerk", "head", "leader", "alumnus", "retiree")
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
PURPOSES = ("升学", "求职", "签证", "贷款", "落户", "交通卡优惠", "其他")


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind as one person meets it: available, or why not."""

    kind: Kind
    refusal: str | None


def kinds_for(person_id: int | None, *, on: date) -> list[Choice]:
    """Every kind meant for people like this one; those that lack something say what."""
    if person_id is None:
        return []
    found = [Choice(kind, _refusal(kind, person_id, on=on)) for kind in Kind.objects.select_related("unit")]
    # A student needs not be told that salaries are certified to staff.
    return [one for one in found if one.refusal is None or not _is_foreign(one, person_id, on=on)]


def _is_foreign(choice: Choice, person_id: int, *, on: date) -> bool:
    state, _ = _state_of(choice.kind, filling.filled_for(choice.kind, [person_id], on=on)[person_id].values)
    return not limits.may_have(choice.kind.audience, state)


def _state_of(kind: Kind, values: object) -> tuple[str, str]:
    found = values.get(limits.WATCHED[kind.audience]) if isinstance(values, dict) else None
    return (str(found.value), found.shown) if isinstance(found, Known) else ("", "")


def _refusal(kind: Kind, person_id: int, *, on: date, filled: filling.Filled | None = None) -> str | None:
    filled = filled or filling.filled_for(kind, [person_id], on=on)[person_id]
    state, name = _state_of(kind, filled.values)
    taken = Certificate.objects.filter(kind=kind, person=person_id).exclude(
        state__in=(State.REFUSED, State.WITHDRAWN)
    )
    days = [timezone.localdate(at) for at in taken.values_list("created_at", flat=True)]
    terms = limits.Terms(kind.name, kind.audience, kind.most, kind.period_days, kind.is_open, kind.closed_for)
    return limits.refusal_reason(terms, state=state, state_name=name, issued_on=days, on=on) or filled.refusal


def ask_named(code: str, *, actor: Actor, purpose: str) -> Certificate:
    """`ask` by the kind's code."""
    kind = Kind.objects.filter(code=code).first()
    if kind is None:
        raise Refused("没有这种证明", field="kind")
    return ask(actor=actor, kind=kind.code, purpose=purpose)


@operation("开具证明", model=Certificate, icon="certificate", roles=HOLDERS, bulk=False)
def ask(
    *,
    actor: Actor,
    kind: Annotated[str, Label("证明种类", "代号，如 ZD")],
    purpose: Annotated[str, Label("用途")],
) -> Certificate:
    """One's own certificate: at once where the kind needs no approval, else it waits for it."""
    if actor.person_id is None:
        raise Refused("证明只开给本人，这个账号不是人员账号")
    found = _held(kind)
    certificate = _asked(found, actor.person_id, purpose, on=timezone.localdate())
    if found.needs_approval:
        publish(events.CertificateAsked(certificate_id=certificate.pk))
        return certificate
    return issue(certificate, actor=actor)


def _held(code: str) -> Kind:
    """The kind, locked: numbers follow each other, and nobody gets one more than the limit."""
    rows = Kind.objects.select_for_update(of=("self",), no_key=True).select_related("unit")
    found = rows.filter(code=code).first()
    if found is None:
        raise Refused("没有这种证明", field="kind")
    return found


def _asked(kind: Kind, person_id: int, purpose: str, *, on: date, batch: Batch | None = None) -> Certificate:
    purpose = purpose.strip()
    if not 0 < len(purpose) <= 100:
        raise Refused("请写明用途，100 字以内", field="purpose")
    if kind.is_english and not purpose.isascii() and "{purpose}" in kind.body:
        raise Refused("英文证明上要印用途，请用英文填写", field="purpose")
    refusal = _refusal(kind, person_id, on=on)
    if refusal:
        raise Refused(refusal, rule="certificates.limits")
    return Certificate.objects.create(
        kind=kind, person_id=person_id, unit=unit_of(person_id) or kind.unit, purpose=purpose, batch=batch
    )


def unit_of(person_id: int) -> OrgUnit | None:
    """Whose clerks see it: the unit of the enrolment or employment that runs, else of the last one."""
    for model in (StaffMember, Student):
        row = (
            model.objects.filter(person=person_id)
            .select_related("department")
            .order_by("left_on", "-pk")
            .last()
        )
        if row is not None:
            unit: OrgUnit = row.department
            return unit
    return None


def hand_out(
    kind: Kind, person_id: int, *, purpose: str, actor: Actor, batch: Batch | None = None
) -> Certificate:
    """One of many: asked and issued in a transaction of its own, by whoever may issue for others."""
    with transaction.atomic():
        held = _held(kind.code)
        certificate = _asked(held, person_id, purpose, on=timezone.localdate(), batch=batch)
        return issue(certificate, actor=actor)


def issue(certificate: Certificate, *, actor: Actor) -> Certificate:
    """Number, paper, seal. The kind must be held by the caller."""
    kind, now = certificate.kind, timezone.now()
    on = timezone.localdate(now)
    filled = filling.filled_for(kind, [certificate.person_id], on=on)[certificate.person_id]
    if filled.refusal:
        raise Refused(filled.refusal, rule="certificates.facts")
    certificate.number = _next_number(kind, on.year)
    certificate.code = "".join(secrets.choice(CODE_LETTERS) for _ in range(6))
    certificate.valid_to = limits.valid_to(on, kind.valid_days)
    paper = filling.paper_of(kind, filled, own_of(certificate, on))
    sealed = seals.seal_document(
        typesetting.pdf_of(paper), authority=kind.authority, title=f"{kind.name} {certificate.number}", actor=actor,
        places=typesetting.SEAL_PLACE, person_id=certificate.person_id,
    )  # fmt: skip
    certificate.document, certificate.file_id = sealed.number.replace("-", ""), sealed.file_id
    certificate.facts, certificate.issued_at = filling.evidence_of(filled), now
    certificate.state, certificate.decided_by = (
        State.ISSUED,
        "即时开具" if not kind.needs_approval else actor.signature,
    )
    certificate.save()
    if kind.replaces:
        _supersede(certificate)
    publish(events.CertificateIssued(certificate_id=certificate.pk, person_id=certificate.person_id))
    return certificate


def own_of(certificate: Certificate, on: date) -> filling.Own:
    root = OrgUnit.objects.filter(depth=1).first()
    return filling.Own(
        certificate.purpose, certificate.number or "", certificate.code, on, certificate.valid_to,
        (root.english_name or root.name if certificate.kind.is_english else root.name) if root else "",
        f"{settings.SITE_ADDRESS}/verify/",
    )  # fmt: skip


def _next_number(kind: Kind, year: int) -> str:
    start = f"{kind.code}{year}"
    last = Certificate.objects.filter(kind=kind, number__startswith=start).order_by("-number").values_list("number", flat=True).first()  # fmt: skip
    return limits.number_of(kind.code, year, limits.serial_after(last))


def _supersede(certificate: Certificate) -> None:
    before = Certificate.objects.filter(
        kind=certificate.kind_id, person=certificate.person_id, state=State.ISSUED
    )
    before.exclude(pk=certificate.pk).update(state=State.SUPERSEDED, ended_at=timezone.now())


@operation("通过", icon="check", roles=("owner", "head"), when=lambda one: one.state == State.ASKED)
def approve(
    certificate: Certificate, *, actor: Actor, opinion: Annotated[str, Label("意见")] = "情况属实"
) -> None:
    """The issuing unit has looked at it; it is sealed now."""
    if certificate.state != State.ASKED:
        raise Refused(f"这份证明{certificate.get_state_display()}，不在审核环节")
    if not actor.is_system and certificate.person_id == actor.person_id:
        raise Refused("不能审核自己的证明")
    certificate.kind = _held(certificate.kind.code)
    certificate.opinion = opinion
    issue(certificate, actor=actor)


@operation(
    "不通过", icon="x", danger=True, roles=("owner", "head"), when=lambda one: one.state == State.ASKED
)
def refuse(certificate: Certificate, *, actor: Actor, opinion: Annotated[str, Label("原因")]) -> None:
    """With a reason that the person reads."""
    if certificate.state != State.ASKED:
        raise Refused(f"这份证明{certificate.get_state_display()}，不在审核环节")
    certificate.state, certificate.opinion, certificate.decided_by = State.REFUSED, opinion, actor.signature
    certificate.save(update_fields=["state", "opinion", "decided_by", "updated_at"])
    publish(events.CertificateRefused(certificate_id=certificate.pk, person_id=certificate.person_id))


@operation(
    "取消申请", icon="arrow-back-up", bulk=False, roles=HOLDERS, when=lambda one: one.state == State.ASKED
)
def withdraw(certificate: Certificate, *, actor: Actor) -> None:
    """The person needs it no more."""
    if certificate.state != State.ASKED:
        raise Refused("已经开具的证明不能取消，可以不再使用")
    if not actor.is_system and certificate.person_id != actor.person_id:
        raise Refused("只有本人可以取消")
    certificate.state = State.WITHDRAWN
    certificate.save(update_fields=["state", "updated_at"])


def people_named(ids: Collection[int]) -> dict[int, str]:
    """For receipts."""
    from yanta.kernel.people.models import Person

    return dict(Person.objects.filter(pk__in=ids).values_list("pk", "name"))
