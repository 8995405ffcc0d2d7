"""A timetable after a change: what can stay where it is, and what has to go where. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from yanta.masterdata import weeks as bitmaps
from yanta.systems.timetables.rules import compiling
from yanta.systems.timetables.rules.clashes import NO_ROOM, Slot
from yanta.systems.timetables.rules.compiling import Compiled, Weights
from yanta.systems.timetables.rules.school import School
from yanta.timetabling.problem import Placed, TimeChoice
from yanta.timetabling.times import Time

Cut = tuple[list[Slot], frozenset[int], dict[int, int]]
LATER = 3  # what each week further off costs, where a meeting is made up for


@dataclass(frozen=True)
class Change:
    """The meetings after it. `parts` are new ones, each cut off from another; `affected` are those it is about."""

    slots: tuple[Slot, ...]
    affected: frozenset[int]
    parts: Mapping[int, int] = field(default_factory=dict)
    closed: Mapping[int, int] = field(default_factory=dict)  # weeks in which a room is closed
    windows: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # other weeks that a part may have
    away: int = 0  # weeks in which a teacher is away


def rooms_lost(slots: Sequence[Slot], rooms: Collection[int], *, weeks: int) -> Change:
    """Meetings in these rooms are cut at these weeks: before and after they stay."""
    found, affected, parts = _cut(slots, weeks, lambda slot: slot.room in rooms)
    return Change(tuple(found), affected, parts, closed=dict.fromkeys(rooms, weeks))


def teacher_away(slots: Sequence[Slot], teacher: int, *, weeks: int, last_week: int) -> Change:
    """A teacher's meetings of these weeks are made up for in as many weeks after them."""
    found, affected, parts = _cut(slots, weeks, lambda slot: teacher in slot.teachers)
    windows = {
        slot.id: tuple(_windows(slot.weeks.bit_count(), weeks.bit_length() + 1, last_week))
        for slot in found if slot.id in affected
    }  # fmt: skip
    return Change(tuple(found), affected, parts, windows=windows, away=weeks)


def fresh(slots: Sequence[Slot]) -> Change:
    """Some meetings have no place yet."""
    return Change(tuple(slots), frozenset(slot.id for slot in slots if slot.weekday is None))


def _cut(slots: Sequence[Slot], weeks: int, concerned: Callable[[Slot], bool]) -> Cut:
    """What is concerned in these weeks becomes a part of its own, unless it is only in them; new parts count downwards."""
    found, affected, parts = list[Slot](), set[int](), dict[int, int]()
    for slot in slots:
        lost = slot.weeks & weeks
        if slot.weekday is None or not lost or not concerned(slot):
            found.append(slot)
            continue
        if lost == slot.weeks:
            found.append(replace(slot, is_fixed=False))
            affected.add(slot.id)
            continue
        key = -len(parts) - 1
        parts[key] = slot.id
        cut_off = replace(slot, id=key, weeks=lost, is_fixed=False)
        found += [replace(slot, weeks=slot.weeks & ~weeks), cut_off]
        affected.add(key)
    return found, frozenset(affected), parts


def _windows(count: int, first: int, last: int) -> Iterator[int]:
    """Runs of so many weeks between two weeks."""
    for week in range(first, last - count + 2):
        yield ((1 << count) - 1) << week - 1


def compiled(
    change: Change, school: School, weights: Weights | None = None
) -> tuple[Compiled, list[Placed | None]]:
    """The changed problem, and where everything is now (None: new)."""
    every_week = [1 << week for week in range(bitmaps.LAST_WEEK)] if change.windows else []
    masks, never = [*change.closed.values(), *every_week], {slot.id for slot in unplaceable(change)}
    made = compiling.compiled(
        [slot for slot in change.slots if slot.id not in never], school, weights, masks=masks
    )
    rooms = list(made.problem.rooms)
    for key, weeks in change.closed.items():
        if key in made.rooms:
            number = made.rooms[key]
            all_day = Time(made.calendar.short(weeks), (1 << compiling.DAYS) - 1, 0, made.problem.slots)
            rooms[number] = replace(rooms[number], closed=(all_day,))
    lessons = list(made.problem.lessons)
    for number, (slot, *_) in enumerate(made.tasks):
        if slot.id in change.windows:
            times = _made_up(made, lessons[number].times, change.windows[slot.id])
            lessons[number] = replace(lessons[number], times=times)
    problem = replace(made.problem, rooms=tuple(rooms), lessons=tuple(lessons))
    impossible = {**made.impossible, **dict.fromkeys(never, "weeks")}
    return replace(made, problem=problem, impossible=impossible), made.present()


def _made_up(made: Compiled, times: Sequence[TimeChoice], windows: Sequence[int]) -> tuple[TimeChoice, ...]:
    """The same days and periods in other weeks, the next ones first."""
    return tuple(
        TimeChoice(replace(choice.time, weeks=made.calendar.short(window)), choice.cost + LATER * place)
        for place, window in enumerate(windows)
        for choice in times
    )


def unplaceable(change: Change) -> list[Slot]:
    """Meetings that are to be made up for and have no week left for it."""
    return [slot for slot in change.slots if slot.id in change.windows and not change.windows[slot.id]]


def why(slot: Slot, change: Change, cause: str) -> str:
    """What a meeting that moved is told."""
    if slot.id in change.affected:
        return cause
    return f"给别的课让时间（{cause}）" if slot.room_kind == NO_ROOM else f"给别的课让时间或教室（{cause}）"
