"""Sealing: every few seconds the rows that were added since become a block of the log's chain.

The log's own rows are never touched again, so writing them costs nothing more. See decision 0024.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import orjson
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from yanta.kernel.audit import anchors
from yanta.kernel.audit.chain import Head
from yanta.kernel.base.ciphers import sm3
from yanta.kernel.identity.trail.logs import Log, logs
from yanta.kernel.identity.trail.models import LogBlock, LogCheck

ROWS_OF_BLOCK = 5000
_LOCK = 0x59414E55  # any number that nobody else locks


class Content(NamedTuple):
    """What a block covers: how many rows, from when to when, their digest."""

    rows: int
    first_at: datetime | None
    last_at: datetime | None
    last_id: int
    digest: bytes


def genesis(log: str) -> bytes:
    return sm3(f"yanta log {log}".encode())


def content_of(rows: Sequence[tuple[Any, ...]]) -> Content:
    """The digest of rows as PostgreSQL writes them: the instant itself first, then what is sealed."""
    digest = sm3(orjson.dumps([row[1:] for row in rows]))
    times = [row[0] for row in rows]
    return Content(
        len(rows), min(times, default=None), max(times, default=None), rows[-1][1] if rows else 0, digest
    )


def seal_of(previous: bytes, block: LogBlock) -> bytes:
    """SM3 over the seal before and everything that the block says."""
    told = [block.log, block.number, block.first_id, block.last_id, block.rows, block.first_at.timestamp(),
            block.last_at.timestamp(), bytes(block.digest).hex()]  # fmt: skip
    return sm3(previous + orjson.dumps(told))


def signature_of(log: str, number: int, seal: bytes) -> bytes:
    """Only who has the installation's key can sign a block; the database alone cannot."""
    return anchors.signature_of(number, sm3(log.encode() + b"\0" + seal))


def read(log: Log, first_id: int, last_id: int, most: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT at, {log.sealed} FROM {log.table} WHERE id BETWEEN %s AND %s ORDER BY id LIMIT %s",
            [first_id, last_id, most],
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def seal_all() -> int:
    return sum(seal_pending(log) for log in logs())


def seal_pending(log: Log) -> int:
    """Seal what is committed and unsealed; 0 when another sealer is at it, or somebody is just writing."""
    horizon, total = horizon_of(log), 0
    while horizon is not None:
        count = _seal_block(log, horizon)
        total += count
        if count < ROWS_OF_BLOCK:
            break
    return total


def horizon_of(log: Log) -> int | None:
    """The last id below which nothing can turn up any more: for a moment nobody is in the middle of writing."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
            cursor.execute(f"LOCK TABLE {log.table} IN SHARE MODE")
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM {log.table}")
            return int(cursor.fetchone()[0])
    except OperationalError:  # the next time, in seconds
        return None


def last_block(log: Log) -> LogBlock | None:
    found: LogBlock | None = LogBlock.objects.filter(log=log.name).order_by("-number").first()
    return found


def sealed_to(log: Log) -> int:
    last = last_block(log)
    return last.last_id if last else 0


def missing_tail(log: Log) -> str:
    """What the head that was written down beside the database tells of a tail that was cut there."""
    told = anchors.remembered(log.name)
    if told is None:
        return ""
    number, seal, signature = told
    if not hmac.compare_digest(anchors.signature_of(number, seal), signature):
        return "数据库外所记链头的签名不符"
    last = last_block(log)
    if number > (last.number if last else 0):
        return f"链尾缺失：数据库外记到第 {number} 块，现只有 {last.number if last else 0} 块"
    return ""


def _note_missing_tail(log: Log) -> None:
    """A cut tail is on record before the chain goes on from what is left."""
    finding = missing_tail(log)
    if finding:
        LogCheck.objects.create(
            log=log.name, at=timezone.now(), is_sound=False, rows=0, blocks=0, waiting=0, finding=finding
        )


def _seal_block(log: Log, horizon: int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, log.name])
        if not cursor.fetchone()[0]:
            return 0
        last = last_block(log)
        first_id = last.last_id + 1 if last else 1
        content = content_of(read(log, first_id, horizon, ROWS_OF_BLOCK))
        if content.first_at is None or content.last_at is None:
            return 0
        _note_missing_tail(log)
        block = LogBlock(
            log=log.name, number=last.number + 1 if last else 1, first_id=first_id, last_id=content.last_id,
            rows=content.rows, first_at=content.first_at, last_at=content.last_at, digest=content.digest,
        )  # fmt: skip
        block.seal = seal_of(bytes(last.seal) if last else genesis(log.name), block)
        block.signature = signature_of(log.name, block.number, block.seal)
        block.save(force_insert=True)
        head = Head(block.number, block.seal)
        transaction.on_commit(partial(anchors.remember, head, log.name), robust=True)
    return content.rows
