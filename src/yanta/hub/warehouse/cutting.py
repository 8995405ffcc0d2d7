"""A figure taken apart: by a dimension, and down to its rows within the actor's rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Substr

from yanta.hub.subjects import Field, conditions
from yanta.hub.warehouse import clocks, joining
from yanta.hub.warehouse.shapes import Formula, Piece
from yanta.kernel.base import Actor, Refused
from yanta.kernel.codes import service as codes
from yanta.kernel.organisation.models import OrgUnit

UNIT = "unit"
MOST_VALUES = 200
_TOTALS = {"sum": Sum, "mean": Avg, "least": Min, "most": Max}


@dataclass(frozen=True, slots=True)
class Slice:
    """One value of a dimension, the figure there and what it was made of."""

    key: str
    label: str
    value: Decimal | None
    parts: Mapping[str, Decimal | None]


def rows(
    piece: Piece, *, on: date, unit: OrgUnit | None = None, filters: Sequence[tuple[str, str]] = (),
    actor: Actor | None = None,
) -> QuerySet[Any]:  # fmt: skip
    """The rows a piece counts: of the whole school, or those the actor reaches."""
    subject = piece.subject
    found = subject.rows() if actor is None else joining.rows_of(subject, actor)
    found = found.filter(conditions.q(subject, clocks.meant(piece.where, on=on)))
    if unit is not None and unit.depth > 1:
        path = unit_path(piece)
        if not path:
            raise Refused(f"“{piece.title}”的数据不分单位")
        found = found.filter(**{f"{path}__startswith": unit.path})
    for name, value in filters:
        found = found.filter(_equal(piece, name, value))
    return found


def unit_path(piece: Piece) -> str:
    """Where the path of the owning unit is found, or nothing."""
    if piece.unit_field:
        return f"{piece.subject.field(piece.unit_field).via}__path"
    path = piece.subject.model.org_path
    if path is None:
        return ""
    return "path" if path == "self" else f"{path}__path"


def _equal(piece: Piece, name: str, value: str) -> Q:
    if name == UNIT:
        unit = OrgUnit.objects.filter(code=value).first()
        path = unit_path(piece)
        if unit is None or not path:
            raise Refused("没有这个单位，或数据不分单位")
        return Q(**{f"{path}__startswith": unit.path})
    field = piece.subject.field(name)
    clause = {"field": name, "is": "eq", "value": value} if value else {"field": name, "is": "empty"}
    conditions.check(piece.subject, clause)
    return conditions.q(piece.subject, clause) if field else Q()


def total(piece: Piece, found: QuerySet[Any]) -> Decimal:
    """What the piece measures over these rows."""
    if piece.measure == "count":
        return Decimal(found.order_by().count())
    path = piece.subject.field(piece.field_name).path
    if piece.measure == "distinct":
        return Decimal(found.exclude(**{path: ""}).order_by().values(path).distinct().count())
    answer = found.aggregate(answer=_TOTALS[piece.measure](path))["answer"]
    return Decimal(str(answer or 0))


def dimensions_of(formula: Formula, names: Sequence[str]) -> list[tuple[str, str]]:
    """(name, title) of what the figure can be cut by."""
    pieces = list(formula.pieces.values())
    if not pieces or formula.others:
        return []
    found = [(UNIT, "单位")] if all(unit_path(piece) for piece in pieces) else []
    return found + [(name, pieces[0].subject.field(name).title) for name in names]


def cut(
    formula: Formula, dimension: str, *, on: date, unit: OrgUnit, filters: Sequence[tuple[str, str]] = ()
) -> list[Slice]:
    """The figure for every value of the dimension, the largest first; units in the order of the tree."""
    by_piece = {
        name: _cut_unit(piece, on, unit, filters)
        if dimension == UNIT
        else _cut(piece, dimension, on, unit, filters)
        for name, piece in formula.pieces.items()
    }
    keys = list(dict.fromkeys(key for found in by_piece.values() for key in found))
    if len(keys) > MOST_VALUES:
        raise Refused(f"这个维度有 {len(keys):,} 个不同的值，太细了；请先按别的维度缩小范围")
    labels = _labels(formula, dimension, keys)
    slices = []
    for key in keys:
        parts = {
            name: by_piece[name].get(
                key, Decimal(0) if piece.is_additive or piece.measure == "distinct" else None
            )
            for name, piece in formula.pieces.items()
        }
        slices.append(
            Slice(
                key,
                labels.get(key, key) or "未填",
                formula.expression.of(parts) if formula.is_comparable(parts) else None,
                parts,
            )
        )
    return sorted(slices, key=lambda one: (one.value is None, -(one.value or 0)))


def _cut(
    piece: Piece, dimension: str, on: date, unit: OrgUnit, filters: Sequence[tuple[str, str]]
) -> dict[str, Decimal]:
    path = piece.subject.field(dimension).path
    grouped = rows(piece, on=on, unit=unit, filters=filters).order_by().values(_key=F(path))
    return _gathered(piece, grouped)


def _cut_unit(
    piece: Piece, on: date, unit: OrgUnit, filters: Sequence[tuple[str, str]]
) -> dict[str, Decimal]:
    length = len(unit.path) + OrgUnit.steplen
    grouped = rows(piece, on=on, unit=unit, filters=filters).order_by()
    return _gathered(piece, grouped.values(_key=Substr(unit_path(piece), 1, length)))


def _gathered(piece: Piece, grouped: QuerySet[Any]) -> dict[str, Decimal]:
    if piece.measure == "count":
        counted = grouped.annotate(_n=Count("pk"))
    else:
        path = piece.subject.field(piece.field_name).path
        measure = Count(path, distinct=True) if piece.measure == "distinct" else _TOTALS[piece.measure](path)
        counted = grouped.annotate(_n=measure)
    found: dict[str, Decimal] = {}
    for key, number in counted.values_list("_key", "_n"):
        # What is empty and what is missing are one: not filled in.
        name = "" if key is None else str(key)
        found[name] = found.get(name, Decimal(0)) + Decimal(str(number or 0))
    return found


def _labels(formula: Formula, dimension: str, keys: Sequence[str]) -> dict[str, str]:
    if dimension == UNIT:
        return {**dict(OrgUnit.objects.filter(path__in=keys).values_list("path", "name")), "": "未填单位"}
    field = next(iter(formula.pieces.values())).subject.field(dimension)
    return labels(field, keys)


def labels(field: Field, keys: Sequence[str]) -> dict[str, str]:
    """Values as people call them, asked for at once."""
    if field.code_set:
        return {key: codes.name_of(field.code_set, key) for key in keys if key}
    if field.refers == conditions.UNIT:
        return dict(OrgUnit.objects.filter(code__in=keys).values_list("code", "name"))
    if field.kind == "flag":
        return {"True": "是", "False": "否"}
    if field.refers:
        return _names_of(field, keys)
    return dict(field.choices)


def _names_of(field: Field, keys: Sequence[str]) -> dict[str, str]:
    target = next(
        (one for one in joining.subjects.all_subjects() if one.model._meta.label_lower == field.refers), None
    )
    if target is None or not any(one.name == "name" and one.path == "name" for one in target.fields):
        return {}
    return dict(target.model.objects.filter(**{f"{target.key}__in": keys}).values_list(target.key, "name"))


def unit_codes(paths: Sequence[str]) -> dict[str, str]:
    """Path → code, for links."""
    return dict(OrgUnit.objects.filter(path__in=paths).values_list("path", "code"))
