"""What other packages may ask of snapshots.

Clocks: `9-30`, `school_year`, `calendar_year`, `manual`; `now` is the living data.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis

from yanta.hub import subjects
from yanta.hub.snapshots import parquet, reach, rules
from yanta.hub.snapshots.models import Part, Snapshot
from yanta.kernel.base import Refused

NOW = "now"

__all__ = [
    "NOW", "days_of", "engine", "frozen", "frozen_days", "last_day", "shown_fields", "snapshot_id", "visible",
]  # fmt: skip

engine = parquet.engine
last_day = rules.last_day
visible = reach.visible
shown_fields = reach.shown_fields


def frozen(clock: str, on: date | None, subject: str, names: Sequence[str] | None = None) -> ibis.Table:
    """The subject as it was: its fields (or those named) with `id` and `unit_path`; refuses when nothing was frozen.

    The table is bound to no engine: give it to one of your own (`with engine() as one: one.to_pyarrow(…)`).
    """
    if clock == NOW:
        return subjects.relation(subjects.subject(subject), names)
    return parquet.table(part_of(clock, on, subject), names)


def part_of(clock: str, on: date | None, subject: str) -> Part:
    """The newest frozen part of that clock and day."""
    found = (
        Part.objects.select_related("file")
        .filter(snapshot__clock=clock, snapshot__on=on, snapshot__state=Snapshot.State.FROZEN, subject=subject)
        .order_by("-snapshot_id")
        .first()
    )  # fmt: skip
    if found is None or found.file is None:
        label = dict(Snapshot.Clock.choices).get(clock, clock)
        raise Refused(f"没有 {label} {on} 的快照，或其中没有主题“{subject}”")
    return found


def snapshot_id(clock: str, on: date | None) -> int | None:
    """The snapshot that `frozen` would read, if there is one."""
    found = Snapshot.objects.filter(clock=clock, on=on, state=Snapshot.State.FROZEN).order_by("-pk")
    return found.values_list("pk", flat=True).first()


def days_of(clock: str) -> list[date]:
    """The days of which there is a frozen snapshot of that clock, newest first."""
    frozen_ones = Snapshot.objects.filter(clock=clock, state=Snapshot.State.FROZEN)
    return list(frozen_ones.order_by("-on").values_list("on", flat=True).distinct())


def frozen_days() -> list[tuple[str, date]]:
    """Every frozen clock and day, oldest first."""
    frozen_ones = Snapshot.objects.filter(state=Snapshot.State.FROZEN)
    return list(dict.fromkeys(frozen_ones.order_by("on", "pk").values_list("clock", "on")))
