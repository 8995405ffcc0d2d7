"""When something is due: in plain time, or in working time by the school's calendar."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.workflow import declare
from yanta.kernel.workflow.bpmn.settings import NodeSettings, Span

# The working day's two halves.
HALVES = ((time(8), time(12)), (time(14), time(18)))
LOOK_AHEAD = 60
_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


def working_days_between(first: date, last: date) -> frozenset[date]:
    """By the school's calendar where somebody keeps one, else Monday to Friday."""
    provider = declare.calendar()
    if provider is not None:
        return provider(first, last)
    days = (first + timedelta(days=at) for at in range((last - first).days + 1))
    return frozenset(day for day in days if day.weekday() < 5)


def after(start: datetime, span: Span) -> datetime:
    """The moment so long after the start."""
    if span.unit == "h":
        return start + timedelta(hours=span.amount)
    if span.unit == "d":
        return start + timedelta(days=span.amount)
    if span.unit == "wd":
        return _working_days_after(start, span.amount)
    return _working_time_after(start, timedelta(hours=span.amount))


def _working_days_after(start: datetime, amount: int) -> datetime:
    """The end of the n-th working day after today."""
    local = timezone.localtime(start)
    first = local.date() + timedelta(days=1)
    days = sorted(working_days_between(first, first + timedelta(days=LOOK_AHEAD + 2 * amount)))
    if len(days) < amount:
        return start + timedelta(days=amount)
    return local.replace(hour=HALVES[-1][1].hour, minute=0, second=0, microsecond=0) + (
        days[amount - 1] - local.date()
    )


def _working_time_after(start: datetime, left: timedelta) -> datetime:
    local = timezone.localtime(start)
    open_days = working_days_between(
        local.date(), local.date() + timedelta(days=LOOK_AHEAD + left // timedelta(hours=2))
    )
    for day in sorted(open_days):
        for begins, ends in HALVES:
            opens = max(local, timezone.make_aware(datetime.combine(day, begins)))
            closes = timezone.make_aware(datetime.combine(day, ends))
            if opens + left <= closes:
                return opens + left
            left -= max(closes - opens, timedelta())
    return start + left


def deadlines(node: NodeSettings, start: datetime) -> tuple[datetime | None, datetime | None]:
    """When the light turns amber and when red; amber is a quarter before the end unless the drawing says otherwise."""
    if node.due is None:
        return None, None
    red = after(start, node.due)
    if node.amber is None:
        return red - (red - start) / 4, red
    unit = "h" if node.amber.unit in ("h", "wh") else "d"
    return max(start, red - (after(start, Span(node.amber.amount, unit)) - start)), red  # type: ignore[arg-type]  # one of its literals


def moment_of(text: str, start: datetime, *, work_time: bool) -> datetime:
    """A timer's ISO date, date and time, or duration; working time where the drawing says so."""
    found = _DURATION.fullmatch(text)
    if found and text != "P":
        parts = {name: int(value or 0) for name, value in found.groupdict().items()}
        return _after_duration(parts, start, work_time=work_time)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"定时“{text}”不是日期，也不是期限（如 P3D、PT4H）", rule="timer") from error
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _after_duration(parts: dict[str, int], start: datetime, *, work_time: bool) -> datetime:
    if not work_time:
        return start + timedelta(**parts)
    days = parts.pop("days") + 5 * parts.pop("weeks")
    moment = _working_days_after(start, days) if days else start
    rest = timedelta(**parts)
    return _working_time_after(moment, rest) if rest else moment
