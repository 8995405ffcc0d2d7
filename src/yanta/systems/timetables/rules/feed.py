"""A timetable as dated meetings and as an iCalendar text (RFC 5545). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

ZONE = (
    "BEGIN:VTIMEZONE", "TZID:Asia/Shanghai", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0800",
    "TZOFFSETTO:+0800", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip
LINE = 74  # octets of a line, RFC 5545 section 3.1


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of one week, before the school calendar has its say."""

    key: str
    title: str
    place: str
    note: str
    week: int
    weekday: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day on which nothing is taught, or one that follows another day's timetable."""

    since: date
    until: date
    follows: date | None = None

    def covers(self, day: date) -> bool:
        return self.since <= day <= self.until


def dates_of(meeting: Meeting, starts_on: date, exceptions: Iterable[DayOff]) -> list[date]:
    """The days on which it takes place: its own unless that is off, and those that follow its own."""
    own = starts_on + timedelta(days=7 * (meeting.week - 1) + meeting.weekday - 1)
    known = [*exceptions]
    found = [] if any(one.covers(own) for one in known) else [own]
    return found + [one.since for one in known if one.follows == own]


def _escaped(text: str) -> str:
    for mark, kept in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(mark, kept)
    return text


def _folded(line: str) -> str:
    """Lines of at most 75 octets, never cut inside a character."""
    parts, part = [], ""
    for letter in line:
        if len((part + letter).encode()) > LINE:
            parts.append(part)
            part = " "
        part += letter
    return "\r\n".join([*parts, part])


def calendar(
    name: str, meetings: Iterable[Meeting], *, starts_on: date, exceptions: Iterable[DayOff],
    bells: Mapping[int, tuple[time, time]], stamp: datetime,
) -> str:  # fmt: skip
    """The text that calendars subscribe to; a meeting whose periods have no times is left out."""
    known = [*exceptions]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Yanta//Timetable//ZH",
        f"X-WR-CALNAME:{_escaped(name)}",
        *ZONE,
    ]
    for one in meetings:
        if one.first not in bells or one.last not in bells:
            continue
        for day in dates_of(one, starts_on, known):
            since, until = bells[one.first][0], bells[one.last][1]
            lines += [
                "BEGIN:VEVENT", f"UID:{one.key}-{day:%Y%m%d}@yanta", f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}",
                f"DTSTART;TZID=Asia/Shanghai:{day:%Y%m%d}T{since:%H%M%S}", f"DTEND;TZID=Asia/Shanghai:{day:%Y%m%d}T{until:%H%M%S}",
                f"SUMMARY:{_escaped(one.title)}", f"LOCATION:{_escaped(one.place)}", f"DESCRIPTION:{_escaped(one.note)}",
                "END:VEVENT",
            ]  # fmt: skip
    return "\r\n".join(_folded(line) for line in [*lines, "END:VCALENDAR"]) + "\r\n"
