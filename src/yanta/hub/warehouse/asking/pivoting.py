"""Grouped questions: heads of several levels, subtotals and totals that the database itself counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any, TypeAlias

from django.db import connection

from yanta.hub.subjects import Field
from yanta.hub.warehouse import cutting
from yanta.hub.warehouse.asking import running
from yanta.hub.warehouse.asking.documents import Plan, measure_title
from yanta.kernel.base import Refused

MOST_GROUPS, MOST_ACROSS, MOST_BARS, MOST_SERIES = 5000, 60, 24, 5
TOTAL, SUBTOTAL = "合计", "小计"
Key: TypeAlias = tuple[str, ...]


@dataclass(slots=True)
class Head:
    """A cell of the head: its text and how far it spreads."""

    text: str
    across: int = 1
    down: int = 1


@dataclass(slots=True)
class Line:
    """A row of the table: its names (with how far down each reaches), then its figures."""

    names: list[Head]
    cells: list[str]
    is_total: bool = False


@dataclass(slots=True)
class Pivot:
    """The table as it is drawn, and what a chart shows of it."""

    heads: list[list[Head]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    groups: int = 0
    chart: dict[str, Any] | None = None


def pivot_of(plan: Plan, *, token: str = "") -> Pivot:
    """The question's table; one statement counts every level, so that a mean of all is not a mean of means."""
    counted = _counted(plan, token)
    document = plan.document
    downs = [down for down, across in counted if len(down) == len(document.rows) and not across]
    acrosses = [across for down, across in counted if not down and len(across) == len(document.columns)]
    shape = Shape(plan, _sorted(downs), _sorted(acrosses) if document.columns else [], counted)
    if len(shape.acrosses) > MOST_ACROSS:
        raise Refused(f"横向有 {len(shape.acrosses)} 列，太宽了；请把其中一个字段改为分行")
    return Pivot(_heads(shape), _lines(shape), len(shape.downs), _chart(shape))


def _sorted(keys: Sequence[Key]) -> list[Key]:
    """By the code, which carries the order; what is empty last."""
    return sorted(set(keys), key=lambda key: tuple((value == "", value) for value in key))


Counted: TypeAlias = dict[Any, list[Decimal | None]]


def _counted(plan: Plan, token: str) -> Counted:
    """(row key, column key) at every level → the measures."""
    document = plan.document
    measures = document.measures or ("count",)
    dims = [plan.subject.field(name) for name in (*document.rows, *document.columns)]
    measured = [plan.subject.field(one.partition(":")[2]) for one in measures if ":" in one]
    inner, parameters = _inner(plan, [*dims, *measured])
    names = [f"d{at}" for at in range(len(dims))] + [f"m{at}" for at in range(len(measured))]
    sql = _statement(inner, names, len(document.rows), len(document.columns), measures)
    with running.limits(plan.actor, token), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found = cursor.fetchmany(MOST_GROUPS * 2 + 1)
    if len(found) > MOST_GROUPS * 2:
        raise Refused(f"分组结果超过 {MOST_GROUPS:,} 组，请减少分组字段或加条件")
    return _keyed(found, len(document.rows), len(document.columns))


def _inner(plan: Plan, fields: Sequence[Field]) -> tuple[str, Any]:
    rows = running.rows_of(plan).order_by()
    chosen = rows.values_list("pk", *(one.path for one in fields)) if fields else rows.values_list("pk")
    sql, parameters = chosen.query.sql_with_params()
    return str(sql), parameters


def _statement(inner: str, names: Sequence[str], rows: int, columns: int, measures: Sequence[str]) -> str:
    """Grouping sets: every beginning of the row fields with none or all of the column fields."""
    dims = [f"coalesce({name}::text, '')" for name in names[: rows + columns]]
    sets = []
    for depth in range(rows, -1, -1):
        down = dims[:depth]
        sets.append(f"({', '.join(down)})")
        if columns:
            sets.append(f"({', '.join([*down, *dims[rows:]])})")
    counted, at = [], 0
    for measure in measures:
        how, _, name = measure.partition(":")
        column = f"m{at}" if name else ""
        at += bool(name)
        counted.append(_SQL[how].format(column=column))
    chosen = ", ".join([*(f"{dim}, grouping({dim})" for dim in dims), *counted])
    grouped = f" GROUP BY GROUPING SETS ({', '.join(dict.fromkeys(sets))})" if dims else ""
    listed = ", ".join(["pk", *names])
    return f"SELECT {chosen} FROM ({inner}) asked ({listed}){grouped} LIMIT {MOST_GROUPS * 2 + 1}"


_SQL = {
    "count": "count(*)", "sum": "coalesce(sum({column}), 0)", "mean": "avg({column})", "distinct": "count(DISTINCT nullif({column}::text, ''))",
    }  # fmt: skip


def _keyed(found: Sequence[Sequence[Any]], rows: int, columns: int) -> Counted:
    keyed: Counted = {}
    width = rows + columns
    for line in found:
        pairs = [(line[2 * at], line[2 * at + 1]) for at in range(width)]
        down = tuple(value for value, rolled in pairs[:rows] if not rolled)
        across = tuple(value for value, rolled in pairs[rows:] if not rolled)
        keyed[down, across] = [None if one is None else Decimal(str(one)) for one in line[2 * width :]]
    return keyed


class Shape:
    """What was counted, in order, with the words for it."""

    def __init__(self, plan: Plan, downs: list[Key], acrosses: list[Key], counted: Counted) -> None:
        document = plan.document
        self.counted, self.downs, self.acrosses = counted, downs, acrosses
        self.row_fields = [plan.subject.field(name) for name in document.rows]
        self.column_fields = [plan.subject.field(name) for name in document.columns]
        self.titles = [measure_title(one, plan.subject) for one in document.measures or ("count",)]
        self._row_words = [_labels(one, [key[at] for key in downs]) for at, one in enumerate(self.row_fields)]
        self._column_words = [
            _labels(one, [key[at] for key in acrosses]) for at, one in enumerate(self.column_fields)
        ]

    def row_word(self, at: int, value: str) -> str:
        return self._row_words[at].get(value, value) or "（空）"

    def column_word(self, at: int, value: str) -> str:
        return self._column_words[at].get(value, value) or "（空）"

    def cells(self, down: Key) -> list[str]:
        """The figures of one row: for each column, then over all columns."""
        found: list[str] = []
        for across in [*self.acrosses, ()]:
            values = self.counted.get((down, across))
            found += [_written(one) for one in values] if values else [""] * len(self.titles)
        return found

    def number(self, down: Key, across: Key = ()) -> Decimal:
        """The first measure, nought where nothing was counted."""
        values = self.counted.get((down, across))
        return (values[0] if values else None) or Decimal(0)


def _labels(one: Field, keys: Sequence[str]) -> dict[str, str]:
    if one.kind == "flag":
        return {"true": "是", "false": "否"}
    return cutting.labels(one, [key for key in dict.fromkeys(keys) if key])


def _written(value: Decimal | None) -> str:
    if value is None:
        return ""
    rounded = value if value == value.to_integral_value() else round(value, 2)
    return f"{rounded.normalize():,f}" if rounded else "0"


def _heads(shape: Shape) -> list[list[Head]]:
    """The column fields level by level, the measures below them, the row fields beside them all."""
    wide, levels = len(shape.titles), []
    for level in range(len(shape.column_fields)):
        groups = [
            (key, len(list(group))) for key, group in groupby(shape.acrosses, key=lambda k: k[: level + 1])
        ]
        line = [Head(shape.column_word(level, key[-1]), across=size * wide) for key, size in groups]
        levels.append([*line, Head(TOTAL, wide, len(shape.column_fields))] if level == 0 else line)
    if wide > 1 or not levels:
        levels.append([Head(title) for _ in [*shape.acrosses, ()] for title in shape.titles])
    names = [field.title for field in shape.row_fields] or [""]
    levels[0] = [*(Head(name, 1, len(levels)) for name in names), *levels[0]]
    return levels


def _lines(shape: Shape) -> list[Line]:
    width = len(shape.row_fields)
    lines = _below(shape, shape.downs, 0) if width else []
    return [*lines, Line([Head(TOTAL, max(1, width))], shape.cells(()), is_total=True)]


def _below(shape: Shape, keys: Sequence[Key], level: int) -> list[Line]:
    """The rows of one level: each value, what lies under it, and their sum where there are several."""
    found: list[Line] = []
    last = level + 1 == len(shape.row_fields)
    for value, group in groupby(keys, key=lambda key: key[level]):
        inner = list(group)
        lines = [Line([], shape.cells(inner[0]))] if last else _below(shape, inner, level + 1)
        if not last and len(inner) > 1:
            lines.append(
                Line(
                    [Head(SUBTOTAL, len(shape.row_fields) - level - 1)],
                    shape.cells(inner[0][: level + 1]),
                    is_total=True,
                )
            )
        lines[0].names.insert(0, Head(shape.row_word(level, value), 1, len(lines)))
        found += lines
    return found


def _chart(shape: Shape) -> dict[str, Any] | None:
    """The first measure over the first row field; a few columns become series."""
    firsts = list(dict.fromkeys(key[:1] for key in shape.downs)) if shape.row_fields else []
    if len(firsts) < 2:
        return None
    ordered = sorted(firsts, key=lambda key: shape.number(key), reverse=True)[:MOST_BARS]
    labels = [shape.row_word(0, key[0]) for key in ordered]
    few = 2 <= len(shape.acrosses) <= MOST_SERIES and len(shape.column_fields) == 1
    series = [
        {"name": shape.column_word(0, across[0]) if across else shape.titles[0], "values": [float(shape.number(key, across)) for key in ordered]}
        for across in (shape.acrosses if few else [()])
    ]  # fmt: skip
    whole, most = shape.number(()), shape.number(ordered[0])
    share = f"，占 {most / whole * 100:.1f}%" if whole and shape.titles[0] == "行数" else ""
    title = f"{labels[0]}最多，{shape.titles[0]} {_written(most)}{share}"
    return {
        "title": title,
        "data": {
            "type": "stack" if few else "bar",
            "across": True,
            "labels": labels,
            "series": series,
            "unit": "",
        },
    }
