"""What clashes already, before any timetable is made. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from yanta.systems.offerings.rules.workload import Meeting

# 校内教学工作规定：一位教师一周讲课不超过 20 节（含实验分组）。
WEEKLY_LIMIT = 20
NO_ROOM = "none"


@dataclass(frozen=True, slots=True)
class Room:
    kind: str
    capacity: int
    features: frozenset[str] = frozenset()
    campus: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The room that a meeting of a section asks for."""

    kind: str
    title: str
    features: frozenset[str]
    seats: int


@dataclass(frozen=True, slots=True)
class SectionFacts:
    """All that is asked about one section."""

    size: int
    seated: int
    capacity: int
    reserved: int
    hours: int
    campus: int | None
    shares: Mapping[int, Decimal]
    meetings: Sequence[tuple[Meeting, Wanted]]


@dataclass(frozen=True, slots=True)
class Clash:
    """`stops` means that the offering cannot be confirmed with it."""

    kind: str
    text: str
    stops: bool = True


def features_of(text: str) -> frozenset[str]:
    return frozenset(part for part in text.replace(",", "、").replace("，", "、").split("、") if part)


def clashes_of(
    facts: SectionFacts, *, rooms: Sequence[Room], qualified: Mapping[int, str]
) -> Iterator[Clash]:
    """Everything wrong with a section by itself; `qualified` names the assigned teachers who are not, by id."""
    yield from _of_teachers(facts, qualified)
    taught = sum(meeting.hours for meeting, _ in facts.meetings)
    if taught != facts.hours:
        yield Clash("hours", f"上课安排合计 {taught} 学时，计划 {facts.hours} 学时")
    if facts.seated != facts.size:
        yield Clash("size", f"各行政班合计 {facts.seated} 人，教学班计划 {facts.size} 人")
    if facts.reserved > facts.capacity:
        yield Clash("seats", f"预留 {facts.reserved} 个座位，容量只有 {facts.capacity}")
    for _, wanted in facts.meetings:
        yield from _of_room(wanted, facts.campus, rooms)


def _of_teachers(facts: SectionFacts, qualified: Mapping[int, str]) -> Iterator[Clash]:
    if not facts.shares:
        yield Clash("teacher", "还没有教师")
        return
    total = sum(facts.shares.values(), Decimal(0))
    if abs(total - 1) > Decimal("0.002"):
        yield Clash("shares", f"教师承担比例合计 {float(total):g}，应为 1")
    for name in qualified.values():
        yield Clash("qualified", f"{name} 没有这门课程的任教资格")


def _of_room(wanted: Wanted, campus: int | None, rooms: Sequence[Room]) -> Iterator[Clash]:
    if wanted.kind == NO_ROOM:
        return
    fitting = [
        room for room in rooms
        if room.kind == wanted.kind and wanted.features <= room.features and campus in (None, room.campus)
    ]  # fmt: skip
    largest = max((room.capacity for room in fitting), default=0)
    if not fitting:
        with_ = f"（{'、'.join(sorted(wanted.features))}）" if wanted.features else ""
        yield Clash("room", f"没有可用的{wanted.title}{with_}")
    elif largest < wanted.seats:
        yield Clash("room", f"最大的{wanted.title}只有 {largest} 座，需要 {wanted.seats} 座")


def overloads(loads: Mapping[int, Decimal], names: Mapping[int, str]) -> Iterator[tuple[int, Clash]]:
    """Teachers whose fullest week is beyond the limit; a warning, for the college may decide so."""
    for teacher, load in sorted(loads.items(), key=lambda pair: -pair[1]):
        if load > WEEKLY_LIMIT:
            text = f"{names[teacher]} 最满的一周 {float(load):g} 节，超过 {WEEKLY_LIMIT} 节"
            yield teacher, Clash("load", text, stops=False)


def stopping(clashes: Iterable[Clash]) -> list[str]:
    return [one.text for one in clashes if one.stops]
