"""The code tables and the element dictionary that Yanta brings along, as they lie in the package."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from yanta.kernel.codes.rules.tables import CodeTable, Entry

DATA = Path(__file__).parent / "data"
_OWN_COLUMNS = {"code", "name", "parent", "note", "value"}
_WITHDRAWN = re.compile(r"已停用\((\d{4})\)")


@dataclass(frozen=True, slots=True)
class SetCard:
    """One line of the index: what a set is, where it came from and how far it was checked."""

    set_id: str
    title: str
    standard: str
    year: str
    source: str
    licence: str
    verdict: str
    check_note: str
    domain: str
    family: str
    edition: str
    valid_from: date | None
    valid_to: date | None
    width: int
    hierarchical: bool
    alias_columns: tuple[str, ...]


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def cards() -> dict[str, SetCard]:
    """All packaged sets by id."""
    return {row["id"]: _card(row) for row in rows_of(DATA / "INDEX.csv")}


@cache
def entries_of(set_id: str) -> tuple[Entry, ...]:
    """The codes of one packaged set in the order of its standard."""
    moves = _moves().get(set_id, {})
    rows = rows_of(DATA / "sets" / f"{set_id}.csv")
    return tuple(_entry(row, moves.get(row.get("code", ""))) for row in rows)


def aliases_of(set_id: str) -> Iterator[tuple[str, str]]:
    """Other ways of writing the codes of a set: (written form, code)."""
    yield from _written_aliases().get(set_id, ())
    card = cards()[set_id]
    for entry in entries_of(set_id):
        for column in card.alias_columns:
            # A remark may follow the other form after a semicolon.
            written = entry.note.partition("；")[0] if column == "note" else entry.attributes.get(column, "")
            if written and written != entry.code:
                yield written, entry.code


@cache
def table(set_id: str) -> CodeTable:
    """A packaged set ready for look-up, without any database."""
    entries = {entry.code: entry for entry in entries_of(set_id)}
    return CodeTable(set_id, cards()[set_id].title, entries, tuple(aliases_of(set_id)))


def elements() -> Iterator[dict[str, str]]:
    """The element dictionary, line by line."""
    return rows_of(DATA / "elements.csv")


def number_rules() -> Iterator[dict[str, str]]:
    """The numbering rules that Yanta suggests."""
    return rows_of(DATA / "NUMBER_RULES.csv")


def _card(row: dict[str, str]) -> SetCard:
    return SetCard(
        set_id=row["id"],
        title=row["title"],
        standard=row["standard"],
        year=row["year"],
        source=row["source"],
        licence=row["licence"],
        verdict=row["verdict"],
        check_note=row["check"],
        domain=row["domain"],
        family=row["family"],
        edition=row["edition"],
        valid_from=_date(row["valid_from"]),
        valid_to=_date(row["valid_to"]),
        width=int(row["width"]),
        hierarchical=row["hierarchical"] == "1",
        alias_columns=tuple(filter(None, row["alias_columns"].split(";"))),
    )


def _entry(row: dict[str, str], move: dict[str, str] | None) -> Entry:
    withdrawn = _WITHDRAWN.search(row.get("note", ""))
    return Entry(
        code=row.get("code") or row["value"],
        name=row.get("name") or row["note"],
        parent=row.get("parent", ""),
        note=row.get("note", ""),
        valid_to=_date(move["retired_on"])
        if move
        else date(int(withdrawn[1]) + 1, 1, 1)
        if withdrawn
        else None,
        successor=move["successor"] if move else "",
        successor_set=move["successor_set"] if move else "",
        attributes={key: value for key, value in row.items() if value and key not in _OWN_COLUMNS},
    )


@cache
def _moves() -> dict[str, dict[str, dict[str, str]]]:
    """Set → code → where its standard moved it to."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in rows_of(DATA / "RETIRED.csv"):
        found.setdefault(row["set"], {})[row["code"]] = row
    return found


@cache
def _written_aliases() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows_of(DATA / "ALIASES.csv"):
        found.setdefault(row["set"], []).append((row["written"], row["code"]))
    return found


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
