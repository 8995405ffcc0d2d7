"""What makes a booking acceptable, and how long a room stays free."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

LONGEST = timedelta(hours=14)
EARLIEST_AHEAD = timedelta(days=60)
MOST_REPEATS = 20
CHECK_IN_BEFORE = timedelta(minutes=15)
STEPS = {"daily": timedelta(days=1), "weekly": timedelta(weeks=1), "biweekly": timedelta(weeks=2)}


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


def days_of(first: date, *, repeat: str, until: date | None) -> list[date]:
    """The days of a meeting that repeats; daily means working days."""
    if repeat not in STEPS or until is None:
        return [first]
    found, day = [], first
    while day <= until:
        if repeat != "daily" or day.weekday() < 5:
            found.append(day)
        day += STEPS[repeat]
    return found


def refusal_to_repeat(days: list[date], *, repeat: str, until: date | None) -> str | None:
    """Why a meeting cannot be repeated like this, or None."""
    if repeat in STEPS and until is None:
        return "重复的会议要写明到哪天为止"
    if len(days) > MOST_REPEATS:
        return f"一次最多预约 {MOST_REPEATS} 场，现在是 {len(days)} 场，请缩短期限"
    return None


def refusal_of_hours(
    starts_at: datetime, ends_at: datetime, *, opens_at: time, closes_at: time
) -> str | None:
    """Why a meeting room is not open then, or None; both are local times."""
    if starts_at.date() != ends_at.date():
        return "会议室预约不能过夜"
    if starts_at.time() < opens_at or ends_at.time() > closes_at:
        return f"这间会议室 {opens_at:%H:%M} 到 {closes_at:%H:%M} 开放"
    return None


def refusal_to_check_in(*, starts_at: datetime, ends_at: datetime, now: datetime) -> str | None:
    """Why nobody can check in now, or None."""
    if now < starts_at - CHECK_IN_BEFORE:
        return "开始前 15 分钟起可以签到"
    return "会议已经结束" if now >= ends_at else None


def is_no_show(*, starts_at: datetime, ends_at: datetime, waits: int, now: datetime) -> bool:
    """Nobody has come within the time of waiting, and the meeting is not over."""
    return waits > 0 and starts_at + timedelta(minutes=waits) <= now < ends_at
