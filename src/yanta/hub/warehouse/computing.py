"""All indicators of all units at once: each subject is read one time, whatever number of figures need it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

import ibis
import pyarrow as pa
from django.db.models import Q

from yanta.hub.snapshots import public as snapshots
from yanta.hub.subjects import conditions
from yanta.hub.warehouse import clocks, shapes
from yanta.hub.warehouse.models import IndicatorVersion
from yanta.hub.warehouse.shapes import Formula, Piece
from yanta.kernel.base import Refused
from yanta.kernel.organisation.models import OrgUnit

DEEPEST = 3
STEP = OrgUnit.steplen
WHOLE = ""
MOST_PLACES = Decimal("0.000001")
Measured: TypeAlias = dict[str, dict[str, Decimal | None]]


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator of one unit: its value and what it was made of."""

    indicator_id: int
    version_id: int
    unit_id: int
    value: Decimal | None
    parts: dict[str, Any]


@dataclass(slots=True)
class Computed:
    """All figures of a day, and in words why some could not be had."""

    figures: list[Figure] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    indicators: int = 0


def versions_on(on: date, codes: Sequence[str] | None = None) -> list[IndicatorVersion]:
    """The formula of every open indicator that held on a day; before the first one, the first."""
    begun = Q(valid_from__lte=on) | Q(number=1)
    found = IndicatorVersion.objects.filter(begun, indicator__is_open=True)
    found = found.filter(Q(valid_to=None) | Q(valid_to__gt=on)).select_related("indicator")
    if codes is not None:
        found = found.filter(indicator__code__in=_with_sources(codes, found))
    return list(found.order_by("indicator__order", "indicator__code"))


def _with_sources(codes: Sequence[str], versions: Iterable[IndicatorVersion]) -> set[str]:
    """The indicators asked for and those they are made of."""
    made_of = {
        one.indicator.code: [p["indicator"] for p in one.parts.values() if "indicator" in p]
        for one in versions
    }
    wanted, open_ = set(codes), list(codes)
    while open_:
        fresh = [code for code in made_of.get(open_.pop(), []) if code not in wanted]
        wanted.update(fresh)
        open_ += fresh
    return wanted


def compute(on: date, *, clock: str = clocks.NOW, codes: Sequence[str] | None = None) -> Computed:
    """Every figure of every unit that has something to count; what fails does not stop the others."""
    result = Computed()
    versions = versions_on(on, codes)
    formulas = _read(versions, result)
    measured = _measured(
        {p for f in formulas.values() for p in f.pieces.values()}, on=on, clock=clock, result=result
    )
    units = {unit.path: unit.pk for unit in OrgUnit.objects.filter(depth__lte=DEEPEST)}
    units[WHOLE] = root_id()
    for path, unit_id in units.items():
        if path and len(path) == STEP:
            continue  # the school's own row is the whole
        _figures(versions, formulas, measured, path, unit_id, result)
    result.indicators = len(versions)
    return result


def root_id() -> int:
    """The school itself; the first root when a tree has several."""
    root = OrgUnit.objects.filter(depth=1).values_list("pk", flat=True).first()
    if root is None:
        raise Refused("还没有组织机构，无法计算指标")
    return int(root)


def _read(versions: Iterable[IndicatorVersion], result: Computed) -> dict[str, Formula]:
    found = {}
    for version in versions:
        try:
            found[version.indicator.code] = shapes.read(version.parts, version.expression)
            for piece in found[version.indicator.code].pieces.values():
                piece.check()
        except Refused as refusal:
            found.pop(version.indicator.code, None)
            result.failures[version.indicator.code] = refusal.message
    return found


def _measured(pieces: Iterable[Piece], *, on: date, clock: str, result: Computed) -> Measured:
    """Unit path → piece → its number; one read and two aggregations for each subject."""
    by_subject: dict[str, dict[str, Piece]] = defaultdict(dict)
    for piece in pieces:
        by_subject[piece.subject_name][piece.key] = piece
    found: Measured = defaultdict(dict)
    for name, group in sorted(by_subject.items()):
        try:
            _measure_subject(list(group.values()), found, on=on, clock=clock)
        except Refused as refusal:
            result.failures[f"主题 {name}"] = refusal.message
    return found


def _measure_subject(pieces: list[Piece], found: Measured, *, on: date, clock: str) -> None:
    subject = pieces[0].subject
    names = list(dict.fromkeys(name for piece in pieces for name in piece.names))
    table = clocks.table_of(subject, names, clock=clock, on=on)
    held = {
        f"_c{at}": conditions.expression(table, subject, clocks.meant(piece.where, on=on))
        for at, piece in enumerate(pieces)
    }
    conditioned, everyone = table.mutate(**held), list(enumerate(pieces))
    with snapshots.engine() as engine:
        _keep(engine.to_pyarrow(_aggregated(conditioned, everyone)), found, everyone)
        for unit_field in sorted({piece.unit_field for piece in pieces if piece.has_units}):
            chosen = [(at, p) for at, p in everyone if p.has_units and p.unit_field == unit_field]
            placed = _placed(conditioned, unit_field)
            for depth in range(2, DEEPEST + 1):
                _keep(engine.to_pyarrow(_aggregated(placed, chosen, depth)), found, chosen)


def _aggregated(table: ibis.Table, chosen: Sequence[tuple[int, Piece]], depth: int = 0) -> ibis.Table:
    """The pieces over the whole, or over the units of one depth of the tree."""
    if not depth:
        return table.aggregate(
            **{f"_p{at}": _measure(table, piece, table[f"_c{at}"]) for at, piece in chosen}
        )
    deep = table.filter(table._path.length() >= depth * STEP)
    measures = {f"_p{at}": _measure(deep, piece, deep[f"_c{at}"]) for at, piece in chosen}
    return deep.group_by(_unit=deep._path.substr(0, depth * STEP)).aggregate(**measures)


def _placed(table: ibis.Table, unit_field: str) -> ibis.Table:
    """The rows with the path of the unit they belong to."""
    if not unit_field:
        return table.mutate(_path=table["unit_path"]).filter(lambda t: t._path.notnull())
    units = ibis.memtable(list(OrgUnit.objects.values_list("code", "path")), columns=["_code", "_path"])
    return table.join(units, table[unit_field] == units._code)


def _measure(table: ibis.Table, piece: Piece, holds: Any) -> Any:
    if piece.measure == "count":
        return holds.sum()
    column = table[piece.field_name]
    if piece.measure == "sum":
        return column.cast("decimal(24, 4)").sum(where=holds)
    if piece.measure == "mean":
        return column.cast("float64").mean(where=holds)
    if piece.measure == "distinct":
        return column.nunique(where=holds & (column.cast("string") != ""))
    return column.min(where=holds) if piece.measure == "least" else column.max(where=holds)


def _keep(aggregated: pa.Table, found: Measured, chosen: Sequence[tuple[int, Piece]]) -> None:
    for row in aggregated.to_pylist():
        there = found[row.get("_unit", WHOLE)]
        for at, piece in chosen:
            there[piece.key] = _number(row[f"_p{at}"], piece)


def _number(value: Any, piece: Piece) -> Decimal | None:
    if value is None:
        return Decimal(0) if piece.is_additive or piece.measure == "distinct" else None
    return Decimal(str(value))


def _figures(
    versions: Sequence[IndicatorVersion], formulas: Mapping[str, Formula], measured: Measured, path: str, unit_id: int,
    result: Computed,
) -> None:  # fmt: skip
    """One unit's figures, those made of others after what they are made of."""
    here = measured.get(path, {})
    values: dict[str, Decimal | None] = {}
    open_ = [one for one in versions if one.indicator.code in formulas]
    for version in _in_order(open_, formulas, result if path == WHOLE else None):
        formula = formulas[version.indicator.code]
        parts = {
            name: here.get(piece.key, _absent(piece, path, measured))
            for name, piece in formula.pieces.items()
        }
        parts |= {name: values.get(code) for name, code in formula.others.items()}
        value = formula.expression.of(parts) if path == WHOLE or formula.is_comparable(parts) else None
        values[version.indicator.code] = value
        if path == WHOLE or any(parts.values()):
            kept = {name: None if part is None else _plain(part) for name, part in parts.items()}
            rounded = None if value is None else value.quantize(MOST_PLACES)
            result.figures.append(Figure(version.indicator_id, version.pk, unit_id, rounded, kept))


def _absent(piece: Piece, path: str, measured: Measured) -> Decimal | None:
    """Nothing to count is nought, but only where rows belong to units at all."""
    known = piece.key in measured.get(WHOLE, {})
    if not known or (path != WHOLE and not piece.has_units):
        return None
    return Decimal(0) if piece.is_additive or piece.measure == "distinct" else None


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(round(value, 6))


def _in_order(
    versions: Sequence[IndicatorVersion], formulas: Mapping[str, Formula], result: Computed | None
) -> list[IndicatorVersion]:
    """Sources first; a ring of indicators is told as a failure, once."""
    done: set[str] = set()
    left, ordered = list(versions), []
    while left:
        ready = [v for v in left if set(formulas[v.indicator.code].others.values()) <= done]
        if not ready:
            if result is not None:
                for version in left:
                    result.failures[version.indicator.code] = "所引用的指标没有启用，或互相引用成环"
            break
        ordered += ready
        done |= {version.indicator.code for version in ready}
        left = [version for version in left if version not in ready]
    return ordered
