"""Loads the packaged tables into the database, set at a time; running it again changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from yanta.kernel.codes import loading_sql as sql
from yanta.kernel.codes import packaged, providers, service
from yanta.kernel.codes.rules.elements import length_of


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a load did with one kind of row: read = new + changed + unchanged + kept.

    `kept` are codes that the school has published a change of; the standard does not overwrite them.
    """

    kind: str
    read: int
    new: int
    changed: int
    kept: int = 0

    @property
    def unchanged(self) -> int:
        return self.read - self.new - self.changed - self.kept

    def __str__(self) -> str:
        kept = f"，保留学校发布 {self.kept}" if self.kept else ""
        parts = f"新增 {self.new} + 变更 {self.changed} + 未变 {self.unchanged}"
        return f"{self.kind}：读入 {self.read} = {parts}{kept}"


def load_codes() -> tuple[Receipt, ...]:
    """Bring the stored sets, aliases and elements up to what the package holds."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.STAGE)
        receipts = tuple(load(cursor) for load in _LOADS)
        cursor.execute(sql.UNSTAGE)
    service.forget()
    return receipts


def _load_sets(cursor: Any) -> Receipt:
    rows = [*_packaged_sets(), *_live_sets()]
    _copy(cursor, "stage_set", rows)
    changed = _run(cursor, sql.CHANGE_SETS)
    new = _run(cursor, sql.ADD_SETS)
    cursor.execute("ANALYZE codes_codeset")
    return Receipt("代码集", len(rows), new, changed)


def _load_codes(cursor: Any) -> Receipt:
    rows = list(_codes())
    _copy(cursor, "stage_code", rows)
    cursor.execute("SELECT clock_timestamp()")
    started = cursor.fetchone()[0]
    kept = _count(cursor, sql.COUNT_KEPT_CODES)
    new = _run(cursor, sql.ADD_CODES)
    cursor.execute("ANALYZE codes_code")
    cursor.execute(sql.CHANGE_CODES, {"started": started})
    changed = sum(1 for (is_new,) in cursor.fetchall() if not is_new)
    cursor.execute(sql.COUNT_SIZES)
    return Receipt("代码", len(rows), new, changed, kept)


def _load_aliases(cursor: Any) -> Receipt:
    rows = list(dict.fromkeys(_aliases()))
    _copy(cursor, "stage_alias", rows)
    return Receipt("同义写法", len(rows), _run(cursor, sql.ADD_ALIASES), 0)


def _load_elements(cursor: Any) -> Receipt:
    rows = list(_elements())
    _copy(cursor, "stage_element", rows)
    changed = _run(cursor, sql.CHANGE_ELEMENTS)
    return Receipt("数据元", len(rows), _run(cursor, sql.ADD_ELEMENTS), changed)


def _load_number_rules(cursor: Any) -> Receipt:
    """Rules are only offered: one that the school has changed, or given numbers by, stays as it is."""
    rows = list(packaged.number_rules())
    cursor.executemany(sql.ADD_NUMBER_RULE, rows)
    return Receipt("编号规则", len(rows), int(cursor.rowcount), 0)


_LOADS = (_load_sets, _load_codes, _load_aliases, _load_elements, _load_number_rules)


def _copy(cursor: Any, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    # Nobody else sees these rows yet, so nobody else counts them; uncounted, joins take minutes.
    cursor.execute(f"ANALYZE {table}")


def _run(cursor: Any, statement: str) -> int:
    cursor.execute(statement)
    return int(cursor.rowcount)


def _count(cursor: Any, statement: str) -> int:
    cursor.execute(statement)
    return int(cursor.fetchone()[0])


def _packaged_sets() -> Iterable[tuple[Any, ...]]:
    for card in packaged.cards().values():
        yield (
            card.set_id, card.title, card.standard, card.family, card.edition, card.domain, card.valid_from,
            card.valid_to, card.source, card.licence, card.verdict, card.check_note, card.hierarchical,
            card.width,
        )  # fmt: skip


def _live_sets() -> Iterable[tuple[Any, ...]]:
    for live in providers.live_sets():
        source = f"主数据，由{live.owner}维护"
        yield (
            live.set_id, live.title, live.standard, live.set_id, "", live.domain, None, None, source, "",
            "master-data", "", bool(live.columns.parent), live.width,
        )  # fmt: skip


def _codes() -> Iterable[tuple[Any, ...]]:
    for set_id in packaged.cards():
        for position, entry in enumerate(packaged.entries_of(set_id)):
            yield (
                set_id, entry.code, entry.name, entry.parent, entry.note, entry.valid_from, entry.valid_to,
                entry.successor_set or set_id, entry.successor, Jsonb(dict(entry.attributes)), position,
            )  # fmt: skip


def _aliases() -> Iterable[tuple[str, str, str]]:
    for set_id in packaged.cards():
        for written, code in packaged.aliases_of(set_id):
            yield set_id, written, code


def _elements() -> Iterable[tuple[Any, ...]]:
    widths = {card.set_id: card.width for card in packaged.cards().values()}
    for position, row in enumerate(packaged.elements()):
        subset, _, title = row["subset"].partition(" ")
        sets = [set_id for set_id in row["code_file"].split(";") if set_id]
        yield (
            row["source"], subset, title or subset, row["element_id"], row["element_no"], row["name"],
            row["type"], row["length"], length_of(row["length"], [widths[one] for one in sets]),
            row["code_ref"], sets,
            row["obligation"], row["note"], row["confidence"], position,
        )  # fmt: skip
