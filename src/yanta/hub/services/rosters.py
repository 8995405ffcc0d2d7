"""Landing a large roster: its run and its receipt commit with its rows."""

from __future__ import annotations

from pathlib import Path

from django.db import connection
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from yanta.hub import engine
from yanta.hub.loading import Counts, Landing, land
from yanta.hub.models import Run, RunFile, Source
from yanta.hub.storing import loading, mappings, receipts
from yanta.kernel.base import Actor, ciphers

_NAMES = {"dbname", "user", "password", "host", "port"}


def land_file(file: Path, *, actor: Actor, into: Landing | None = None) -> Run:
    """Bring a large roster in; idempotent, so that a landing cut off before its receipt is simply repeated."""
    with loading.only_run():
        now = timezone.now()
        loading.bury_the_dead(now)
        mappings.ensure_sources()
        run = Run.objects.create(
            title=f"底册 {file.name}", folder=str(file), digest=ciphers.sm3_hex(file.read_bytes()),
            engine_version=engine.VERSION, started_by=actor.signature, started_at=now,
        )  # fmt: skip
        counts = land(file, into or Landing(address()), run=run.pk)
        _account(run, file, counts)
    return run


def address() -> str:
    """The database that Django works with, for the loader's own connection."""
    parts = connection.get_connection_params()
    return make_conninfo(**{name: value for name, value in parts.items() if name in _NAMES})


def _account(run: Run, file: Path, counts: Counts) -> None:
    fates = {name: getattr(counts, name) for name in ("read", "new", "changed", "unchanged", "quarantined")}
    line = RunFile.objects.create(
        run=run, source=Source.objects.get(code="other"), file=file.name, size=file.stat().st_size, digest=run.digest,
        checksum=run.digest, **fates,
    )  # fmt: skip
    run.counts = {
        **receipts.totals([line]),
        "persons": 0,
        "persons_new": 0,
        "doubtful": 0,
        "reasons": counts.reasons,
    }
    run.state, run.ended_at = Run.State.DONE, timezone.now()
    run.save()
    receipts.sign(run, [line], at=run.ended_at)
