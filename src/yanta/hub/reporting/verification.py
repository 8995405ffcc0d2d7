"""What is wrong with a filled package: sums, comparisons, last year, dictionaries, ranges, other packages."""

from __future__ import annotations

import difflib
import fnmatch
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from yanta.hub.reporting import formulas
from yanta.hub.reporting.calculation import Line, Values, plain
from yanta.hub.reporting.definitions import Check, Package, Table

TESTS: dict[str, tuple[Callable[[Decimal, Decimal], bool], str]] = {
    "eq": (operator.eq, "等于"), "le": (operator.le, "不大于"), "lt": (operator.lt, "小于"),
    "ge": (operator.ge, "不小于"), "gt": (operator.gt, "大于"),
}  # fmt: skip
TOLERANCE = Decimal("0.005")
MOST_OF_A_CHECK = 50


@dataclass(frozen=True, slots=True)
class Found:
    """One thing a check found: at which cell, what was given, what would be right."""

    check: str
    table: str
    cell: str
    severity: str
    message: str
    given: str
    allowed: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The same figure in another report of the same day."""

    figure: str
    title: str
    place: str
    value: Decimal | None


@dataclass(slots=True)
class Filled:
    """A package as it stands: values, lines, last year's values, the columns of its lists, figures of other packages."""

    package: Package
    values: Values
    lines: Mapping[str, Sequence[Line]]
    last_year: Values = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, Mapping[str, int]]] | None = None
    elsewhere: Sequence[Elsewhere] = ()

    def value(self, name: str) -> Decimal | None:
        """A cell by its full name; a driven row's own code means the sum of its lines."""
        table, row, column = name.split(".")
        cells = self.values.get(table, {})
        driven = [line.code for line in self.lines.get(table, ()) if line.row == row and line.code != row]
        if not driven:
            return cells.get(f"{row}.{column}")
        found = [cells.get(f"{code}.{column}") for code in driven]
        known = [one for one in found if one is not None]
        return sum(known, Decimal(0)) if known else None

    def title(self, name: str) -> str:
        """A cell as people call it."""
        code, row, column = name.split(".")
        table = self.package.table(code)
        if row == "list":
            return f"{table.heading}的行数"
        line = next((one.title for one in self.lines.get(code, ()) if one.code == row), row)
        return f"{table.title}“{line}”的“{table.column(column).title}”"


def findings(filled: Filled) -> list[Found]:
    """Everything all checks find; dictionary checks only when the lists are at hand."""
    found = [one for check in filled.package.checks for one in _KINDS[check.kind](filled, check)]
    return [*found, *_elsewhere(filled)]


def _compare(filled: Filled, check: Check) -> Iterator[Found]:
    for row, column in _places(filled, check):
        left, right = (_worth(filled, check, text, row, column) for text in (check.left, check.right))
        if left is None or right is None:
            continue
        holds, words = TESTS[check.test]
        if holds(left, right) or (check.test == "eq" and abs(left - right) <= TOLERANCE):
            continue
        cell = _cell(filled, check, row, column)
        where = f"{filled.title(cell)}：" if check.each else ""
        difference = f"，差 {told(left - right)}" if check.test == "eq" else ""
        yield Found(
            check.code, cell.partition(".")[0], cell, check.severity, f"{where}{check.title}{difference}", told(left),
            f"{words} {told(right)}", check.basis,
        )  # fmt: skip


def _places(filled: Filled, check: Check) -> Iterator[tuple[str, str]]:
    if check.each == "column":
        yield from (("*", one.code) for one in filled.package.table(check.table).columns)
    elif check.each == "row":
        yield from ((line.code, "*") for line in filled.lines.get(check.table, ()))
    else:
        yield ("", "")


def _full(check: Check, name: str, row: str, column: str) -> str:
    if check.each == "row":
        return formulas.full(name, check.table, row, "*")
    return formulas.full(name, check.table, row, column)


def _worth(filled: Filled, check: Check, text: str, row: str, column: str) -> Decimal | None:
    return formulas.value(text, lambda name: filled.value(_full(check, name, row, column)))


def _cell(filled: Filled, check: Check, row: str, column: str) -> str:
    """Where a finding stands: the first cell of the left side."""
    return _full(check, formulas.names(check.left)[0], row, column)


def _range(filled: Filled, check: Check) -> Iterator[Found]:
    worth = _worth(filled, check, check.left, "", "")
    if worth is None:
        return
    low, high = check.low, check.high
    if (low is None or worth >= Decimal(str(low))) and (high is None or worth <= Decimal(str(high))):
        return
    cell = _cell(filled, check, "", "")
    bounds = [f"不小于 {low:g}" if low is not None else "", f"不大于 {high:g}" if high is not None else ""]
    yield Found(
        check.code, cell.partition(".")[0], cell, check.severity, check.title, told(plain(round(worth, 2))),
        "，".join(one for one in bounds if one), check.basis,
    )  # fmt: skip


def _last_year(filled: Filled, check: Check) -> Iterator[Found]:
    for table, cells in filled.values.items():
        for place, now in cells.items():
            name = f"{table}.{place}"
            before = filled.last_year.get(table, {}).get(place)
            if (
                now is None
                or before is None
                or not any(fnmatch.fnmatchcase(name, one) for one in check.cells)
            ):
                continue
            change = abs(now - before)
            if change <= Decimal(str(check.least)) or (
                before and change / before * 100 <= Decimal(str(check.percent))
            ):
                continue
            share = f"{(now - before) / before * 100:+.1f}%" if before else "上年为 0"
            yield Found(
                check.code, table, name, check.severity, f"{filled.title(name)}：上年 {told(before)}，{share}", told(now),
                f"变动不超过 {check.percent:g}%，或说明原因", check.basis,
            )  # fmt: skip


def _dictionary(filled: Filled, check: Check) -> Iterator[Found]:
    if filled.columns is None:
        return
    allowed: set[str] = set()
    for place in check.source:
        source, _, column = place.partition(".")
        allowed |= set(filled.columns.get(source, {}).get(column, {}))
    used = filled.columns.get(check.table, {}).get(check.column, {})
    wrong = sorted(value for value in used if value and value not in allowed)
    table = filled.package.table(check.table)
    for value in wrong[:MOST_OF_A_CHECK]:
        near = difflib.get_close_matches(value, allowed, n=3, cutoff=0.5)
        more = (
            f"等 {len(wrong)} 个值"
            if len(wrong) > MOST_OF_A_CHECK and value == wrong[MOST_OF_A_CHECK - 1]
            else ""
        )
        yield Found(
            check.code, check.table, f"{check.table}.{check.column}.{value}"[:90], check.severity,
            f"{check.title}：{used[value]} 行填了“{value}”{more}（{table.column(check.column).title}）", value,
            ("相近的有 " + "、".join(near)) if near else f"字典中的 {len(allowed)} 个值之一", check.basis,
        )  # fmt: skip


def _elsewhere(filled: Filled) -> Iterator[Found]:
    """The same figure everywhere: in this package and in other reports of the same day."""
    own = [
        (figure, f"{table.code}.{place}")
        for table in filled.package.tables
        for figure, place in table.figures.items()
    ]
    for figure, name in own:
        value = filled.value(name)
        others = [
            one for one in filled.elsewhere
            if one.figure == figure and one.value is not None and value is not None and one.value != value
        ]  # fmt: skip
        if others:
            yield Found(
                f"同数-{figure}"[:20], name.partition(".")[0], name, "error",
                f"{filled.title(name)}与“{others[0].title}”中的不一致", told(value),
                "；".join(f"{one.place} 为 {told(one.value)}" for one in others), "同一指标在各报表中应当一致",
            )  # fmt: skip


def told(value: Decimal | None) -> str:
    return "" if value is None else f"{plain(value):,f}"


_KINDS: dict[str, Callable[[Filled, Check], Iterator[Found]]] = {
    "compare": _compare, "range": _range, "last_year": _last_year, "dictionary": _dictionary,
}  # fmt: skip
KINDS = tuple(_KINDS)


def places_of(table: Table) -> list[str]:
    """The named figures of a table."""
    return [f"{table.code}.{place}" for place in table.figures.values()]
