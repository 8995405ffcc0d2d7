"""Walking the whole chain: does it still say what was sealed?"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from yanta.kernel.audit import anchors, chain
from yanta.kernel.audit.models import AuditAnchor, AuditEntry

CHUNK = 5000
_SEALED = (
    f"SELECT sequence, seal, {chain.COLUMNS} FROM audit_auditentry"
    " WHERE sequence > %s ORDER BY sequence LIMIT %s"
)
Report = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the walk found; `broken_at` is the sequence of the first entry that is wrong."""

    checked: int
    unsealed: int
    anchors: int
    head: int
    broken_at: int | None = None
    entry_id: int | None = None
    reason: str = ""

    @property
    def sound(self) -> bool:
        return self.broken_at is None

    def __str__(self) -> str:
        if self.sound:
            return f"审计链完好：核对 {self.checked} 条，锚点 {self.anchors} 个，未封存 {self.unsealed} 条"
        return f"审计链在第 {self.broken_at} 号断裂：{self.reason}（此前 {self.checked} 条核对无误）"


@dataclass(slots=True)
class _Walk:
    checked: int = 0
    seal: bytes = chain.GENESIS
    anchors: int = 0
    entry_id: int | None = None
    reason: str = ""


def _silent(done: int, total: int, text: str) -> None:
    """Nobody watches."""


def verify(progress: Report = _silent) -> Verdict:
    """Seal what waits, then recompute every seal from the first entry on; stops at the first wrong one."""
    chain.seal_pending()
    marks = _marks()
    total = chain.head().sequence
    walk = _Walk()
    for row in _sealed_rows():
        walk.reason = _fault(row, walk, marks)
        if walk.reason:
            walk.entry_id = row[2]
            break
        walk.checked, walk.seal = row[0], bytes(row[1])
        if walk.checked % CHUNK == 0:
            progress(walk.checked, total, "核对审计链")
    if not walk.reason and marks:
        walk.reason = f"链尾缺失：锚点记到第 {max(marks)} 号" if max(marks) > walk.checked else ""
    progress(walk.checked, total, "核对完毕")
    return Verdict(
        checked=walk.checked,
        unsealed=AuditEntry.objects.filter(sequence=None).count(),
        anchors=walk.anchors,
        head=walk.checked,
        broken_at=walk.checked + 1 if walk.reason else None,
        entry_id=walk.entry_id,
        reason=walk.reason,
    )


def _fault(row: tuple[Any, ...], walk: _Walk, marks: dict[int, list[tuple[bytes, bytes]]]) -> str:
    sequence, seal, *columns = row
    if sequence != walk.checked + 1:
        return f"第 {walk.checked + 1} 号记录被删除"
    if chain.seal_of(walk.seal, sequence, columns) != bytes(seal):
        return "记录被改动、插入或替换"
    for marked, signature in marks.get(sequence, ()):
        if not hmac.compare_digest(anchors.signature_of(sequence, marked), signature):
            return "锚点签名不符"
        if marked != bytes(seal):
            return "链被整体重写：与锚点不符"
        walk.anchors += 1
    return ""


def _marks() -> dict[int, list[tuple[bytes, bytes]]]:
    """Every signed head known, from the database and from the file beside it."""
    marks: dict[int, list[tuple[bytes, bytes]]] = {}
    for sequence, seal, signature in AuditAnchor.objects.values_list("sequence", "seal", "signature"):
        marks.setdefault(sequence, []).append((bytes(seal), bytes(signature)))
    told = anchors.remembered()
    if told is not None:
        marks.setdefault(told[0], []).append(told[1:])
    return marks


def _sealed_rows() -> Iterator[tuple[Any, ...]]:
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_SEALED, [after, CHUNK])
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < CHUNK:
            return
        after = rows[-1][0]
