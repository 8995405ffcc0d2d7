"""The stage against the region, as sets: what refers to nothing, what comes twice, what is new, changed, gone."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from yanta.hub.nodes import contracts
from yanta.hub.nodes.checking import Held
from yanta.hub.nodes.contracts import Contract
from yanta.hub.nodes.models import Arrival, Holding
from yanta.kernel.base import ciphers

REFERENCE = "reference"


def unresolved(node_id: int, agreed: Contract) -> list[Held]:
    """Staged rows that name a class or unit that the school has not reported; taken off the stage."""
    found: dict[str, Held] = {}
    for name, target in agreed.references.items():
        if not Holding.objects.filter(node_id=node_id, subject=target, rows__gt=0).exists():
            continue
        for line, key, given, data, sealed in _fetched(
            _UNRESOLVED, [name, name, name, node_id, target, name]
        ):
            title, noun = contracts.field_title(agreed.subject, name), contracts.title_of(target)
            fault = {
                "field": name, "title": title, "rule": REFERENCE, "given": given, "allowed": [],
                "words": f"{title}“{given}”不在本校已报的{noun}中",
            }  # fmt: skip
            held = found.setdefault(key, Held(line, key, [], original_of(data, sealed)))
            held.faults.append(fault)
    _take_off([held.line for held in found.values()])
    return list(found.values())


_UNRESOLVED = """
SELECT s.line, s.key, s.data ->> %s, s.data::text, s.sealed FROM nodes_stage s
WHERE s.op = 'u' AND s.data ->> %s IS NOT NULL AND s.data ->> %s <> ''
  AND NOT EXISTS (
    SELECT FROM nodes_regionalrow r WHERE r.node_id = %s AND r.subject = %s AND r.key = s.data ->> %s
  ) ORDER BY s.line"""


def original_of(data: str, sealed: bytes | memoryview | None) -> str:
    """The row as it came, from its two halves."""
    secret = orjson.loads(ciphers.unseal(bytes(sealed))) if sealed else {}
    return orjson.dumps({**orjson.loads(data), **secret}).decode()


def repeated() -> list[Held]:
    """A key that stands twice in one package: the last one counts, the others are held back."""
    rows = _fetched(_REPEATED, [])
    fault = {"field": "", "title": "编号", "rule": "repeated", "words": "同一个包里编号重复，以后一行为准"}
    held = [Held(line, key, [fault], original_of(data, sealed)) for line, key, data, sealed in rows]
    _take_off([one.line for one in held])
    return held


_REPEATED = """
SELECT line, key, data::text, sealed FROM (
    SELECT line, key, data, sealed, lead(line) OVER (PARTITION BY key ORDER BY line) AS later FROM nodes_stage
) s WHERE later IS NOT NULL ORDER BY line"""


def merge(arrival: Arrival, *, keep: list[str], at: datetime) -> dict[str, int]:
    """Write the stage into the region; a whole package also removes what it does not hold."""
    node_id, subject = arrival.node_id, arrival.subject
    fates = upsert(node_id, subject, number=arrival.number, at=at)
    absent = 0
    if arrival.kind != "increment":
        absent = len(_fetched(_ABSENT, [node_id, subject, keep]))
    return {**{name: fates[name] for name in ("new", "changed", "unchanged", "removed")}, "absent": absent}


def upsert(node_id: int, subject: str, *, number: int, at: datetime) -> Counter[str]:
    """Counted before it is written, so that the receipt says what was, not what is."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE nodes_stage")
        cursor.execute(_FATES, [node_id, subject])
        fates: Counter[str] = Counter(
            dict(_fetched("SELECT fate, count(*) FROM nodes_stage GROUP BY fate", []))
        )
        cursor.execute(_REMOVE, [node_id, subject])
        cursor.execute(_CHANGE, [number, at, node_id, subject])
        cursor.execute(_ADD, [node_id, subject, number, at])
    return fates


_FATES = """
UPDATE nodes_stage s SET fate = CASE
    WHEN s.op = 'd' THEN CASE WHEN r.key IS NULL THEN 'unchanged' ELSE 'removed' END
    WHEN r.key IS NULL THEN 'new' WHEN r.content = s.content THEN 'unchanged' ELSE 'changed' END
FROM nodes_stage t LEFT JOIN nodes_regionalrow r ON r.node_id = %s AND r.subject = %s AND r.key = t.key
WHERE t.line = s.line"""
_REMOVE = """
DELETE FROM nodes_regionalrow r USING nodes_stage s
WHERE s.fate = 'removed' AND r.node_id = %s AND r.subject = %s AND r.key = s.key"""
_CHANGE = """
UPDATE nodes_regionalrow r SET data = s.data, sealed = s.sealed, identity = s.identity, content = s.content,
    number = %s, changed_at = %s
FROM nodes_stage s WHERE s.fate = 'changed' AND r.node_id = %s AND r.subject = %s AND r.key = s.key"""
_ADD = """
INSERT INTO nodes_regionalrow (node_id, subject, key, data, sealed, identity, content, number, changed_at)
SELECT %s, %s, key, data, sealed, identity, content, %s, %s FROM nodes_stage WHERE fate = 'new'"""
_ABSENT = """
DELETE FROM nodes_regionalrow r WHERE r.node_id = %s AND r.subject = %s AND r.key <> ALL(%s)
  AND NOT EXISTS (SELECT FROM nodes_stage s WHERE s.key = r.key) RETURNING r.key"""


def _take_off(lines: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM nodes_stage WHERE line = ANY(%s)", [lines])


def _fetched(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
