"""Figures for a page: what is kept, read in a fixed number of questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from yanta.hub.warehouse import clocks, rules
from yanta.hub.warehouse.models import Indicator, IndicatorValue
from yanta.hub.warehouse.rules import Scale
from yanta.kernel.organisation.models import OrgUnit

MONTH, YEAR = timedelta(days=30), timedelta(days=365)
TREND = timedelta(days=750)
PERIODS = {"year": ("去年同期", YEAR), "month": ("上月同期", MONTH)}


@dataclass(slots=True)
class Reading:
    """One indicator of one unit on a page."""

    indicator: Indicator
    value: Decimal | None = None
    parts: Mapping[str, Any] = field(default_factory=dict)
    before: Decimal | None = None
    than: str = "去年同期"
    school: Decimal | None = None
    on: date | None = None

    @property
    def scale(self) -> Scale:
        return scale_of(self.indicator)

    @property
    def shown(self) -> str:
        return rules.written(self.value, self.indicator.decimals)

    @property
    def tone(self) -> str:
        return rules.tone(self.value, self.scale)

    @property
    def judged(self) -> str:
        return rules.judged_words(self.value, self.scale)

    @property
    def change(self) -> str:
        return rules.change_words(self.value, self.before, self.scale, self.than)

    @property
    def is_up(self) -> bool | None:
        """Whether the change is good: what the trend's colour says."""
        if self.value is None or self.before is None:
            return None
        return rules.is_good(self.value - self.before, self.indicator.better)

    @property
    def rises(self) -> bool:
        return self.value is not None and self.before is not None and self.value > self.before

    @property
    def target(self) -> str:
        return (
            ""
            if self.indicator.target is None
            else rules.line_written(self.indicator.target, self.indicator.decimals)
        )

    @property
    def beside_school(self) -> str:
        return "" if self.school is None else rules.with_unit(self.school, self.scale)

    @property
    def moved(self) -> Decimal:
        return abs(rules.relative(self.value, self.before, self.indicator.unit_label))

    @property
    def sentence(self) -> str:
        return rules.finding(self.value, self.before, self.scale, self.than)


def scale_of(indicator: Indicator) -> Scale:
    return Scale(
        indicator.name,
        indicator.unit_label,
        indicator.decimals,
        indicator.better,
        indicator.target,
        indicator.warn,
    )


def open_indicators() -> list[Indicator]:
    return list(Indicator.objects.filter(is_open=True))


def latest_day(unit: OrgUnit, *, clock: str = clocks.NOW, until: date | None = None) -> date | None:
    """The last day on which the unit has figures."""
    found = IndicatorValue.objects.filter(unit=unit, clock=clock)
    found = found.filter(on__lte=until) if until else found
    return found.order_by("-on").values_list("on", flat=True).first()


def readings(
    unit: OrgUnit, indicators: Sequence[Indicator], *, against: str = "year", school: OrgUnit | None = None,
    until: date | None = None,
) -> list[Reading]:  # fmt: skip
    """The unit's newest figures beside those of a period ago, and the school's where it is another."""
    on = latest_day(unit, until=until)
    than, back = PERIODS.get(against, PERIODS["year"])
    if on is None:
        return [Reading(one, than=than) for one in indicators]
    then = latest_day(unit, until=on - back)
    days = [day for day in (on, then) if day is not None]
    units = [unit.pk, *([school.pk] if school is not None and school.pk != unit.pk else [])]
    found = {
        (unit_id, code, day): (value, parts)
        for unit_id, code, day, value, parts in IndicatorValue.objects.filter(
            unit_id__in=units, clock=clocks.NOW, on__in=days
        ).order_by().values_list("unit_id", "indicator_id", "on", "value", "parts")
    }  # fmt: skip
    nothing: tuple[Decimal | None, dict[str, Any]] = (None, {})

    def one(indicator: Indicator) -> Reading:
        value, parts = found.get((unit.pk, indicator.pk, on), nothing)
        before = found.get((unit.pk, indicator.pk, then), nothing)[0] if then else None
        beside = (
            found.get((school.pk, indicator.pk, on), nothing)[0] if school and school.pk != unit.pk else None
        )
        return Reading(indicator, value, parts, before, than, beside, on)

    return [one(indicator) for indicator in indicators]


Points = list[tuple[date, Decimal | None]]


def trends(
    units: Iterable[OrgUnit], indicators: Iterable[Indicator], *, until: date
) -> dict[tuple[int, int], Points]:
    """(unit, indicator) → the last figure of each month of two years."""
    asked: list[Any] = [
        [one.pk for one in units],
        [one.pk for one in indicators],
        clocks.NOW,
        until - TREND,
        until,
    ]
    found: dict[tuple[int, int], Points] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS, asked)
        for unit_id, indicator_id, on, value in cursor.fetchall():
            found[unit_id, indicator_id].append((on, value))
    return found


_MONTHS = """
SELECT DISTINCT ON (unit_id, indicator_id, date_trunc('month', "on")) unit_id, indicator_id, "on", value
FROM warehouse_indicatorvalue
WHERE unit_id = ANY(%s) AND indicator_id = ANY(%s) AND clock = %s AND "on" > %s AND "on" <= %s
ORDER BY unit_id, indicator_id, date_trunc('month', "on"), "on" DESC"""


def by_unit(
    indicators: Iterable[Indicator], *, on: date, below: OrgUnit
) -> dict[int, list[tuple[OrgUnit, Decimal, dict[str, Any]]]]:
    """Indicator → the units directly below with their figures on that day."""
    rows = IndicatorValue.objects.filter(
        indicator__in=[one.pk for one in indicators], clock=clocks.NOW, on=on, unit__depth=below.depth + 1,
        unit__path__startswith=below.path, value__isnull=False,
    ).select_related("unit").order_by("unit__path")  # fmt: skip
    found: dict[int, list[tuple[OrgUnit, Decimal, dict[str, Any]]]] = defaultdict(list)
    for row in rows:
        found[row.indicator_id].append((row.unit, row.value, row.parts))
    return found


def number(value: Decimal | None, decimals: int) -> float | None:
    """A value as a chart takes it."""
    return None if value is None else float(round(value, decimals))


def line_chart(lines: Sequence[tuple[str, Points]], indicator: Indicator) -> dict[str, Any]:
    """Lines over the months that the first of them has."""
    labels = [f"{on:%Y-%m}" for on, _ in lines[0][1]] if lines else []
    series = []
    for name, points in lines:
        by_month = {f"{on:%Y-%m}": value for on, value in points}
        series.append(
            {"name": name, "values": [number(by_month.get(label), indicator.decimals) for label in labels]}
        )
    return {
        "type": "line", "labels": labels, "series": series, "unit": indicator.unit_label,
        "target": number(indicator.target, indicator.decimals),
    }  # fmt: skip


def bar_chart(
    values: Sequence[tuple[str, Decimal]], indicator: Indicator, *, mark: str = "", most: int = 24
) -> dict[str, Any]:
    """Bars from the highest down, lying, so that names can be read."""
    ordered = sorted(values, key=lambda one: one[1], reverse=True)[:most]
    return {
        "type": "bar", "across": True, "labels": [label for label, _ in ordered], "unit": indicator.unit_label, "mark": mark,
        "series": [{"name": indicator.name, "values": [number(value, indicator.decimals) for _, value in ordered]}],
        "target": number(indicator.target, indicator.decimals),
    }  # fmt: skip
