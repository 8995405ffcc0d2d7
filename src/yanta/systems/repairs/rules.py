"""By when a fault is mended, who is sent, when a light turns red."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

OPENS, CLOSES = time(8), time(18)
MOST_OPEN_JOBS = 8
AMBER_SHARE = 0.75
OPEN_AT_ONCE = 5
CONFIRM_DAYS = 7


@dataclass(frozen=True, slots=True)
class Candidate:
    """A worker as the choice sees them: `campus_id` None is the whole school."""

    worker_id: int
    trades: frozenset[str]
    campus_id: int | None
    open_jobs: int
    is_on_duty: bool


def promised_at(at: datetime, *, hours: int, around_the_clock: bool) -> datetime:
    """The end of the promised hours, counted round the clock or between 8 and 18."""
    if around_the_clock:
        return at + timedelta(hours=hours)
    left, now = timedelta(hours=hours), _next_opening(at)
    while True:
        closing = datetime.combine(now.date(), CLOSES, now.tzinfo)
        if left <= closing - now:
            return now + left
        left -= closing - now
        now = datetime.combine(now.date() + timedelta(days=1), OPENS, now.tzinfo)


def _next_opening(at: datetime) -> datetime:
    if at.time() < OPENS:
        return datetime.combine(at.date(), OPENS, at.tzinfo)
    if at.time() >= CLOSES:
        return datetime.combine(at.date() + timedelta(days=1), OPENS, at.tzinfo)
    return at


def light(*, reported_at: datetime, promised_at: datetime, now: datetime) -> str:
    """`danger` past the promise, `warning` in its last quarter, else `success`."""
    if now > promised_at:
        return "danger"
    spent = (now - reported_at) / (promised_at - reported_at)
    return "warning" if spent >= AMBER_SHARE else "success"


def choose(candidates: Iterable[Candidate], *, trade: str, campus_id: int) -> Candidate | None:
    """On duty, of the trade, of this part of the school first, with the fewest open jobs; None when nobody fits."""
    fitting = [
        one for one in candidates
        if one.is_on_duty and one.open_jobs < MOST_OPEN_JOBS
        and one.campus_id in (None, campus_id) and one.trades & {trade, "general"}
    ]  # fmt: skip
    return min(
        fitting,
        key=lambda one: (trade not in one.trades, one.campus_id is None, one.open_jobs, one.worker_id),
        default=None,
    )


def refusal_to_report(*, open_reports: int, same: str | None, is_another: bool) -> str | None:
    """Why this report is not taken, or None; `same` names an open order of the same kind in the same room."""
    if same is not None and not is_another:
        return f"这个房间已有同类报修 {same}。是同一处故障请在那里点“我也遇到了”；确实是另一处，请勾选“另一处故障”"
    if open_reports >= OPEN_AT_ONCE:
        return f"您已有 {open_reports} 份报修还没修好，修好一份再报；急事请拨维修电话"
    return None
