"""Giving out a part of a log once, on the record: who took what, for which purpose."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from yanta.kernel import audit
from yanta.kernel.base import Actor
from yanta.kernel.identity.trail import syslog
from yanta.kernel.identity.trail.logs import Log

FORMS = ("jsonl", "syslog")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a log; empty means no limit."""

    since: datetime | None = None
    until: datetime | None = None
    outcome: str = ""
    account: str = ""
    address: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True)
class Exported:
    """What went out: how many lines, under which digest (SHA-256 of all lines with their line ends)."""

    rows: int
    digest: str


def export(
    log: Log, wanted: Wanted, *, form: str, purpose: str, actor: Actor, write: Callable[[bytes], object]
) -> Exported:
    """Write the rows oldest first, and the act of doing so into the audit trail."""
    host, digest, rows = syslog.own_host(), hashlib.sha256(), 0
    for row in _rows(log, wanted):
        text = syslog.as_json(log, row).encode() if form == "jsonl" else syslog.as_syslog(log, row, host=host)
        write(text + b"\n")
        digest.update(text + b"\n")
        rows += 1
    limits = {name: value for name, value in asdict(wanted).items() if value}
    audit.record(
        "trail.log.export",
        actor=actor,
        summary=f"导出{log.title} {rows} 条：{purpose}"[:500],
        data={"log": log.name, "form": form, "rows": rows, "sha256": digest.hexdigest(), **limits},
    )
    return Exported(rows, digest.hexdigest())


def _rows(log: Log, wanted: Wanted) -> Any:
    limits = {
        "at__gte": wanted.since, "at__lt": wanted.until, "outcome": wanted.outcome, "address": wanted.address,
        "account__username": wanted.account, "method" if log.name == "sign-ins" else "protocol": wanted.method,
    }  # fmt: skip
    chosen = log.model.objects.filter(**{name: value for name, value in limits.items() if value})
    return chosen.select_related(*log.joined).order_by("pk").iterator(chunk_size=2000)
