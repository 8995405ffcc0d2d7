"""A meeting, what it asks of its time and its room, and what is wrong with them in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from yanta.masterdata import weeks
from yanta.systems.timetables.rules.school import Place
from yanta.timetabling.problem import Kind

NO_ROOM = "none"
HARD_WISHES = ("forbidden", "fixed")
# What a link asks of two sections; those BY_TURN of the first meeting of each, of the second of each, …
LINKS = {
    "same_time": (Kind.SAME_TIME, Kind.SAME_DAYS), "different_time": (Kind.NOT_OVERLAP,), "same_day": (Kind.SAME_DAYS,),
    "different_day": (Kind.DIFFERENT_DAYS,), "back_to_back": (Kind.BACK_TO_BACK,),
    "together": (Kind.SAME_TIME, Kind.SAME_DAYS, Kind.SAME_ROOM),
}  # fmt: skip
LINK_WORDS = {
    "same_time": "在同一时间", "different_time": "在不同时间", "same_day": "在同一天", "different_day": "在不同的天",
    "back_to_back": "前后相接", "together": "合上",
}  # fmt: skip
LINK_VALUES = {Kind.BACK_TO_BACK: (0,)}
BY_TURN = ("same_time", "same_day", "back_to_back", "together")
Names = Mapping[tuple[str, int], str]


@dataclass(frozen=True, slots=True)
class Wish:
    """When a section or its teacher must, must not, would like or would not like to be."""

    kind: str
    weekday: int
    first: int
    last: int
    weeks: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Tie:
    """A link that the section is in; `key` is the same for all its sections, `place` counts them."""

    key: str
    kind: str
    hard: bool
    name: str
    place: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """A meeting somewhere: whose it is, what it needs, when and where it is. Without a weekday it is nowhere yet."""

    id: int
    title: str
    weeks: int
    periods: int
    teachers: frozenset[int] = frozenset()
    classes: frozenset[int] = frozenset()
    size: int = 0
    room_kind: str = NO_ROOM
    features: frozenset[str] = frozenset()
    campus: int | None = None
    wishes: tuple[Wish, ...] = ()
    section: int = 0
    meeting: int = 0
    turn: int = 1
    group: int = 1
    same_room: bool = False
    ties: tuple[Tie, ...] = ()
    weekday: int | None = None
    first: int | None = None
    room: int | None = None
    is_fixed: bool = False

    @property
    def last(self) -> int:
        return (self.first or 0) + self.periods - 1

    @property
    def whole(self) -> tuple[int, int, int]:
        """The weekly meeting of which it may be one part of several."""
        return self.meeting, self.turn, self.group

    def at(self, weekday: int, first: int, room: int | None) -> Slot:
        return replace(self, weekday=weekday, first=first, room=room)


@dataclass(frozen=True, slots=True)
class Clash:
    """One thing that is wrong; `other` is the meeting in the way, if one is."""

    kind: str
    text: str
    other: int | None = None


def said(weekday: int, first: int, last: int) -> str:
    return (
        f"{weeks.day_name(weekday)}第 {first}-{last} 节"
        if last > first
        else f"{weeks.day_name(weekday)}第 {first} 节"
    )


def of_room(slot: Slot, place: Place | None) -> Iterator[Clash]:
    """Whether the room is of the kind, the size and on the campus that the meeting asks for."""
    if slot.room_kind == NO_ROOM:
        return
    if place is None:
        yield Clash("room", "还没有教室")
        return
    if place.kind != slot.room_kind:
        yield Clash("kind", f"{place.name}不是要求的教室类型")
    if place.capacity < slot.size:
        yield Clash("capacity", f"{place.name}只能坐 {place.capacity} 人，少于 {slot.size} 人")
    if missing := slot.features - place.features:
        yield Clash("features", f"{place.name}没有{'、'.join(sorted(missing))}")
    if slot.campus is not None and place.campus is not None and place.campus != slot.campus:
        yield Clash("campus", f"{place.name}不在上课校区")


def of_wishes(slot: Slot, *, last_period: int) -> Iterator[Clash]:
    """Forbidden times, fixed times, and the end of the day."""
    if slot.weekday is None or slot.first is None:
        return
    if slot.last > last_period:
        yield Clash("day", f"超出当天最后一节（第 {last_period} 节）")
    for wish in slot.wishes:
        if not wish.weeks & slot.weeks:
            continue
        covers = wish.weekday == slot.weekday and wish.first <= slot.last and slot.first <= wish.last
        inside = wish.weekday == slot.weekday and wish.first <= slot.first and slot.last <= wish.last
        if wish.kind == "forbidden" and covers:
            yield Clash("forbidden", f"这个时间不能排：{wish.reason}")
        if wish.kind == "fixed" and not inside:
            yield Clash("fixed", f"须固定在{said(wish.weekday, wish.first, wish.last)}：{wish.reason}")


def taught_as_one(one: Slot, other: Slot) -> bool:
    """Two sections whose link says so, the same turn of each."""
    keys = {tie.key for tie in one.ties if tie.kind == "together" and tie.hard}
    same = one.turn == other.turn and one.section != other.section and where(one) == where(other)
    return same and any(tie.key in keys for tie in other.ties)


def where(slot: Slot) -> tuple[int | None, int | None, int | None]:
    return slot.weekday, slot.first, slot.room
