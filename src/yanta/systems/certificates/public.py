"""What other systems may ask of certificates."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from yanta.systems.certificates.models import Certificate


@dataclass(frozen=True, slots=True)
class Issued:
    """One certificate as it was issued."""

    id: int
    person_id: int
    kind: str
    number: str
    purpose: str
    issued_on: date
    state: str
    file_id: int | None


def issued_to(person_ids: Collection[int]) -> list[Issued]:
    """Every certificate that was ever sealed for these people, the oldest first."""
    rows = Certificate.objects.filter(person__in=person_ids, state__in=Certificate.SEALED).select_related(
        "kind"
    )
    return [
        Issued(
            one.pk, one.person_id, one.kind.name, one.number or "", one.purpose,
            timezone.localdate(one.issued_at) if one.issued_at else timezone.localdate(one.created_at),
            one.get_state_display(), one.file_id,
        )
        for one in rows.order_by("pk")
    ]  # fmt: skip
