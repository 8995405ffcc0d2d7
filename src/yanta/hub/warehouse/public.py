"""What other packages may ask of the warehouse.

```python
from yanta.hub.warehouse import public as warehouse

warehouse.value("staff.student_ratio")                      # the school's, of the last computation
warehouse.value("student.count", unit=college, clock="9-30", on=date(2026, 9, 30))


@warehouse.teller("cell")
def cell(key: str, on: date) -> warehouse.Told: ...          # the figures of one's own that can be compared with others
```
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from yanta.hub.warehouse import clocks, reading, shapes
from yanta.hub.warehouse.likeness import Told, teller
from yanta.hub.warehouse.models import Indicator
from yanta.hub.warehouse.models import IndicatorValue as Stored
from yanta.kernel.base import Refused
from yanta.kernel.organisation.models import OrgUnit

__all__ = ["IndicatorValue", "Told", "teller", "value"]


@dataclass(frozen=True, slots=True)
class IndicatorValue:
    """A figure as others use it; numerator and denominator are the first two parts of its formula, where it has them."""

    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    unit_label: str
    link: str
    on: date


def value(
    code: str, unit: OrgUnit | None = None, clock: str = clocks.NOW, on: date | None = None
) -> IndicatorValue:
    """The newest kept figure until that day; refuses in words when there is none."""
    indicator = Indicator.objects.filter(code=code).first()
    if indicator is None:
        raise Refused(f"没有代码为“{code}”的指标")
    at = unit or OrgUnit.objects.filter(depth=1).first()
    found = Stored.objects.filter(indicator=indicator, unit=at, clock=clock).select_related("version")
    kept = (found.filter(on__lte=on) if on else found).order_by("-on").first()
    if kept is None:
        raise Refused(f"“{indicator.name}”还没有数值")
    formula = shapes.read(kept.version.parts, kept.version.expression)
    parts = [kept.parts.get(name) for name in formula.pieces]
    first, second = ([None if one is None else Decimal(str(one)) for one in parts] + [None, None])[:2]
    return IndicatorValue(kept.value, first, second, indicator.unit_label, link_to(indicator, unit), kept.on)


def link_to(indicator: Indicator, unit: OrgUnit | None) -> str:
    query = f"?unit={unit.code}" if unit is not None and unit.depth > 1 else ""
    return f"/warehouse/figures/{indicator.code}/{query}"


def latest(unit: OrgUnit) -> date | None:
    """The last day with figures."""
    return reading.latest_day(unit)
