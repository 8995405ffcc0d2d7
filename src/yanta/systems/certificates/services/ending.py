"""Certificates that count no more: revoked by their issuer, or ended because the holder left."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.elements import known
from yanta.kernel.events import publish
from yanta.kernel.operation import operation
from yanta.sso.seals import public as seals
from yanta.systems.certificates import events
from yanta.systems.certificates.models import Certificate, Kind
from yanta.systems.certificates.rules import limits

State = Certificate.State


@operation(
    "撤销", icon="certificate-off", danger=True, roles=("owner",), when=lambda one: one.state == State.ISSUED,
    confirm="任何人验证时都会看到已撤销和原因",
)  # fmt: skip
def revoke(certificate: Certificate, *, actor: Actor, reason: str) -> None:
    """It was wrong or misused; whoever verifies it reads why."""
    if certificate.state != State.ISSUED:
        raise Refused(f"这份证明{certificate.get_state_display()}，不能撤销")
    _end(certificate, State.REVOKED, reason, by=actor.signature)


def follow(person_ids: Collection[int] | None = None, *, on: date) -> int:
    """End what these people, or everybody, can prove no more because they left; returns how many."""
    rows = Certificate.objects.filter(state=State.ISSUED, kind__ending=Kind.Ending.LEFT).exclude(
        valid_to__lt=on
    )
    if person_ids is not None:
        rows = rows.filter(person__in=person_ids)
    holders = set(rows.values_list("person_id", flat=True))
    now = known(holders, set(limits.WATCHED.values()), on=on) if holders else {}
    ended = 0
    for certificate in rows.select_related("kind").iterator(chunk_size=500):
        state = now[certificate.person_id].get(limits.WATCHED[certificate.kind.audience])
        if state is None or not limits.ends(certificate.kind.audience, str(state.value)):
            continue
        with transaction.atomic():
            _end(certificate, State.ENDED, f"持证人现在的状态是“{state.shown}”", by="系统")
        ended += 1
    return ended


def _end(certificate: Certificate, state: Certificate.State, reason: str, *, by: str) -> None:
    certificate.state, certificate.opinion = state, reason[:200]
    certificate.decided_by, certificate.ended_at = by, timezone.now()
    certificate.save(update_fields=["state", "opinion", "decided_by", "ended_at", "updated_at"])
    seals.withdraw_document(certificate.document, reason=reason)
    publish(
        events.CertificateEnded(
            certificate_id=certificate.pk, person_id=certificate.person_id, state=certificate.state
        )
    )
