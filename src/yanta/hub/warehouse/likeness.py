"""Finding what a key of a figure says on a day, with its derivation in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from yanta.hub.reporting import public as reporting
from yanta.hub.warehouse import clocks, shapes
from yanta.hub.warehouse.models import Indicator, IndicatorValue, PublishedFigure
from yanta.kernel.base import Refused
from yanta.kernel.organisation.models import OrgUnit


@dataclass(frozen=True, slots=True)
class Told:
    """A figure as one place tells it; `story` are pairs of label and text, so that two can stand side by side."""

    title: str
    value: Decimal
    story: tuple[tuple[str, str], ...]
    link: str = ""
    tolerance: Decimal = Decimal(0)


Teller: TypeAlias = Callable[[str, date], Told]
_tellers: dict[str, Teller] = {}


def teller(kind: str) -> Callable[[Teller], Teller]:
    """`@teller("cell")` on `def f(key, on) -> Told`, which refuses in words what it cannot tell."""

    def declare(function: Teller) -> Teller:
        _tellers[kind] = function
        return function

    return declare


def told(key: str, on: date) -> Told:
    """What the place says; refuses unknown ones in words."""
    kind, _, rest = key.partition(":")
    if kind not in _tellers:
        raise Refused(f"“{key}”不是能核对的出处，可用：{'、'.join(f'{name}:' for name in sorted(_tellers))}")
    return _tellers[kind](rest, on)


def _indicator(code: str) -> Indicator:
    found = Indicator.objects.filter(code=code).first()
    if found is None:
        raise Refused(f"没有代码为“{code}”的指标")
    return found


def _value(indicator: Indicator, unit: OrgUnit, on: date) -> IndicatorValue:
    found = IndicatorValue.objects.filter(indicator=indicator, unit=unit, clock=clocks.NOW, on__lte=on)
    latest = found.select_related("version").order_by("-on").first()
    if latest is None or latest.value is None:
        raise Refused(f"“{indicator.name}”还没有 {unit.name} 的数值")
    return latest


def _unit(code: str) -> OrgUnit:
    found = OrgUnit.objects.filter(code=code).first() if code else OrgUnit.objects.filter(depth=1).first()
    if found is None:
        raise Refused(f"没有单位号为“{code}”的单位")
    return found


@teller("indicator")
def indicator_told(key: str, on: date) -> Told:
    """`student.count` or `student.count@10600`."""
    code, _, unit_code = key.partition("@")
    indicator, unit = _indicator(code), _unit(unit_code)
    value = _value(indicator, unit, on)
    formula = shapes.read(value.version.parts, value.version.expression)
    story = [
        ("出处", f"指标“{indicator.name}”（{indicator.code}）"), ("单位", unit.name), ("主管部门", indicator.owner),
        ("算式", value.version.expression), *((f"　{name}", f"{piece.words()} = {value.parts.get(name)}") for name, piece in formula.pieces.items()),
        ("算于", f"{value.on:%Y-%m-%d}"), ("口径版本", f"第 {value.version.number} 版"),
    ]  # fmt: skip
    link = f"/warehouse/figures/{code}/?unit={unit.code}"
    return Told(indicator.name, value.value or Decimal(0), tuple(story), link)


@teller("units")
def units_told(key: str, on: date) -> Told:
    """The sum of what stands directly under the school."""
    indicator, root = _indicator(key), _unit("")
    whole = _value(indicator, root, on)
    below = IndicatorValue.objects.filter(
        indicator=indicator,
        clock=clocks.NOW,
        on=whole.on,
        unit__depth=root.depth + 1,
        unit__path__startswith=root.path,
    )
    values = [one for one in below.values_list("value", flat=True) if one is not None]
    story = (
        ("出处", f"指标“{indicator.name}”各单位数值之和"), ("主管部门", indicator.owner), ("单位个数", f"{len(values)} 个"),
        ("算于", f"{whole.on:%Y-%m-%d}"), ("差额通常是", "没有填写单位、或直接挂在学校名下的记录"),
    )  # fmt: skip
    return Told(
        f"{indicator.name}（各单位之和）",
        sum(values, Decimal(0)),
        story,
        f"/warehouse/figures/{key}/?by=unit",
    )


@teller("published")
def published_told(key: str, on: date) -> Told:
    """A number said by hand."""
    found = (
        PublishedFigure.objects.select_related("indicator", "unit")
        .filter(pk=int(key) if key.isdecimal() else 0)
        .first()
    )
    if found is None:
        raise Refused(f"没有编号为“{key}”的已公布数字")
    story = (
        ("出处", found.place), ("公布日期", f"{found.published_on:%Y-%m-%d}"), ("单位", found.unit.name if found.unit else "全校"),
        ("登记", "人工登记"), *((("网址", found.link),) if found.link else ()),
    )  # fmt: skip
    return Told(found.place, found.value, story, f"/warehouse/publishedfigure/{found.pk}/", found.tolerance)


@teller("cell")
def cell_told(key: str, on: date) -> Told:
    """`package/table/row.column`: a cell of the newest filing."""
    package, _, rest = key.partition("/")
    table, _, place = rest.partition("/")
    found = reporting.cell_value(package, table, place)
    story = (
        ("出处", f"统计报表单元格 {key}"), ("主管部门", found.owner), ("期别", found.period), ("口径版本", found.version),
    )  # fmt: skip
    return Told(found.title, found.value, story, found.link)
