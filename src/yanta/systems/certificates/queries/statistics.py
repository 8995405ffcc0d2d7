"""How many certificates, of which kinds, when, how quickly, looked at how often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Avg, Count, F, Q, Sum
from django.db.models.functions import TruncMonth

from yanta.kernel.base import Actor
from yanta.systems.certificates.models import Certificate, Share

MONTHS = 12
State = Certificate.State


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures, a line by month, bars by kind."""

    issued: int
    waiting: int
    checks: int
    shares: int
    at_once: int
    months: dict[str, Any]
    kinds: dict[str, Any]
    rows: list[list[Any]]


def of(actor: Actor, *, on: date) -> Statistics:
    rows = Certificate.objects.visible_to(actor)
    sealed = rows.filter(state__in=Certificate.SEALED)
    recent = sealed.filter(issued_at__date__gt=on - timedelta(days=366))
    total = sealed.aggregate(
        n=Count("pk"), checks=Sum("checks"), quick=Count("pk", filter=Q(decided_by="即时开具"))
    )
    by_month = (
        recent.annotate(month=TruncMonth("issued_at"))
        .values("month")
        .annotate(n=Count("pk"))
        .order_by("month")
    )
    found = list(_by_kind(sealed))
    months = [(f"{one['month']:%Y-%m}", one["n"]) for one in by_month]
    return Statistics(
        total["n"], rows.filter(state=State.ASKED).count(), total["checks"] or 0,
        Share.objects.filter(certificate__in=sealed).count(), round(100 * total["quick"] / total["n"]) if total["n"] else 0,
        _chart("bar", [label for label, _ in months], [n for _, n in months]),
        _chart("bar", [one["kind__name"] for one in found], [one["n"] for one in found]),
        [[one["kind__name"], one["n"], one["good"], one["ended"], one["looked"] or 0, _hours(one["waited"])] for one in found],
    )  # fmt: skip


def _by_kind(sealed: Any) -> Any:
    return sealed.values("kind__name").annotate(
        n=Count("pk"), good=Count("pk", filter=Q(state=State.ISSUED)), ended=Count("pk", filter=Q(state__in=(State.REVOKED, State.ENDED))),
        looked=Sum("checks"), waited=Avg(F("issued_at") - F("created_at")),
    ).order_by("-n")  # fmt: skip


def _chart(kind: str, labels: list[str], values: list[int]) -> dict[str, Any]:
    return {"type": kind, "labels": labels, "series": [{"name": "份数", "values": values}], "unit": "份"}


def _hours(waited: timedelta | None) -> str:
    if waited is None:
        return "—"
    return "即时" if waited < timedelta(minutes=1) else f"{waited.total_seconds() / 3600:.1f} 小时"
