"""Entries as iCalendar text (RFC 5545). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from yanta.kernel.calendar.declare import Entry

ZONE = (
    "BEGIN:VTIMEZONE", "TZID:Asia/Shanghai", "X-LIC-LOCATION:Asia/Shanghai", "BEGIN:STANDARD", "DTSTART:19700101T000000",
    "TZNAME:CST", "TZOFFSETFROM:+0800", "TZOFFSETTO:+0800", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip
PRODUCT = "-//Yanta//Calendar//ZH"
OCTETS = 74  # of a line, RFC 5545 section 3.1


def escaped(text: str) -> str:
    """A text value; other control characters than a line break are left out, for they may not stand in one."""
    for mark, kept in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        text = text.replace(mark, kept)
    return "".join(letter for letter in text if letter >= " ")


def folded(line: str) -> str:
    """Lines of at most 75 octets, never cut inside a character."""
    if len(line.encode()) <= OCTETS:
        return line
    parts, part = [], ""
    for letter in line:
        if len((part + letter).encode()) > OCTETS:
            parts.append(part)
            part = " "
        part += letter
    return "\r\n".join([*parts, part])


def uid_of(kind: str, entry: Entry) -> str:
    return f"{kind}-{entry.key.replace('/', '-')}@yanta"


def _time(name: str, value: date | datetime, *, is_end: bool = False) -> str:
    if isinstance(value, datetime):
        return f"{name};TZID=Asia/Shanghai:{value:%Y%m%dT%H%M%S}"
    # The end of whole days is the day after.
    day = value + timedelta(days=1) if is_end else value
    return f"{name};VALUE=DATE:{day:%Y%m%d}"


def event(kind: str, category: str, entry: Entry, *, address: str = "") -> str:
    """The lines of one event that change when the thing itself changes."""
    whole = entry.is_whole_day
    lines = [
        f"UID:{escaped(uid_of(kind, entry))}",
        _time("DTSTART", entry.starts if whole else entry.since),
        _time("DTEND", entry.ends if whole else entry.until, is_end=True),
        f"SUMMARY:{escaped(entry.title)}",
        f"CATEGORIES:{escaped(category)}",
        f"STATUS:{'CANCELLED' if entry.is_cancelled else 'CONFIRMED'}",
        f"TRANSP:{'TRANSPARENT' if whole or entry.is_cancelled else 'OPAQUE'}",
    ]
    lines += [f"LOCATION:{escaped(entry.place)}"] if entry.place else []
    lines += [f"DESCRIPTION:{escaped(entry.note)}"] if entry.note else []
    lines += [f"URL:{address}{entry.link}"] if entry.link else []
    return "\n".join(lines)


def whole_event(text: str, *, sequence: int, changed_at: datetime) -> list[str]:
    """An event with its number and time of change, which make no change by themselves."""
    stamp = f"{changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    told = [f"DTSTAMP:{stamp}", f"LAST-MODIFIED:{stamp}", f"SEQUENCE:{sequence}"]
    return ["BEGIN:VEVENT", *text.split("\n"), *told, "END:VEVENT"]


def document(name: str, events: Iterable[list[str]]) -> str:
    """A whole calendar."""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN"]
    named = [f"X-WR-CALNAME:{escaped(name)}", "X-WR-TIMEZONE:Asia/Shanghai"] if name else []
    lines = [*head, *named, *ZONE, *(line for one in events for line in one), "END:VCALENDAR"]
    return "\r\n".join(folded(line) for line in lines) + "\r\n"
