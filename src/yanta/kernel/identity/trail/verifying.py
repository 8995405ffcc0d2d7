"""Walking a whole log: is every row that was sealed still there, as it was?"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from yanta.kernel.identity.trail import logs, sealing
from yanta.kernel.identity.trail.logs import Log
from yanta.kernel.identity.trail.models import LogBlock, LogCheck

Report = Callable[[int, int, str], None]


@dataclass(slots=True)
class _Walk:
    """How far the walk has come, and the seal it stands on."""

    seal: bytes
    last_id: int = 0
    number: int = 0
    blocks: int = 0
    rows: int = 0
    proved_from: datetime | None = None
    proved_to: datetime | None = None
    fault: str = ""


def _silent(done: int, total: int, text: str) -> None:
    """Nobody watches."""


def verify(log: Log, *, at: datetime, progress: Report = _silent) -> LogCheck:
    """Seal what waits, recompute every block, and keep what was found; stops at the first wrong one."""
    tail = sealing.missing_tail(log)
    sealing.seal_pending(log)
    total, walk = LogBlock.objects.filter(log=log.name).count(), _Walk(sealing.genesis(log.name))
    for block in _blocks(log):
        walk.fault = _fault(log, block, walk, at=at)
        if walk.fault:
            break
        walk.seal, walk.last_id, walk.number = bytes(block.seal), block.last_id, block.number
        progress(walk.number, total, log.title)
    walk.fault = walk.fault or tail
    return LogCheck.objects.create(
        log=log.name, at=at, is_sound=not walk.fault, proved_from=walk.proved_from, proved_to=walk.proved_to,
        rows=walk.rows, blocks=walk.blocks, finding=walk.fault or f"完好：{walk.rows} 条、{walk.blocks} 块与封存时一致",
        waiting=log.model.objects.filter(pk__gt=walk.last_id).count() if not walk.fault else 0,
    )  # fmt: skip


def _blocks(log: Log) -> Iterator[LogBlock]:
    return LogBlock.objects.filter(log=log.name).order_by("number").iterator(chunk_size=1000)


def _fault(log: Log, block: LogBlock, walk: _Walk, *, at: datetime) -> str:
    if block.number != walk.number + 1 or block.first_id != walk.last_id + 1:
        return f"第 {walk.number + 1} 块被删除或替换"
    if sealing.seal_of(walk.seal, block) != bytes(block.seal):
        return f"第 {block.number} 块被改动，或它之前的块被改动"
    signature = sealing.signature_of(log.name, block.number, bytes(block.seal))
    if not hmac.compare_digest(signature, bytes(block.signature)):
        return f"第 {block.number} 块的签名不符：链被重写"
    if block.first_at <= at - logs.kept():
        return ""  # its rows may have left lawfully
    return _fault_of_rows(log, block, walk)


def _fault_of_rows(log: Log, block: LogBlock, walk: _Walk) -> str:
    content = sealing.content_of(sealing.read(log, block.first_id, block.last_id, block.rows + 1000))
    place = f"编号 {block.first_id}–{block.last_id}（{block.first_at:%Y-%m-%d %H:%M} UTC 起）"
    if content.rows < block.rows:
        return f"{place}少了 {block.rows - content.rows} 条"
    if content.rows > block.rows:
        return f"{place}多了 {content.rows - block.rows} 条"
    if content.digest != bytes(block.digest):
        return f"{place}有记录被改动"
    walk.blocks, walk.rows = walk.blocks + 1, walk.rows + block.rows
    walk.proved_from = min(walk.proved_from or block.first_at, block.first_at)
    walk.proved_to = max(walk.proved_to or block.last_at, block.last_at)
    return ""
