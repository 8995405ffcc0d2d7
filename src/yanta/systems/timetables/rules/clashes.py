"""Hard conflicts of a meeting with a place, with wishes and with other meetings, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

DAYS = "一二三四五六日"
NO_ROOM = "none"
HARD_WISHES = ("forbidden", "fixed")


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
class Place:
    """A room as far as a meeting asks about it."""

    id: int
    name: str
    kind: str
    capacity: int
    features: frozenset[str] = frozenset()
    campus: int | None = None


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
    group: int = 1
    weekday: int | None = None
    first: int | None = None
    room: int | None = None

    @property
    def last(self) -> int:
        return (self.first or 0) + self.periods - 1

    def at(self, weekday: int, first: int, room: int | None) -> Slot:
        return replace(self, weekday=weekday, first=first, room=room)


@dataclass(frozen=True, slots=True)
class Clash:
    """One thing that is wrong; `other` is the meeting in the way, if one is."""

    kind: str
    text: str
    other: int | None = None


def weekday_name(number: int) -> str:
    return f"星期{DAYS[number - 1]}"


def said(weekday: int, first: int, last: int) -> str:
    return (
        f"{weekday_name(weekday)}第 {first}-{last} 节"
        if last > first
        else f"{weekday_name(weekday)}第 {first} 节"
    )


def meets(one: Slot, other: Slot) -> bool:
    """Whether the two are at the same time in some week."""
    if one.first is None or other.first is None or one.weekday != other.weekday:
        return False
    return bool(one.weeks & other.weeks) and one.first <= other.last and other.first <= one.last


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


def between(one: Slot, other: Slot, names: Mapping[tuple[str, int], str]) -> Iterator[Clash]:
    """What two meetings at the same time take from each other."""
    if one.id == other.id or not meets(one, other):
        return
    for teacher in sorted(one.teachers & other.teachers):
        name = names.get(("teacher", teacher), "教师")
        yield Clash("teacher", f"{name}这时要上{other.title}", other.id)
    if one.section and one.section == other.section:
        yield Clash("section", f"这个教学班这时已有{other.title}", other.id)
    shared = sorted(one.classes & other.classes)
    if shared:
        name = "、".join(names.get(("class", key), "班级") for key in shared[:3])
        yield Clash("class", f"{name}这时要上{other.title}", other.id)
    if one.room is not None and one.room == other.room:
        yield Clash("room", f"{names.get(('room', one.room), '教室')}这时有{other.title}", other.id)


def clashes(
    slot: Slot,
    others: Iterable[Slot],
    *,
    place: Place | None,
    last_period: int,
    names: Mapping[tuple[str, int], str],
) -> list[Clash]:
    """Everything that is wrong with a meeting where it is."""
    if slot.weekday is None:
        return []
    found = [*of_wishes(slot, last_period=last_period), *of_room(slot, place)]
    return found + [clash for other in others for clash in between(slot, other, names)]
