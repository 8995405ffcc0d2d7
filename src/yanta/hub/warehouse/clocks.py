"""What a formula means on a day, and the data as they stood at a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import ibis

from yanta.hub import subjects
from yanta.hub.snapshots import public as snapshots
from yanta.hub.subjects import Subject
from yanta.kernel.base import Refused

NOW = "now"
NEW_YEAR_MONTH = 8


def meant(condition: Mapping[str, Any], *, on: date) -> dict[str, Any]:
    """The condition with `$today`, `$month_ago`, `$year_ago` and `$admission_year` put in."""
    words = {
        "$today": on.isoformat(),
        "$month_ago": (on - timedelta(days=30)).isoformat(),
        "$year_ago": (on - timedelta(days=365)).isoformat(),
        "$admission_year": on.year if on.month >= NEW_YEAR_MONTH else on.year - 1,
    }

    def filled(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [filled(inner) for inner in value]
        return words.get(value, value) if isinstance(value, str) else value

    found: dict[str, Any] = filled(condition)
    return found


def table_of(subject: Subject, names: Sequence[str], *, clock: str, on: date) -> ibis.Table:
    """The subject's columns now, or as a snapshot froze them."""
    if clock == NOW:
        return subjects.relation(subject, list(names))
    frozen = snapshots.frozen(clock, on, subject.name)
    missing = [subject.field(name).title for name in names if name not in frozen.columns]
    if missing:
        raise Refused(f"快照里没有：{'、'.join(missing)}")
    return frozen
