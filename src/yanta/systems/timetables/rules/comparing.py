"""What became of a weekly meeting from one version to another. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SAME, TIME, ROOM, BOTH, ADDED, REMOVED = "不变", "换时间", "换教室", "换时间和教室", "新增", "去掉"
KINDS = (SAME, TIME, ROOM, BOTH, ADDED, REMOVED)
When = tuple[int, int | None, int | None, int]


@dataclass(frozen=True, slots=True)
class Part:
    """Some weeks of a meeting at one time in one room; nowhere yet without a weekday."""

    weeks: int
    weekday: int | None
    first: int | None
    periods: int
    room: int | None


def kind(before: Sequence[Part], after: Sequence[Part]) -> str:
    """Exactly one of the kinds, into however many parts the meeting is cut."""
    if not before or not after:
        return REMOVED if before else ADDED
    was, now = _weekly(before), _weekly(after)
    time, room = was.keys() != now.keys(), _rooms_differ(was, now)
    return (BOTH if room else TIME) if time else ROOM if room else SAME


def _weekly(parts: Sequence[Part]) -> dict[When, int | None]:
    """The room of each single lesson, week by week."""
    return {
        (week, one.weekday, one.first, one.periods): one.room
        for one in parts
        for week in range(one.weeks.bit_length())
        if one.weeks >> week & 1
    }


def _rooms_differ(was: dict[When, int | None], now: dict[When, int | None]) -> bool:
    """Lessons that stay have another room, or those that left were in other rooms than those that came."""
    if any(was[when] != now[when] for when in was.keys() & now.keys()):
        return True
    left, came = (
        {was[when] for when in was.keys() - now.keys()},
        {now[when] for when in now.keys() - was.keys()},
    )
    return bool(left and came) and left != came
