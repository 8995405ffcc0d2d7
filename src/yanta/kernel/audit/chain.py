"""Sealing: each entry gets a dense number and the digest of the previous seal and itself.

Entries are written without touching the chain, so writers never wait for each other; one sealer at a time
(an advisory lock) numbers what was committed since. See docs/decisions/0006-audit-is-sealed-after-commit.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import orjson
from django.db import connection, transaction

from yanta.kernel.audit import anchors
from yanta.kernel.base.ciphers import sm3

BATCH = 2000
_HEAD = (
    "SELECT sequence, seal FROM audit_auditentry WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1"
)
LOCK = 0x59414E54  # any number that nobody else locks: "YANT"
GENESIS = sm3(b"yanta audit chain")

# Exactly what is sealed, in this order; text as PostgreSQL writes it, the same on every reading.
COLUMNS = """id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), account_id, person_id, actor_name,
 action, outcome, subject_type, subject_id, subject_label, unit_path, summary, data::text, address, request_id"""


class Head(NamedTuple):
    """The last sealed entry."""

    sequence: int
    seal: bytes


def seal_of(previous: bytes, sequence: int, columns: Sequence[Any]) -> bytes:
    """SM3 over the previous seal and the entry, written unambiguously as a JSON array."""
    return sm3(previous + orjson.dumps([sequence, *columns]))


def head() -> Head:
    with connection.cursor() as cursor:
        cursor.execute(_HEAD)
        row = cursor.fetchone()
    return Head(row[0], bytes(row[1])) if row else Head(0, GENESIS)


def seal_pending() -> int:
    """Seal what is committed and unsealed; 0 when another sealer is at it or nothing waits."""
    total = 0
    while True:
        count = _seal_batch()
        total += count
        if count < BATCH:
            return total


def _seal_batch() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        last = head()
        cursor.execute(
            f"SELECT {COLUMNS} FROM audit_auditentry WHERE sequence IS NULL ORDER BY id LIMIT {BATCH}"
        )
        ids, sequences, seals = [], [], []
        for row in cursor.fetchall():
            last = Head(last.sequence + 1, seal_of(last.seal, last.sequence + 1, row))
            ids.append(row[0])
            sequences.append(last.sequence)
            seals.append(last.seal)
        if ids:
            cursor.execute(_FILL, [ids, sequences, seals])
            anchors.drop_if_due(last)
            transaction.on_commit(partial(anchors.remember, last), robust=True)
    return len(ids)


_PENDING = f"SELECT {COLUMNS} FROM audit_auditentry WHERE sequence IS NULL ORDER BY id LIMIT %s"
_FILL = """
UPDATE audit_auditentry SET sequence = s.sequence, seal = s.seal
FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[]) AS s(id, sequence, seal)
WHERE audit_auditentry.id = s.id"""
