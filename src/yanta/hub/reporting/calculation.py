"""Figures out of subjects: each subject is read once, its conditions are decided once, its cells are counted together."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import ibis
import orjson
import pyarrow as pa

from yanta.hub import subjects
from yanta.hub.reporting import formulas, periods
from yanta.hub.reporting.definitions import LIST, Column, Package, Row, Table, is_manual
from yanta.hub.snapshots import public as snapshots
from yanta.hub.subjects import Subject, conditions
from yanta.kernel.codes import service as codes

NOW = snapshots.NOW
# How many lines a list has, as if it were a cell.
COUNT = "list.count"
Values = dict[str, dict[str, Decimal | None]]


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it stands in the result: driven rows come once for each value."""

    code: str
    title: str
    depth: int = 0
    row: str = ""
    value: str = ""
    stubs: tuple[str, ...] = ()


@dataclass(slots=True)
class Result:
    """What a package came to: values by table and `row.column`, the lines of each grid, the rows of each list."""

    days: dict[str, date] = field(default_factory=dict)
    snapshots: dict[str, int] = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    lines: dict[str, list[Line]] = field(default_factory=dict)
    lists: dict[str, pa.Table] = field(default_factory=dict)
    seconds: float = 0.0

    def value(self, name: str) -> Decimal | None:
        """A cell by its full name."""
        table, row, column = name.split(".")
        return self.values.get(table, {}).get(f"{row}.{column}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One figure to count: where it goes and which flags hold."""

    table: str
    row: str
    column: str
    flags: tuple[str, ...]
    measure: str
    by: str = ""


def clock_of(package: Package, table: Table) -> str:
    """A table's own clock, else the package's."""
    return table.clock or package.clock


def compute(package: Package, days: Mapping[str, date], *, only: Iterable[str] | None = None) -> Result:
    """All tables (or those named) over the frozen days of their clocks; `{"now": day}` is the living data for all."""
    began = time.perf_counter()
    chosen = [one for one in package.tables if only is None or one.code in set(only)]
    result = Result(dict(days))
    for one in chosen:
        result.values[one.code] = {}
        result.lines[one.code] = [
            Line(row.code, row.title, row.depth, row.code) for row in one.rows if not row.by
        ]
    for clock, tables in _by_clock(package, chosen, days).items():
        _read(clock, days[clock], tables, result)
    _ordered(chosen, result)
    _formulas(package, chosen, result)
    result.seconds = round(time.perf_counter() - began, 3)
    return result


def _by_clock(package: Package, tables: Iterable[Table], days: Mapping[str, date]) -> dict[str, list[Table]]:
    found: dict[str, list[Table]] = defaultdict(list)
    for one in tables:
        if one.subject:
            found[NOW if NOW in days else clock_of(package, one)].append(one)
    return found


def _read(clock: str, on: date, tables: Sequence[Table], result: Result) -> None:
    if clock != NOW:
        found = snapshots.snapshot_id(clock, on)
        if found is not None:
            result.snapshots[clock] = found
    with snapshots.engine() as engine:
        for name in dict.fromkeys(one.subject for one in tables):
            chosen = [one for one in tables if one.subject == name]
            _Reading(engine, subjects.subject(name), chosen, result, clock, on).run()


class _Reading:
    """One subject's part of the work."""

    def __init__(
        self, engine: Any, subject: Subject, tables: Sequence[Table], result: Result, clock: str, on: date
    ) -> None:
        self.engine, self.subject, self.tables, self.result = engine, subject, tables, result
        self.clock, self.on = clock, on
        self.flags: dict[str, tuple[str, Mapping[str, Any]]] = {}

    def run(self) -> None:
        wanted = [one for table in self.tables for one in self._wanted(table)]
        lists = [table for table in self.tables if table.kind == LIST]
        for table in lists:
            self._flag(table.where)
        if not wanted and not lists:
            return
        whole = self._flagged(self._names(wanted, lists))
        for by, group in _by(wanted).items():
            self._count(whole, by, group)
        for table in lists:
            found = self.result.lists[table.code] = self._listed(whole, table)
            self.result.values[table.code][COUNT] = Decimal(found.num_rows)

    def _wanted(self, table: Table) -> Iterator[Wanted]:
        if table.kind == LIST:
            return
        for row in table.rows:
            for column in table.columns:
                if row.formula or column.formula or is_manual(row, column):
                    continue
                flags = tuple(self._flag(one) for one in (table.where, row.where, column.where) if one)
                measure = row.measure or column.measure or table.measure
                yield Wanted(table.code, row.code, column.code, flags, measure, row.by)

    def _flag(self, condition: Mapping[str, Any] | None) -> str:
        """The name of the column that says whether a row meets the condition."""
        if not condition:
            return ""
        settled = periods.settled(condition, self.on)
        key = orjson.dumps(settled, option=orjson.OPT_SORT_KEYS).decode()
        return self.flags.setdefault(key, (f"_f{len(self.flags)}", settled))[0]

    def _names(self, wanted: Sequence[Wanted], lists: Sequence[Table]) -> list[str]:
        found = [name for _, condition in self.flags.values() for name in conditions.fields_of(condition)]
        found += [one.by for one in wanted if one.by]
        found += [field for one in wanted for field in [one.measure.partition(":")[2]] if field]
        found += [column.field for table in lists for column in table.columns if column.field]
        return list(dict.fromkeys(found))

    def _flagged(self, names: Sequence[str]) -> ibis.Table:
        read = snapshots.frozen(self.clock, self.on, self.subject.name, names)
        flags = {
            flag: conditions.expression(read, self.subject, condition)
            for flag, condition in self.flags.values()
        }
        chosen = read.mutate(**flags) if flags else read
        return self.engine.create_table(f"_{self.subject.name}", chosen, temp=True)

    def _count(self, whole: ibis.Table, by: str, wanted: Sequence[Wanted]) -> None:
        figures = {f"v{n}": _figure(whole, one) for n, one in enumerate(wanted)}
        counted = whole.group_by(whole[by]).aggregate(**figures) if by else whole.aggregate(**figures)
        rows = self.engine.to_pyarrow(counted).to_pylist()
        for row in rows:
            self._put(row, by, wanted)
        if by:
            self._lines(by, wanted, rows)

    def _put(self, row: dict[str, Any], by: str, wanted: Sequence[Wanted]) -> None:
        for n, one in enumerate(wanted):
            place = f"{_driven(one.row, row[by])}.{one.column}" if by else f"{one.row}.{one.column}"
            self.result.values[one.table][place] = _decimal(row[f"v{n}"])

    def _lines(self, by: str, wanted: Sequence[Wanted], rows: Sequence[dict[str, Any]]) -> None:
        """A line for each value that counts anything in the table."""
        for table in {one.table: None for one in wanted}:
            places = [(n, one) for n, one in enumerate(wanted) if one.table == table]
            declared = next(t for t in self.tables if t.code == table)
            alive = [row[by] for row in rows if any(row[f"v{n}"] for n, _ in places)]
            heads = _heads(self.subject, declared, by, self.clock, self.on)
            for code in dict.fromkeys(one.row for _, one in places):
                for value in sorted(alive, key=lambda value: (value in (None, ""), str(value))):
                    title, stubs = heads(value)
                    line = Line(
                        _driven(code, value), title, declared.row(code).depth, code, str(value or ""), stubs
                    )
                    self.result.lines[table].append(line)
            kept = {line.code for line in self.result.lines[table]}
            found = self.result.values[table]
            for place in [place for place in found if place.partition(".")[0] not in kept]:
                del found[place]

    def _listed(self, whole: ibis.Table, table: Table) -> pa.Table:
        flag = self._flag(table.where)
        rows = whole.filter(whole[flag]) if flag else whole
        chosen = [column for column in table.columns if column.field]
        key = chosen[0].field if chosen else "id"
        picked = rows.order_by(rows[key]).select(
            id=rows.id, unit_path=rows.unit_path, **{column.code: rows[column.field] for column in chosen}
        )
        found = self.engine.to_pyarrow(picked)
        for column in chosen:
            at = found.schema.get_field_index(column.code)
            found = found.set_column(at, column.code, _worded(self.subject, column, found[column.code]))
        for column in table.columns:
            if not column.field:
                found = found.append_column(column.code, pa.array([None] * found.num_rows, pa.string()))
        return found


def _by(wanted: Iterable[Wanted]) -> dict[str, list[Wanted]]:
    found: dict[str, list[Wanted]] = defaultdict(list)
    for one in wanted:
        found[one.by].append(one)
    return found


def _figure(table: ibis.Table, wanted: Wanted) -> Any:
    where = ibis.and_(*(table[flag] for flag in wanted.flags)) if wanted.flags else None
    kind, _, name = wanted.measure.partition(":")
    if kind == "count":
        return table.count(where=where)
    column = table[name]
    if kind == "count_distinct":
        return column.nunique(where=where)
    if kind == "sum":
        return column.sum(where=where).fill_null(0)
    return {"avg": column.mean, "max": column.max}[kind](where=where)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else plain(Decimal(str(value)))


def plain(value: Decimal) -> Decimal:
    """Without noughts behind the point; at most four places."""
    value = round(value, 4)
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _driven(row: str, value: Any) -> str:
    """The code of a driven row: letters and digits only, so that formulas can name it."""
    return f"{row}_{re.sub(r'[^0-9A-Za-z]', '', str(value or ''))}"


def _heads(subject: Subject, table: Table, by: str, clock: str, on: date) -> Any:
    """value → (title, further stubs) of a driven row."""
    declared = subject.field(by)
    extra = [one for one in table.stubs if one.subject]
    known = {one.subject: _by_key(one.subject, [s.field for s in extra if s.subject == one.subject], clock, on) for one in extra}  # fmt: skip

    def heads(value: Any) -> tuple[str, tuple[str, ...]]:
        if value in (None, ""):
            return "（未填）", tuple("" for one in extra if one.title != table.stub)
        told = {one.title: str(known[one.subject].get(str(value), {}).get(one.field) or "") for one in extra}
        title = told.pop(table.stub, "") or conditions.wording(declared, str(value))
        return title, tuple(told.values())

    return heads


def _by_key(name: str, fields: Sequence[str], clock: str, on: date) -> dict[str, dict[str, Any]]:
    subject = subjects.subject(name)
    with snapshots.engine() as engine:
        rows = engine.to_pyarrow(snapshots.frozen(clock, on, name, [subject.key, *fields])).to_pylist()
    return {str(row[subject.key]): row for row in rows}


def _worded(subject: Subject, column: Column, values: pa.ChunkedArray) -> pa.Array:
    """A list's values as people read them."""
    field = subject.field(column.field)
    if column.named and field.code_set:
        names = dict(codes.choices(field.code_set))
        return pa.array(
            [names.get(str(one), str(one)) if one else None for one in values.to_pylist()], pa.string()
        )
    if column.named and field.choices:
        names = dict(field.choices)
        return pa.array(
            [names.get(str(one), str(one)) if one else None for one in values.to_pylist()], pa.string()
        )
    if field.kind == "flag":
        return pa.array([{True: "是", False: "否"}.get(one) for one in values.to_pylist()], pa.string())
    return pa.array([None if one is None else str(one) for one in values.to_pylist()], pa.string())


def _ordered(tables: Iterable[Table], result: Result) -> None:
    """The lines of a grid in the order of the definition, driven ones in the place of their row."""
    for table in tables:
        place = {row.code: n for n, row in enumerate(table.rows)}
        result.lines[table.code].sort(key=lambda line: place[line.row])


def _formulas(package: Package, tables: Sequence[Table], result: Result) -> None:
    """Every cell with a formula, those it asks for first."""
    for table in tables:
        for line in result.lines[table.code]:
            for column in table.columns:
                if formula_of(table, table.row(line.code), column):
                    _formula(package, result, f"{table.code}.{line.code}.{column.code}", ())


def formula_of(table: Table, row: Row, column: Column) -> str:
    """The formula of a cell; a row's goes before a column's."""
    return "" if is_manual(row, column) else row.formula or column.formula


def _formula(package: Package, result: Result, name: str, asking: tuple[str, ...]) -> Decimal | None:
    code, line, column = name.split(".")
    known = result.values.get(code, {})
    place = f"{line}.{column}"
    if place in known or code not in result.values or name in asking:
        return known.get(place)
    table = package.table(code)
    row, declared = table.row(line), table.column(column)
    text = formula_of(table, row, declared)
    if not text:
        return None
    across = not row.formula

    def look_up(written: str) -> Decimal | None:
        asked = formulas.full(written, code, line, "*" if across else column)
        return _formula(package, result, asked, (*asking, name))

    found = formulas.value(text, look_up)
    result.values[code][place] = found = None if found is None else plain(found)
    return found


def recalculated(package: Package, values: Values, lines: Mapping[str, list[Line]], kept: set[str]) -> Values:
    """The formula cells anew over values that people have changed, but for those they gave themselves (`kept`)."""
    result = Result(values={code: dict(cells) for code, cells in values.items()}, lines=dict(lines))
    chosen = [one for one in package.tables if one.code in lines]
    for one in chosen:
        for line in lines[one.code]:
            for column in one.columns:
                name = f"{line.code}.{column.code}"
                if formula_of(one, one.row(line.code), column) and f"{one.code}.{name}" not in kept:
                    result.values[one.code].pop(name, None)
    _formulas(package, chosen, result)
    return result.values
