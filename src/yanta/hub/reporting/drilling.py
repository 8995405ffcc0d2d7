"""From a figure to its rows within the actor's rights, and to its definition in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yanta.hub import subjects
from yanta.hub.reporting import calculation, formulas, periods
from yanta.hub.reporting.calculation import Line
from yanta.hub.reporting.definitions import Column, Package, Row, Table, is_manual, is_verified
from yanta.hub.snapshots import public as snapshots
from yanta.hub.subjects import Subject, conditions
from yanta.kernel.base import Actor, Refused

MEASURES = {"count": "行数", "count_distinct": "不重复的", "sum": "合计", "avg": "平均", "max": "最大"}
CLOCKS = {
    "now": "今天的数据", "9-30": "时点", "school_year": "学年末", "calendar_year": "自然年末", "manual": "手动冻结",
}  # fmt: skip
PAGE = 100


@dataclass(frozen=True, slots=True)
class Explained:
    """What a cell means, in words."""

    kind: str
    words: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, str, str], ...]
    parts: tuple[str, ...]
    verified: bool
    basis: tuple[str, ...]
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows behind a figure: the columns, one page, how many there are and how many one may see."""

    subject: Subject
    titles: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int
    visible: int
    ids: tuple[int, ...]


def clock_and_day(package: Package, table: Table, days: Mapping[str, str]) -> tuple[str, date]:
    """Which data the table was counted from."""
    clock = snapshots.NOW if snapshots.NOW in days else calculation.clock_of(package, table)
    return clock, date.fromisoformat(days[clock])


def condition_of(table: Table, row: Row, column: Column, value: str) -> dict[str, Any]:
    """Everything a counted row must meet."""
    parts: list[Any] = [one for one in (table.where, row.where, column.where) if one]
    if row.by:
        blank = {"field": row.by, "is": "empty"}
        parts.append({"field": row.by, "is": "eq", "value": value} if value else blank)
    return {"all": parts}


def explained(
    package: Package, table: Table, line: Line, column: Column, days: Mapping[str, str]
) -> Explained:
    """The definition of a cell as a clerk says it."""
    row = table.row(line.code)
    basis = _basis(package, table, row, column)
    verified = is_verified(table, row, column)
    if is_manual(row, column):
        return Explained("手填", (), (), (), verified, basis)
    text = calculation.formula_of(table, row, column)
    if text:
        across = "*" if not row.formula else column.code
        parts = tuple(formulas.full(one, table.code, line.code, across) for one in formulas.names(text))
        return Explained("公式", (("公式", text),), (), parts, verified, basis)
    return _counted(package, table, line, column, days, basis, verified=verified)


def _counted(
    package: Package, table: Table, line: Line, column: Column, days: Mapping[str, str], basis: tuple[str, ...], *, verified: bool
) -> Explained:  # fmt: skip
    row, subject = table.row(line.code), subjects.subject(table.subject)
    clock, day = clock_and_day(package, table, days)
    kind, _, name = (row.measure or column.measure or table.measure).partition(":")
    measured = f"{subject.field(name).title}的{MEASURES[kind]}" if name else MEASURES[kind]
    words = [("数据", f"{subject.title}，{CLOCKS.get(clock, clock)} {day}"), ("计量", measured)]
    for label, condition in (("统计范围", table.where), ("本行", row.where), ("本列", column.where)):
        if condition:
            words.append((label, conditions.words(subject, periods.settled(condition, day))))
    if row.by:
        words.append(("分行", f"{subject.field(row.by).title}为 {line.title}"))
    used = conditions.fields_of(condition_of(table, row, column, line.value)) + ([name] if name else [])
    fields = [subject.field(one) for one in dict.fromkeys(used)]
    return Explained(
        "自动计算", tuple(words), tuple((one.title, one.element, one.owner or subject.owner) for one in fields), (), verified,
        basis, subject.name,
    )  # fmt: skip


def _basis(package: Package, table: Table, row: Row, column: Column) -> tuple[str, ...]:
    marks = dict.fromkeys(one for one in (table.verified, row.verified, column.verified) if one)
    told = [package.sources.get(mark, mark) for mark in marks]
    return tuple(told) or ("未核对",)


def rows_of(
    package: Package, table: Table, line: Line, column: Column, *, days: Mapping[str, str], actor: Actor, page: int = 1
) -> Rows:  # fmt: skip
    """One page of the rows that a computed cell counted, as far as the actor may see them."""
    row = table.row(line.code)
    if is_manual(row, column) or calculation.formula_of(table, row, column) or not table.subject:
        raise Refused("这一格不是由数据行直接算出的")
    subject = subjects.subject(table.subject)
    clock, day = clock_and_day(package, table, days)
    condition = periods.settled(condition_of(table, row, column, line.value), day)
    measured = (row.measure or column.measure or table.measure).partition(":")[2]
    names = snapshots.shown_fields(
        subject, [*([measured] if measured else []), *conditions.fields_of(condition)]
    )
    needed = list(dict.fromkeys([*names, *conditions.fields_of(condition)]))
    with snapshots.engine() as engine:
        frozen = snapshots.frozen(clock, day, subject.name, needed)
        counted = frozen.filter(conditions.expression(frozen, subject, condition))
        seen = snapshots.visible(counted, subject, actor)
        total = engine.to_pyarrow(counted.count()).as_py()
        visible = engine.to_pyarrow(seen.count()).as_py()
        part = seen.order_by(seen[subject.key]).limit(PAGE, offset=(page - 1) * PAGE).select("id", *names)
        found = engine.to_pyarrow(part).to_pylist()
    rows = tuple(tuple(_shown(subject, name, one[name]) for name in names) for one in found)
    titles = tuple(subject.field(name).title for name in names)
    return Rows(subject, titles, rows, total, visible, tuple(one["id"] for one in found))


def _shown(subject: Subject, name: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    field = subject.field(name)
    if field.kind == "flag":
        return "是" if value else "否"
    if field.kind == "decimal":
        return f"{value:,.2f}"
    return conditions.wording(field, str(value)) if field.code_set or field.choices else str(value)
