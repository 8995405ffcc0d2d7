"""What the database remembers when a run begins: persons, decisions, rows that take part without being delivered."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson

from yanta.hub.engine import Memory
from yanta.hub.matching import Decision
from yanta.hub.models import MatchDecision, Source
from yanta.hub.schema import CLEAN
from yanta.hub.storing.delivery import Line
from yanta.hub.storing.keys import keyed
from yanta.hub.storing.staging import fetch
from yanta.kernel.base import ciphers

_DATES = frozenset(field.name for field in CLEAN if str(field.type).startswith("date"))


def remembered_id(row_pk: int) -> int:
    """The row id of a stored row that is not delivered; delivered ones are never negative."""
    return -row_pk


def recall(lines: list[Line], delivered: set[str]) -> Memory:
    """Translate stored rows into the ids of this run."""
    source_ids = dict(Source.objects.values_list("code", "pk"))
    stored = {(source, key): pk for source, key, pk in fetch("SELECT source_id, key, id FROM hub_sourcerow")}
    ids = {
        pk: line.row_id
        for line, key, _ in keyed(lines)
        if (pk := stored.get((source_ids.get(line.source), key))) is not None
    }
    memory = Memory()
    for pk, row in _kept_rows([source_ids[code] for code in delivered if code in source_ids], set(ids)):
        ids[pk] = remembered_id(pk)
        memory.rows.append({**row, "row_id": ids[pk], "duplicate_of": None})
    memory.assigned = {ids[pk]: number for pk, number in fetch(_PERSONS) if pk in ids}
    memory.decisions = [
        Decision(ids[one.left_id], ids[one.right_id], one.is_same)
        for one in MatchDecision.objects.filter(is_revoked=False)
        if one.left_id in ids and one.right_id in ids
    ]
    return memory


_PERSONS = """SELECT l.row_id, p.number FROM hub_rowperson l JOIN people_person p ON p.id = l.person_id WHERE l.is_current"""


def _kept_rows(delivered: list[int], present: set[int]) -> list[tuple[int, dict[str, Any]]]:
    """Accepted rows of sources that send nothing this time, and corrected rows whose source still sends the fault."""
    rows = fetch(
        """SELECT r.id, r.payload FROM hub_sourcerow r LEFT JOIN hub_quarantinedrow q ON q.row_id = r.id
        WHERE r.gone_run_id IS NULL AND r.status = 'accepted'
          AND (r.source_id <> ALL(%s) OR q.state = 'replayed') ORDER BY r.id""",
        [delivered],
    )
    found = ((pk, orjson.loads(ciphers.unseal(bytes(payload)))["clean"]) for pk, payload in rows)
    return [(pk, _typed(clean)) for pk, clean in found if clean]


def _typed(clean: dict[str, Any]) -> dict[str, Any]:
    return {
        name: date.fromisoformat(value) if name in _DATES and value else value
        for name, value in clean.items()
        if name in CLEAN.names
    }
