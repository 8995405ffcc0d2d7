"""The rules of `judging`, compiled."""

from numba import njit

from .arena import Arena, State, Whole
from .problem import Kind

SAME_START, SAME_TIME, DIFFERENT_TIME = int(Kind.SAME_START), int(Kind.SAME_TIME), int(Kind.DIFFERENT_TIME)
SAME_DAYS, DIFFERENT_DAYS = int(Kind.SAME_DAYS), int(Kind.DIFFERENT_DAYS)
SAME_WEEKS, DIFFERENT_WEEKS = int(Kind.SAME_WEEKS), int(Kind.DIFFERENT_WEEKS)
SAME_ROOM, DIFFERENT_ROOM = int(Kind.SAME_ROOM), int(Kind.DIFFERENT_ROOM)
OVERLAP, NOT_OVERLAP, SAME_ATTENDEES = int(Kind.OVERLAP), int(Kind.NOT_OVERLAP), int(Kind.SAME_ATTENDEES)
PRECEDENCE, WORK_DAY, MIN_GAP = int(Kind.PRECEDENCE), int(Kind.WORK_DAY), int(Kind.MIN_GAP)
BACK_TO_BACK, MAX_DAYS, MAX_DAY_LOAD = int(Kind.BACK_TO_BACK), int(Kind.MAX_DAYS), int(Kind.MAX_DAY_LOAD)
MAX_BREAKS, MAX_BLOCK = int(Kind.MAX_BREAKS), int(Kind.MAX_BLOCK)


@njit(cache=True)
def apart(
    days: int, weeks: int, start: int, end: int, days_b: int, weeks_b: int, start_b: int, end_b: int, gap: int
) -> bool:
    """Whether two times leave a gap wherever they share a day. Numbers only: arrays would be counted in and
    out at every call, which costs ten times the question."""
    if not days & days_b or not weeks & weeks_b:
        return True
    return end + gap <= start_b or end_b + gap <= start


@njit(cache=True)
def _holds_in_days(kind: int, one: int, other: int) -> bool:
    if kind in (SAME_DAYS, SAME_WEEKS):
        both = one | other
        return both in (one, other)
    return not one & other


@njit(cache=True)
def _holds_in_slots(kind: int, start: int, end: int, start_b: int, end_b: int) -> bool:
    """Rules that look at the slots of a day whatever the day is."""
    if kind == SAME_START:
        return start == start_b
    if kind == SAME_TIME:
        return (start <= start_b and end_b <= end) or (start_b <= start and end <= end_b)
    # DIFFERENT_TIME, and PRECEDENCE of a day
    return end <= start_b or (kind == DIFFERENT_TIME and end_b <= start)


@njit(cache=True)
def _holds_in_a_day(
    kind: int, value: int, same: bool, together: bool, start: int, end: int, start_b: int, end_b: int
) -> bool:
    """Rules about the stretch from one lesson of a day to the other."""
    if kind == WORK_DAY:
        return not together or max(end, end_b) - min(start, start_b) <= value
    # BACK_TO_BACK
    return together and same and 0 <= max(start - end_b, start_b - end) <= value


@njit(cache=True)
def holds(  # noqa: C901 - one question per kind
    kind: int, value: int, way: int, days: int, weeks: int, start: int, end: int, first: int, room: int,
    days_b: int, weeks_b: int, start_b: int, end_b: int, first_b: int, room_b: int,
) -> bool:  # fmt: skip
    """Whether a rule of pairs holds for two times and rooms (-1 for none), the first of the rule first."""
    if kind == SAME_ATTENDEES:
        return apart(days, weeks, start, end, days_b, weeks_b, start_b, end_b, way)
    if kind in (NOT_OVERLAP, MIN_GAP):  # the first has no value: a gap of 0
        return apart(days, weeks, start, end, days_b, weeks_b, start_b, end_b, value)
    if kind == OVERLAP:
        return not apart(days, weeks, start, end, days_b, weeks_b, start_b, end_b, 0)
    if kind in (SAME_ROOM, DIFFERENT_ROOM):
        return (room == room_b) == (kind == SAME_ROOM)
    if kind in (SAME_DAYS, DIFFERENT_DAYS):
        return _holds_in_days(kind, days, days_b)
    if kind in (SAME_WEEKS, DIFFERENT_WEEKS):
        return _holds_in_days(kind, weeks, weeks_b)
    if kind in (WORK_DAY, BACK_TO_BACK):
        together = days & days_b != 0 and weeks & weeks_b != 0
        return _holds_in_a_day(kind, value, days == days_b, together, start, end, start_b, end_b)
    if kind == PRECEDENCE and first != first_b:
        return first < first_b
    return _holds_in_slots(kind, start, end, start_b, end_b)


@njit(cache=True)
def excess(arena: Arena, state: State, group: int) -> int:
    """How far the group's rule is overstepped."""
    if arena.group_kind[group] == MAX_DAYS:
        return _days_over(arena, state, group, -1, -1)
    over = 0
    for day in range(arena.days):
        over += _excess_of_day(arena, state, group, -1, -1, day)
    return over


@njit(cache=True)
def excess_with(arena: Arena, state: State, group: int, lesson: int, time: int) -> int:
    """How far it would be if `lesson` were at `time` (a distinct time): only the days it leaves or comes to change."""
    if arena.group_kind[group] == MAX_DAYS:
        return _days_over(arena, state, group, lesson, time)
    over, old = state.over[group], state.at[lesson]
    days = arena.time_days[old] | arena.time_days[time]
    for day in range(arena.days):
        if (days >> day) & 1:
            over += _excess_of_day(arena, state, group, lesson, time, day)
            over -= _excess_of_day(arena, state, group, lesson, old, day)
    return over


@njit(cache=True)
def _days_over(arena: Arena, state: State, group: int, lesson: int, time: int) -> int:
    days = 0
    for entry in range(arena.group_start[group], arena.group_start[group + 1]):
        member = arena.group_list[entry]
        days |= arena.time_days[time if member == lesson else state.at[member]]
    used = 0
    for day in range(arena.days):
        used += (days >> day) & 1
    return max(0, used - arena.group_values[group, 0])


@njit(cache=True)
def _excess_of_day(arena: Arena, state: State, group: int, lesson: int, time: int, day: int) -> int:
    """Over all weeks; who is there is looked up and sorted once."""
    there, starts = state.there, arena.time_start
    count = weeks = 0
    for entry in range(arena.group_start[group], arena.group_start[group + 1]):
        member = arena.group_list[entry]
        at = time if member == lesson else state.at[member]
        if (arena.time_days[at] >> day) & 1:
            place = count
            while place > 0 and starts[there[place - 1]] > starts[at]:
                there[place] = there[place - 1]
                place -= 1
            there[place] = at
            count += 1
            weeks |= arena.time_weeks[at]
    over = 0
    for week in range(arena.weeks if count else 0):
        if (weeks >> week) & 1:
            over += _excess_of_week(arena, group, there, count, week)
    return over


@njit(cache=True)
def _excess_of_week(arena: Arena, group: int, there: Whole, count: int, week: int) -> int:
    kind = arena.group_kind[group]
    if kind == MAX_DAY_LOAD:
        load = 0
        for place in range(count):
            at = there[place]
            load += ((arena.time_weeks[at] >> week) & 1) * (arena.time_end[at] - arena.time_start[at])
        return max(0, load - arena.group_values[group, 0])
    if kind in (MAX_BREAKS, MAX_BLOCK):
        return _blocks(arena, group, there, count, week)
    return _no_lunch(arena, group, there, count, week)


@njit(cache=True)
def _blocks(arena: Arena, group: int, there: Whole, count: int, week: int) -> int:
    """Breaks over the allowed ones, or blocks of several lessons that are too long."""
    longest, gap = arena.group_values[group, 0], arena.group_values[group, 1]
    breaks = long = start = end = size = 0
    for place in range(count):
        at = there[place]
        if not (arena.time_weeks[at] >> week) & 1:
            continue
        if size > 0 and arena.time_start[at] <= end + gap:
            end = max(end, arena.time_end[at])
            size += 1
            continue
        breaks += 1 if size > 0 else 0
        long += 1 if size > 1 and end - start > longest else 0
        start, end, size = arena.time_start[at], arena.time_end[at], 1
    long += 1 if size > 1 and end - start > longest else 0
    return max(0, breaks - longest) if arena.group_kind[group] == MAX_BREAKS else long


@njit(cache=True)
def _no_lunch(arena: Arena, group: int, there: Whole, count: int, week: int) -> int:
    free, last = arena.group_values[group, 0], arena.group_values[group, 1]
    wanted = arena.group_values[group, 2]
    for place in range(count):
        at = there[place]
        if not (arena.time_weeks[at] >> week) & 1:
            continue
        if min(arena.time_start[at], last) - free >= wanted:
            return 0
        free = max(free, arena.time_end[at])
    return 1 if last - free < wanted else 0
