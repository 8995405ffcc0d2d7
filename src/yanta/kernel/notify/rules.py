"""When a message may disturb."""

from __future__ import annotations

from datetime import datetime, time, timedelta


def next_polite(at: datetime, *, quiet: tuple[time, time] | None) -> datetime:
    """The same moment, or the end of the quiet hours it falls into; `at` is in local time."""
    if quiet is None:
        return at
    start, end = quiet
    now = at.time()
    over_midnight = start > end
    is_quiet = (now >= start or now < end) if over_midnight else start <= now < end
    if not is_quiet:
        return at
    day = at.date() + timedelta(days=1 if over_midnight and now >= start else 0)
    return datetime.combine(day, end, tzinfo=at.tzinfo)


def quiet_hours(text: str) -> tuple[time, time] | None:
    """`22:00-07:00` as two times; an empty text means that mail goes at any hour."""
    if not text:
        return None
    start, _, end = text.partition("-")
    return time.fromisoformat(start.strip()), time.fromisoformat(end.strip())
