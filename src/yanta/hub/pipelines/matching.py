"""Persons found by what is told of them: exact rules first, a person only if it is the only one and bears the name;
then what people have decided before; then the hub's matcher. Doubtful rows wait for somebody with the persons they may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import connection

from yanta.hub.pipelines import identifying
from yanta.hub.pipelines.documents import Document, Match
from yanta.hub.pipelines.flow import fact_name
from yanta.hub.pipelines.lookups import chunks
from yanta.hub.pipelines.models import HeldRow
from yanta.hub.pipelines.targets import FACTS
from yanta.kernel.base import ciphers

SCHEMA = pa.schema([
    ("place", pa.int64()), ("field", pa.string()), ("value", pa.string()), ("ref", pa.int64()), ("reason", pa.string()),
    ("facts", pa.string()), ("candidates", pa.string()),
])  # fmt: skip
FILE = "found.parquet"
SEALED = ("id_number", "phone")
# Whoever was merged into another is that other.
_SQL = """
SELECT asked.n, min(coalesce(kept.id, p.id)), count(DISTINCT coalesce(kept.id, p.id)), min(coalesce(kept.number, p.number)),
    array_agg(p.name) || array_agg(p.former_name) || array_agg(coalesce(kept.name, ''))
FROM unnest({arrays}) WITH ORDINALITY AS asked({names}, n)
JOIN people_person p ON {tests} LEFT JOIN people_person kept ON kept.id = p.merged_into_id
GROUP BY asked.n"""


def facts_of(document: Document) -> list[str]:
    """The columns of the clean rows that matching reads."""
    return [fact_name(match, fact) for match in document.matches for fact in match.columns]


class Doubt(NamedTuple):
    """Whom a row may speak of; `facts` tells equal facts again."""

    facts: str
    candidates: list[dict[str, Any]]


def matched(
    document: Document, batches: Iterable[pa.RecordBatch], *, pipeline_id: int
) -> Iterable[pa.RecordBatch]:
    """For every row the person that the facts lead to, or why none."""
    for batch in batches:
        rows = batch.to_pylist()
        for match in document.matches:
            for part in chunks(rows):
                yield pa.RecordBatch.from_pylist(_found(match, part, pipeline_id), schema=SCHEMA)


def doubts(folder: Path) -> dict[int, Doubt]:
    """What the matcher left open in a run, by the place of the row."""
    path = folder / FILE
    if not path.is_file():
        return {}
    table = pq.read_table(
        path, columns=["place", "facts", "candidates"], filters=pc.field("candidates").is_valid()
    )
    return {row["place"]: Doubt(row["facts"], orjson.loads(row["candidates"])) for row in table.to_pylist()}


def _found(match: Match, rows: list[dict[str, Any]], pipeline_id: int) -> list[dict[str, Any]]:
    verdicts: dict[int, tuple[int, str]] = {}
    several: dict[int, int] = {}
    for rule in match.rules:
        _try_rule(match, rule, [row for row in rows if row["place"] not in verdicts], verdicts, several)
    left = {
        row["place"]: told
        for row in rows
        if row["place"] not in verdicts and any((told := _told(match, row)).values())
    }
    digests = dict(zip(left, _digests(match, left.values()), strict=True))
    decided = _decided(pipeline_id, digests.values())
    verdicts |= {place: decided[digest] for place, digest in digests.items() if digest in decided}
    open_rows = {place: told for place, told in left.items() if place not in verdicts}
    answer = identifying.judged(open_rows) if open_rows else identifying.Answer()
    verdicts |= answer.known
    found = {place: Doubt(digests[place], said) for place, said in answer.doubtful.items()}
    return [_verdict(match, row["place"], verdicts, several, found) for row in rows]


def _told(match: Match, row: dict[str, Any]) -> identifying.Facts:
    return {fact: row[fact_name(match, fact)] for fact in match.columns if fact in identifying.FACTS}


def _digests(match: Match, told: Iterable[identifying.Facts]) -> list[str]:
    texts = [orjson.dumps([match.field, one], option=orjson.OPT_SORT_KEYS).decode() for one in told]
    return [digest.hex() for digest in ciphers.blind_index_many(texts)]


def _decided(pipeline_id: int, digests: Iterable[str]) -> dict[str, tuple[int, str]]:
    """What somebody has said about the same facts in this pipeline; whoever was merged since is the other."""
    said = HeldRow.objects.filter(pipeline=pipeline_id, facts__in=list(digests), person__isnull=False)
    chosen = said.values_list(
        "facts", "person", "person__number", "person__merged_into", "person__merged_into__number"
    )
    return {facts: (kept or pk, kept_number or number) for facts, pk, number, kept, kept_number in chosen}


def _verdict(
    match: Match, place: int, verdicts: dict[int, tuple[int, str]], several: dict[int, int], found: dict[int, Doubt]
) -> dict[str, Any]:  # fmt: skip
    blank = {
        "place": place,
        "field": match.field,
        "value": None,
        "ref": None,
        "reason": None,
        "facts": None,
        "candidates": None,
    }
    if place in verdicts:
        ref, number = verdicts[place]
        return {**blank, "value": number, "ref": ref}
    if place in found:
        doubt = found[place]
        reason = f"疑似已有的 {len(doubt.candidates)} 个人，请认定是谁"
        return {
            **blank,
            "reason": reason,
            "facts": doubt.facts,
            "candidates": orjson.dumps(doubt.candidates).decode(),
        }
    told = "、".join(FACTS[fact] for rule in match.rules for fact in rule)
    count = several.get(place)
    return {**blank, "reason": f"按{told}找到 {count} 个人，无法确定是谁" if count else f"按{told}找不到人"}


def _try_rule(
    match: Match, rule: Sequence[str], rows: list[dict[str, Any]], verdicts: dict[int, tuple[int, str]],
    several: dict[int, int],
) -> None:  # fmt: skip
    if not set(rule) <= set(match.columns):
        return
    names = [fact_name(match, fact) for fact in rule]
    asked = [row for row in rows if all(row[name] for name in names)]
    if not asked:
        return
    columns = [
        _comparable(fact, [row[name] for row in asked]) for fact, name in zip(rule, names, strict=True)
    ]
    for turn, ref, count, number, names in _ask(rule, columns):
        row = asked[turn - 1]
        if count > 1:
            several[row["place"]] = count
        elif _bears(match, row, names):
            verdicts[row["place"]] = (ref, number)


def _bears(match: Match, row: dict[str, Any], names: list[str]) -> bool:
    """A number alone does not make a person: where a name is told, it must be one of theirs."""
    told = row[fact_name(match, "name")] if "name" in match.columns else None
    return not told or _plain(told) in {_plain(name) for name in names if name}


def _plain(name: str) -> str:
    return "".join(sign for sign in name.upper() if sign.isalnum())


def _comparable(fact: str, values: list[str]) -> list[Any]:
    return ciphers.blind_index_many(values) if fact in SEALED else values


def _ask(rule: Sequence[str], columns: list[list[Any]]) -> list[tuple[int, int, int, str, list[str]]]:
    arrays = ", ".join(f"%s::{'bytea' if fact in SEALED else 'text'}[]" for fact in rule)
    tests = " AND ".join(_test(fact, f"a{turn}") for turn, fact in enumerate(rule))
    names = ", ".join(f"a{turn}" for turn in range(len(rule)))
    with connection.cursor() as cursor:
        cursor.execute(_SQL.format(arrays=arrays, names=names, tests=tests), columns)
        found: list[tuple[int, int, int, str, list[str]]] = cursor.fetchall()
        return found


def _test(fact: str, asked: str) -> str:
    if fact in SEALED:
        return f"p.{fact}_index = asked.{asked}"
    return f"p.birth_on::text = asked.{asked}" if fact == "birth_on" else f"p.{fact} = asked.{asked}"
