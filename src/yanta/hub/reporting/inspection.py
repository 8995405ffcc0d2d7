"""`yanta reporting check`: what is wrong with a definition, numbered, with the place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from yanta.hub import subjects
from yanta.hub.reporting import formulas, periods
from yanta.hub.reporting.definitions import (
    GRID,
    LIST,
    Check,
    Column,
    Condition,
    Package,
    Row,
    Table,
    is_manual,
)
from yanta.hub.reporting.verification import KINDS, TESTS
from yanta.hub.subjects import Subject, conditions
from yanta.kernel.base import Refused

MEASURES = ("count", "count_distinct", "sum", "avg", "max")
CLOCKS = ("9-30", "school_year", "calendar_year", "manual")


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a definition."""

    number: str
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.number} {self.place}：{self.text}"


def problems(package: Package) -> list[Problem]:
    """Every fault; empty when the package can be computed."""
    found = list(_of_package(package))
    for table in package.tables:
        found += _of_table(package, table)
    for check in package.checks:
        found += _of_check(package, check)
    return found


def _of_package(package: Package) -> Iterator[Problem]:
    codes = [table.code for table in package.tables]
    for code in {one for one in codes if codes.count(one) > 1}:
        yield Problem("report.E001", code, "表代号重复")
    if package.clock not in CLOCKS:
        yield Problem("report.E002", package.code, f"没有“{package.clock}”这种时钟，可用 {'、'.join(CLOCKS)}")
    last_dictionary = max((n for n, one in enumerate(package.tables) if one.is_dictionary), default=-1)
    for table in package.tables[: last_dictionary + 1]:
        if not table.is_dictionary:
            yield Problem("report.E003", table.code, "字典表须排在其他表之前，先填")


def _of_table(package: Package, table: Table) -> Iterator[Problem]:
    if table.kind not in (GRID, LIST):
        yield Problem("report.E004", table.code, f"没有“{table.kind}”这种表")
        return
    if table.clock and table.clock not in CLOCKS:
        yield Problem("report.E002", table.code, f"没有“{table.clock}”这种时钟")
    for kind, codes in (("行", [r.code for r in table.rows]), ("列", [c.code for c in table.columns])):
        for code in codes:
            if not code.isidentifier() or codes.count(code) > 1:
                yield Problem(
                    "report.E005", f"{table.code}.{code}", f"{kind}代号重复或不是字母、数字、下划线"
                )
    subject = None
    if table.subject:
        try:
            subject = subjects.subject(table.subject)
        except Refused as refusal:
            yield Problem("report.E006", table.code, refusal.message)
            return
    yield from _of_conditions(table, subject)
    yield from _of_cells(package, table, subject)


def _of_conditions(table: Table, subject: Subject | None) -> Iterator[Problem]:
    places: list[tuple[str, Condition | None]] = [(table.code, table.where)]
    places += [(f"{table.code}.{row.code}", row.where) for row in table.rows]
    places += [(f"{table.code}.{column.code}", column.where) for column in table.columns]
    for place, condition in places:
        if condition is None:
            continue
        if subject is None:
            yield Problem("report.E007", place, "有条件却没有说是哪个主题")
            continue
        try:
            conditions.check(subject, periods.settled(condition, date(2020, 9, 30)))
        except Refused as refusal:
            yield Problem("report.E008", place, refusal.message)


def _of_cells(package: Package, table: Table, subject: Subject | None) -> Iterator[Problem]:
    for column in table.columns if table.kind == LIST else ():
        yield from _of_listed(table, column, subject)
    for row in table.rows:
        if row.by and (subject is None or not _has(subject, row.by)):
            yield Problem(
                "report.E009", f"{table.code}.{row.code}", f"主题没有“{row.by}”这一项，不能按它分行"
            )
        for column in table.columns:
            yield from _of_cell(package, table, row, column, subject)


def _of_listed(table: Table, column: Column, subject: Subject | None) -> Iterator[Problem]:
    place = f"{table.code}.{column.code}"
    if subject is None or (column.field and not _has(subject, column.field)):
        yield Problem("report.E010", place, f"主题没有“{column.field}”这一项")
    elif column.field and subject.field(column.field).is_sealed:
        yield Problem("report.E011", place, f"“{column.field}”加密保存，不能列入名册")


def _of_cell(
    package: Package, table: Table, row: Row, column: Column, subject: Subject | None
) -> Iterator[Problem]:
    place = f"{table.code}.{row.code}.{column.code}"
    text = row.formula or column.formula
    if is_manual(row, column):
        return
    if text:
        yield from _of_formula(package, place, text, "*" if not row.formula else column.code)
        return
    if subject is None:
        yield Problem("report.E012", place, "既没有主题，也没有公式，又不是手填")
        return
    kind, _, name = (row.measure or column.measure or table.measure).partition(":")
    if kind not in MEASURES:
        yield Problem("report.E013", place, f"没有“{kind}”这种计量，可用 {'、'.join(MEASURES)}")
    elif kind != "count" and not _has(subject, name):
        yield Problem("report.E014", place, f"主题没有“{name}”这一项，不能计量")
    elif kind in ("sum", "avg") and subject.field(name).kind not in ("integer", "decimal"):
        yield Problem("report.E015", place, f"“{name}”不是数，不能求和")


def _of_formula(package: Package, place: str, text: str, column: str) -> Iterator[Problem]:
    table, row, _ = place.split(".")
    try:
        asked = formulas.names(text)
    except Refused as refusal:
        yield Problem("report.E016", place, refusal.message)
        return
    for name in asked:
        full = formulas.full(name, table, row, column)
        if not _exists(package, full):
            yield Problem("report.E017", place, f"公式里的“{full}”不存在")
        elif full == place or _reaches(package, full, place, set()):
            yield Problem("report.E018", place, "公式绕回了自己")


def _reaches(package: Package, start: str, goal: str, seen: set[str]) -> bool:
    if start in seen:
        return False
    seen.add(start)
    code, row_code, column_code = start.split(".")
    if row_code == "list":
        return False
    table = package.table(code)
    row, column = table.row(row_code), table.column(column_code)
    text = "" if is_manual(row, column) else row.formula or column.formula
    if not text:
        return False
    asked = [
        formulas.full(one, code, row_code, column_code if row.formula else "*")
        for one in formulas.names(text)
    ]
    return goal in asked or any(_exists(package, one) and _reaches(package, one, goal, seen) for one in asked)


def _of_check(package: Package, check: Check) -> Iterator[Problem]:
    if check.kind not in KINDS:
        yield Problem("report.E020", check.code, f"没有“{check.kind}”这种核查")
        return
    if check.test not in TESTS or check.severity not in ("error", "explain", "notice"):
        yield Problem("report.E021", check.code, "比较方式或程度写法有误")
    if check.kind == "dictionary":
        for place in (f"{check.table}.{check.column}", *check.source):
            if not _has_column(package, place):
                yield Problem("report.E022", check.code, f"没有列“{place}”")
        return
    if check.kind in ("compare", "range"):
        for text in filter(None, (check.left, check.right)):
            yield from _of_side(package, check, text)


def _of_side(package: Package, check: Check, text: str) -> Iterator[Problem]:
    row, column = {"column": ("*", ""), "row": ("", "*")}.get(check.each, ("", ""))
    try:
        asked = formulas.names(text)
    except Refused as refusal:
        yield Problem("report.E016", check.code, refusal.message)
        return
    for name in asked:
        if "." not in name and check.each:
            known = _known(package, check.table, name, is_row=bool(row))
        else:
            known = _exists(package, formulas.full(name, check.table, row, column))
        if not known:
            yield Problem("report.E023", check.code, f"核查里的“{name}”不存在")


def _known(package: Package, table: str, name: str, *, is_row: bool) -> bool:
    try:
        found = package.table(table)
        return bool(found.row(name) if is_row else found.column(name))
    except Refused:
        return False


def _has(subject: Subject, name: str) -> bool:
    return any(field.name == name for field in subject.fields)


def _has_column(package: Package, place: str) -> bool:
    table, _, column = place.partition(".")
    return _known(package, table, column, is_row=False)


def _exists(package: Package, name: str) -> bool:
    parts = name.split(".")
    if len(parts) != 3:
        return False
    if parts[1:] == ["list", "count"]:
        return any(one.code == parts[0] and one.kind == LIST for one in package.tables)
    return _known(package, parts[0], parts[1], is_row=True) and _known(
        package, parts[0], parts[2], is_row=False
    )
