"""When a message may disturb, by which ways it goes, how many become one. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta

# Which way is tried first where a message names none; a short text costs money and is only used where it is named.
COSTS = frozenset({"sms"})
LISTED = 20


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


def next_at(moment: datetime, clock: time) -> datetime:
    """The next time that the clock shows this, today or tomorrow; `moment` is in local time."""
    today = datetime.combine(moment.date(), clock, tzinfo=moment.tzinfo)
    return today if today > moment else today + timedelta(days=1)


def ways(
    declared: Sequence[str],
    *,
    order: Sequence[str],
    ready: Collection[str],
    choices: Mapping[str, bool],
    has_push: bool,
    urgent: bool = False,
) -> tuple[str, ...]:
    """The channels a message may take, the first one first.

    A browser that the person allowed comes first, then what the message names, then what the person chose, then what
    costs nothing. What the person refused is left out unless it is urgent. Nothing named and nothing chosen: it
    stays in the portal.
    """
    refused = set() if urgent else {code for code, wanted in choices.items() if not wanted}
    chosen = [code for code in order if choices.get(code) and code != "push"]
    push = ["push"] if has_push else []
    named = [code for code in (*push, *declared, *chosen) if code not in refused]
    if not named:
        return ()
    spare = [code for code in order if code in ready and code not in COSTS and code != "push"]
    later = [code for code in spare if code not in refused] if declared or chosen else []
    return tuple(dict.fromkeys([*named, *later]))


def merged(titles: Sequence[str], *, english: bool = False) -> tuple[str, str]:
    """Title and body of several messages told as one; `titles` oldest first."""
    count, newest = len(titles), titles[-1]
    more = count - LISTED
    if english:
        tail = [f"… and {more} more in the message centre"] if more > 0 else []
        return f"{newest} (and {count - 1} more)", "\n".join([*(f"• {t}" for t in titles[:LISTED]), *tail])
    tail = [f"…另有 {more} 条，请到消息中心查看"] if more > 0 else []
    return f"{newest}（共 {count} 条）", "\n".join([*(f"• {t}" for t in titles[:LISTED]), *tail])


def digest_title(count: int, *, english: bool = False) -> str:
    return f"Daily digest: {count} messages" if english else f"每日汇总：{count} 条消息"
