"""Reads of quality that span tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from yanta.hub.quality import checks, judging, rules
from yanta.hub.quality.models import Exemption, FailingRow, Order, Result, Rule, Score, Severity
from yanta.hub.subjects import Subject
from yanta.kernel.base import Actor
from yanta.kernel.codes import queries as codes

TREND_DAYS = 120
GRAVITY = {severity: place for place, severity in enumerate(Severity.values)}


@dataclass(frozen=True, slots=True)
class Place:
    """A department in the league: its mark, the change since a month ago, its subjects."""

    unit_id: int
    name: str
    value: Decimal
    change: Decimal | None
    checked: int
    failed: int
    orders: int
    overdue: int

    @property
    def grade(self) -> str:
        return rules.grade(self.value)


def latest_day() -> date | None:
    return Score.objects.order_by("-on").values_list("on", flat=True).first()


def trend(
    *, unit: int | None = None, subject: str = "", until: date | None = None
) -> list[tuple[date, Decimal]]:
    """(day, mark), oldest first."""
    found = Score.objects.filter(unit=unit, subject=subject)
    if until is not None:
        found = found.filter(on__gt=until - timedelta(days=TREND_DAYS))
    return list(found.order_by("on").values_list("on", "value"))


def league(on: date, actor: Actor, subject: str = "") -> list[Place]:
    """The departments that the actor sees, best first."""
    before = _values(_day_before(on - timedelta(days=30)), subject)
    orders = _order_counts()
    found = Score.objects.visible_to(actor, "quality.score.view").filter(
        on=on, subject=subject, unit__isnull=False, unit__valid_to=None
    )
    places = [
        Place(
            one.unit_id, one.unit.name, one.value, one.value - before[one.unit_id] if one.unit_id in before else None,
            one.checked, one.failed, *orders.get(one.unit_id, (0, 0)),
        )
        for one in found.select_related("unit")
    ]  # fmt: skip
    return sorted(places, key=lambda place: (-place.value, place.name))


def _day_before(on: date) -> date | None:
    return Score.objects.filter(on__lte=on).order_by("-on").values_list("on", flat=True).first()


def _values(on: date | None, subject: str) -> dict[int, Decimal]:
    if on is None:
        return {}
    found = Score.objects.filter(on=on, subject=subject, unit__isnull=False)
    return dict(found.values_list("unit", "value"))


def _order_counts() -> dict[int, tuple[int, int]]:
    live = Order.objects.filter(state__in=Order.LIVE).order_by().values("unit")
    counted = live.annotate(n=Count("pk"), late=Count("pk", filter=Q(is_overdue=True)))
    return {row["unit"]: (row["n"], row["late"]) for row in counted}


def subject_marks(on: date, unit: int | None = None) -> list[Score]:
    """The mark of each subject on a day, worst first."""
    found = Score.objects.filter(on=on, unit=unit).exclude(subject="")
    return sorted(found, key=lambda one: one.value)


def dimension_shares(on: date) -> list[tuple[str, int, int]]:
    """(dimension, rows checked, rows failing) by the latest whole result of each rule."""
    rows = Rule.objects.filter(is_enabled=True, standing__result__isnull=False).order_by().values("dimension")
    sums = {
        row["dimension"]: (row["checked"], row["failed"])
        for row in rows.annotate(
            checked=Sum("standing__result__checked"), failed=Sum("standing__result__failed")
        )
    }
    return [(text, *sums[key.value]) for key, text in checks.DIMENSIONS.items() if key.value in sums]


def worst_rules(number: int = 8) -> list[Result]:
    """The latest whole results with failing rows, gravest first."""
    found = Result.objects.filter(rule__standing__result=F("pk"), rule__is_enabled=True, failed__gt=0)
    return sorted(
        found.select_related("rule__owner"), key=lambda one: (GRAVITY[one.rule.severity], -one.failed)
    )[:number]


def readable_rules(actor: Actor) -> QuerySet[Rule]:
    """Those in the reader's scope, and whosever they are those whose failing rows the reader has to put right."""
    rows = FailingRow.objects.visible_to(actor).values("rule")
    found = Q(pk__in=Rule.objects.visible_to(actor).values("pk")) | Q(pk__in=rows)
    return Rule.objects.filter(found) if actor.may("quality.rule.view") else Rule.objects.none()


def results_of(rule: Rule, *, most: int = 60) -> list[Result]:
    """The rule's whole results, oldest first, for its trend."""
    found = (
        rule.results.filter(error="", inspection__mode="full")
        .select_related("inspection")
        .order_by("-at", "-pk")
    )
    return list(found[:most])[::-1]


def states_of(fields: set[str]) -> dict[str, tuple[int, int, str]]:
    """`subject.field` → (rules, failing rows, gravest severity that fails)."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    rows = Rule.objects.filter(is_enabled=True, subject__in={key.partition(".")[0] for key in fields})
    for subject, names, severity, failed in rows.values_list(
        "subject", "fields", "severity", "standing__result__failed"
    ):
        for name in names:
            if f"{subject}.{name}" in fields:
                found[f"{subject}.{name}"].append((failed or 0, severity))
    return {key: _state(parts) for key, parts in found.items()}


def _state(parts: Sequence[tuple[int, str]]) -> tuple[int, int, str]:
    broken = [severity for failed, severity in parts if failed]
    return len(parts), sum(failed for failed, _ in parts), min(broken, key=GRAVITY.__getitem__, default="")


@dataclass
class Preview:
    """What a rule would find now, before it is kept."""

    sentence: str
    checked: int = 0
    failed: int = 0
    seconds: float = 0.0
    error: str = ""
    units: list[tuple[str, int, int]] = field(default_factory=list)
    rows: list[judging.Shown] = field(default_factory=list)

    @property
    def share(self) -> float:
        return 100 * self.failed / self.checked if self.checked else 0.0


def preview(spec: checks.Spec, actor: Actor, *, now: datetime, most: int = 12) -> Preview:
    """Carried out over the whole school; the rows shown are those that the actor may see."""
    ((_, verdict, shown),) = _once(spec, now, actor, most)
    found = Preview(checks.sentence(spec), verdict.checked, verdict.failed, verdict.seconds, verdict.error)
    names = dict(_unit_names(verdict.units))
    units = [(names.get(path, "（归口部门）"), *counts) for path, counts in verdict.units.items()]
    found.units = sorted(units, key=lambda one: -one[2])[:6]
    found.rows = shown
    return found


def _once(
    spec: checks.Spec, now: datetime, actor: Actor, most: int
) -> list[tuple[Any, judging.Verdict, list[judging.Shown]]]:
    asked = [judging.Asked(0, spec)]
    return [
        (one, verdict, shown(visible_rows(spec.subject, list(verdict.failing)[:2000], actor)[:most]))
        for one, verdict, shown in judging.judge(asked, now=now)
    ]


def visible_rows(subject: Subject, ids: Sequence[int], actor: Actor) -> list[int]:
    """Those ids whose rows the actor may see."""
    if not ids:
        return []
    return list(subject.rows(actor).filter(pk__in=ids).values_list("pk", flat=True))


def _unit_names(paths: Iterable[str]) -> Iterable[tuple[str, str]]:
    from yanta.kernel.organisation.models import OrgUnit

    return OrgUnit.objects.filter(path__in=list(paths)).values_list("path", "name")


def record_url(subject: Subject, row_id: int) -> str:
    """Where a row of the subject is shown."""
    return f"/{subject.model._meta.label_lower.replace('.', '/')}/{row_id}/"


def rows_of_order(order: Order, actor: Actor, *, most: int = 500) -> list[tuple[int, str, FailingRow | None]]:
    """(id, key, the kept sample) of what is left to do in an order, as far as the actor sees the records."""
    subject = order.rule.spec.subject
    key = "pk" if subject.key == "id" else subject.key
    seen = subject.rows(actor).filter(pk__in=order.remaining[:most]).values_list("pk", key)
    kept = {row.row_id: row for row in FailingRow.objects.filter(rule=order.rule, row_id__in=order.remaining)}
    return [(pk, str(name), kept.get(pk)) for pk, name in seen]


@dataclass(frozen=True, slots=True)
class OrderStatistics:
    """How orders go: by state, in time, how long they take."""

    live: int
    overdue: int
    closed: int
    in_time: int
    days: float | None
    exempted: int

    @property
    def in_time_share(self) -> float | None:
        return 100 * self.in_time / self.closed if self.closed else None


def order_statistics(orders: Any) -> OrderStatistics:
    """Of a queryset of orders."""
    live = orders.filter(state__in=Order.LIVE)
    closed = orders.filter(state=Order.State.CLOSED).exclude(ending=Order.Ending.WITHDRAWN)
    spans = [(end - start).days for start, end in closed.values_list("opened_on", "closed_on")]
    return OrderStatistics(
        live.count(), live.filter(is_overdue=True).count(), len(spans), closed.filter(closed_on__lte=F("due_on")).count(),
        sum(spans) / len(spans) if spans else None, Exemption.objects.filter(state=Exemption.State.GRANTED).count(),
    )  # fmt: skip


def off_standard() -> list[codes.SystemCoverage]:
    """落标率: systems by the share of coded values that are on standard, worst first."""
    return sorted(codes.coverage(), key=lambda one: (one.share, -one.filled))
