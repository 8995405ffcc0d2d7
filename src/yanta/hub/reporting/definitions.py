"""Report packages as data: what a package, its tables, rows, columns and checks are, read from TOML files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from yanta.kernel.base import Refused, ciphers

FOLDER = Path(__file__).parent / "packages"
GRID, LIST = "grid", "list"
Condition = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `path` is its header from the top level down. A list's column names the `field` it shows."""

    code: str
    path: tuple[str, ...]
    where: Condition | None = None
    formula: str = ""
    manual: bool = False
    measure: str = ""
    shape: str = ""
    verified: str = ""
    note: str = ""
    field: str = ""
    named: bool = True
    width: int = 0

    @property
    def title(self) -> str:
        return " / ".join(self.path)


@dataclass(frozen=True, slots=True)
class Row:
    """One row, or with `by` one row for each value of a field."""

    code: str
    title: str
    depth: int = 0
    where: Condition | None = None
    formula: str = ""
    manual: bool = False
    measure: str = ""
    verified: str = ""
    note: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Stub:
    """What stands at the head of a driven row: a field of the subject that the row's value is the key of."""

    title: str
    subject: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A rule over cells. `left is right`, or `kind` last_year, dictionary, range; `each` repeats it along rows or columns."""

    code: str
    title: str
    kind: str = "compare"
    table: str = ""
    left: str = ""
    test: str = "eq"
    right: str = ""
    each: str = ""
    cells: tuple[str, ...] = ()
    percent: float = 0
    least: float = 0
    severity: str = "error"
    column: str = ""
    source: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A form of the package: a grid of figures, or a list with one line per row of a subject."""

    code: str
    title: str
    number: str = ""
    kind: str = GRID
    subject: str = ""
    where: Condition | None = None
    measure: str = "count"
    unit: str = ""
    owner: str = ""
    clock: str = ""
    is_dictionary: bool = False
    verified: str = ""
    stub: str = "项目"
    notes: tuple[str, ...] = ()
    stubs: tuple[Stub, ...] = ()
    rows: tuple[Row, ...] = ()
    columns: tuple[Column, ...] = ()
    figures: Mapping[str, str] = field(default_factory=dict)

    def row(self, code: str) -> Row:
        """The row of that code, driven rows by the code before their value; refuses an unknown one."""
        for one in self.rows:
            if one.code == code or (one.by and code.startswith(f"{one.code}_")):
                return one
        raise Refused(f"“{self.title}”没有行 {code}")

    def column(self, code: str) -> Column:
        for one in self.columns:
            if one.code == code:
                return one
        raise Refused(f"“{self.title}”没有列 {code}")

    @property
    def heading(self) -> str:
        return f"{self.number} {self.title}".strip()


@dataclass(frozen=True, slots=True)
class Package:
    """A statutory report as one definition with a version; `digest` tells one text of it from another."""

    code: str
    title: str
    version: str
    authority: str
    clock: str
    owner: str
    due_month: int
    due_day: int
    pledge: str
    basis: str
    sources: Mapping[str, str]
    tables: tuple[Table, ...]
    checks: tuple[Check, ...]
    digest: str = ""

    def table(self, code: str) -> Table:
        """The table of that code; refuses an unknown one in words."""
        for one in self.tables:
            if one.code == code:
                return one
        raise Refused(f"“{self.title}”没有表 {code}")


def packages() -> tuple[Package, ...]:
    """Every package in the folder, by code."""
    return tuple(package(path.parent.name) for path in sorted(FOLDER.glob("*/package.toml")))


@cache
def package(code: str) -> Package:
    """The package of that code; refuses an unknown one in words."""
    folder = FOLDER / code
    if not code.isidentifier() or not (folder / "package.toml").is_file():
        raise Refused(f"没有名为“{code}”的报表包")
    return read({path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.toml"))})


def read(texts: Mapping[str, str]) -> Package:
    """A package out of its files: `package` and one file per table, named by its code."""
    return _read(tuple(texts.items()))


@lru_cache(maxsize=32)
def _read(files: tuple[tuple[str, str], ...]) -> Package:
    texts = dict(files)
    head = tomllib.loads(texts["package"])
    raw = [tomllib.loads(texts[code]) for code in head["tables"]]
    checks = [_check(one) for one in head.get("checks", [])]
    checks += [_check({"table": table["code"], **one}) for table in raw for one in table.get("checks", [])]
    written = "\0".join(texts[name] for name in ("package", *head["tables"]))
    due = head.get("due", {})
    return Package(
        head["code"], head["title"], head["version"], head.get("authority", ""), head.get("clock", "9-30"),
        head.get("owner", ""), due.get("month", 12), due.get("day", 31), head.get("pledge", ""), head.get("basis", ""),
        head.get("sources", {}), tuple(_table(one) for one in raw), tuple(checks), ciphers.sm3_hex(written.encode()),
    )  # fmt: skip


def _table(raw: dict[str, Any]) -> Table:
    plain = {name: raw[name] for name in raw.keys() & set(Table.__slots__)}
    plain["notes"] = tuple(raw.get("notes", ()))
    plain["stubs"] = tuple(_stub(one) for one in raw.get("stubs", ()))
    plain["rows"] = tuple(Row(**one) for one in raw.get("rows", ()))
    plain["columns"] = tuple(
        Column(**{**one, "path": tuple(one["path"].split("/"))}) for one in raw.get("columns", ())
    )
    return Table(**plain)


def _stub(written: str) -> Stub:
    title, _, place = written.partition(":")
    subject, _, name = place.partition(".")
    return Stub(title, subject, name)


def _check(raw: dict[str, Any]) -> Check:
    plain = {("test" if name == "is" else name): value for name, value in raw.items()}
    for name in ("cells", "source"):
        plain[name] = tuple(plain.get(name, ()))
    return Check(**plain)


def cells(table: Table) -> Iterator[tuple[Row, Column]]:
    """The places of a grid, row by row; driven rows once."""
    return ((row, column) for row in table.rows for column in table.columns)


def is_manual(row: Row, column: Column) -> bool:
    return row.manual or column.manual


def is_verified(table: Table, row: Row | None, column: Column) -> bool:
    """Whether the place was compared with a published definition; every level has to be."""
    marks = [column.verified or table.verified]
    if row is not None:
        marks.append(row.verified or table.verified)
    return all(mark and mark != "未核对" for mark in marks)
