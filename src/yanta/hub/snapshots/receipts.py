"""The signed receipt of a snapshot: what was frozen, how much of it, chained to the receipt before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from yanta.hub.snapshots import parquet
from yanta.hub.snapshots.models import Part, Snapshot
from yanta.kernel.base import ciphers, signatures


def seal(snapshot: Snapshot, parts: Iterable[Part], *, isolation: str) -> None:
    """Write document, digest and signature onto the snapshot; the caller saves it."""
    last = Snapshot.objects.exclude(digest="").order_by("-frozen_at", "-pk").first()
    snapshot.document = _document(snapshot, parts, isolation)
    snapshot.previous = last.digest if last else ""
    snapshot.digest = digest_of(snapshot.document, snapshot.previous)
    snapshot.signature = signatures.sign(snapshot.digest.encode()).as_text()


def _document(snapshot: Snapshot, parts: Iterable[Part], isolation: str) -> dict[str, Any]:
    assert snapshot.frozen_at is not None  # noqa: S101  # set just before
    return {
        "snapshot": snapshot.pk, "clock": snapshot.clock, "on": snapshot.on.isoformat(), "basis": snapshot.basis,
        "frozen_at": snapshot.frozen_at.isoformat(), "taken_by": snapshot.taken_by, "isolation": isolation,
        "rows": snapshot.rows,
        "subjects": [
            {"subject": one.subject, "rows": one.rows, "size": one.size, "sm3": one.digest,
             "fields": [field["name"] for field in one.fields], "gaps": one.gaps}
            for one in parts
        ],
    }  # fmt: skip


def digest_of(document: dict[str, Any], previous: str) -> str:
    return ciphers.sm3_hex(orjson.dumps([document, previous], option=orjson.OPT_SORT_KEYS))


def faults(snapshot: Snapshot) -> list[str]:
    """What is wrong with a snapshot, in words; empty when it stands. Reads every file."""
    found = []
    if digest_of(snapshot.document, snapshot.previous) != snapshot.digest:
        found.append("凭证内容与摘要不符，内容被改动过")
    if not _is_signed(snapshot):
        found.append("签名不符，不是本系统签发")
    if snapshot.previous and not Snapshot.objects.filter(digest=snapshot.previous).exists():
        found.append("与上一份凭证连不上，中间的被删改过")
    parts = list(snapshot.parts.select_related("file"))
    told = {one["subject"]: one for one in snapshot.document.get("subjects", [])}
    for part in parts:
        line = told.pop(part.subject, {})
        if (line.get("rows"), line.get("sm3")) != (part.rows, part.digest):
            found.append(f"{part.title}：与凭证上的行数或摘要不符")
        if snapshot.is_frozen:
            found += parquet.faults(part)
    return found + [f"{name}：凭证上有，快照里没有" for name in told]


def _is_signed(snapshot: Snapshot) -> bool:
    try:
        signature = signatures.Signature.from_text(snapshot.signature)
    except ValueError:
        return False
    return signatures.verify_own(snapshot.digest.encode(), signature)
