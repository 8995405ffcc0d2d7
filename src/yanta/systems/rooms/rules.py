"""What makes a booking acceptable, and how long a room stays free."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

LONGEST = timedelta(hours=14)
EARLIEST_AHEAD = timedelta(days=60)


def refusal_reason(
    *, starts_at: datetime, ends_at: datetime, attendance: int, seats: int, is_bookable: bool, now: datetime
) -> str | None:
    """Why this booking is refused, or None."""
    if not is_bookable:
        return "这个房间不对外借用"
    if ends_at <= now:
        return "不能借用已经过去的时间"
    if starts_at > now + EARLIEST_AHEAD:
        return "最早提前 60 天预订"
    if ends_at - starts_at > LONGEST:
        return "一次最多借用 14 小时"
    return f"房间只有 {seats} 个座位" if seats and attendance > seats else None


def free_until(
    bookings: Iterable[tuple[datetime, datetime]], *, at: datetime, closing: datetime
) -> datetime | None:
    """Until when a room is free from an instant on, or None when it is taken now."""
    until = closing
    for starts_at, ends_at in bookings:
        if starts_at <= at < ends_at:
            return None
        if starts_at > at:
            until = min(until, starts_at)
    return until if until > at else None
