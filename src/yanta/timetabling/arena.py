"""A problem as flat arrays, for the compiled search."""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .problem import NO_ROOM, Kind, Lesson, Placed, Problem, Timetable
from .times import Time, lowest

Whole = NDArray[np.int64]
# Rules that hold wherever two lessons share no day.
OF_SHARED_DAYS = (Kind.NOT_OVERLAP, Kind.SAME_ATTENDEES, Kind.WORK_DAY, Kind.MIN_GAP)
Real = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Arena(NamedTuple):
    """What never changes. `x_start[i] : x_start[i + 1]` are the entries of `i` in a flat list."""

    weeks: int
    days: int
    rule_weight: int
    student_weight: int
    # Distinct times
    time_days: Whole
    time_weeks: Whole
    time_start: Whole
    time_end: Whole
    time_first: Whole  # order of the first meeting's day in the term
    # Choices of lessons, costs already weighted
    times_start: Whole
    times_list: Whole
    times_cost: Whole
    rooms_start: Whole
    rooms_list: Whole
    rooms_cost: Whole
    open: Flags  # time × room, the last column for no room
    travel: Whole  # room × room, the last one being no room
    # Rules of pairs, entered at both lessons
    pairs_start: Whole
    pair_other: Whole
    pair_kind: Whole
    pair_value: Whole
    pair_first: Flags  # whether this lesson comes first in the rule
    pair_cost: Whole  # weighted; -1: must hold
    pair_number: Whole  # the weight of a hard one
    # Rules of groups
    member_start: Whole  # groups of a lesson
    member_list: Whole
    group_start: Whole
    group_list: Whole
    group_kind: Whole
    group_values: Whole  # group × 3
    group_cost: Whole  # unweighted; -1: must hold


class Crowd(NamedTuple):
    """Students that two lessons share, entered at both."""

    start: Whole
    other: Whole
    shared: Whole


class State(NamedTuple):
    """Where lessons are and what follows from it."""

    time: Whole  # place in the flat list of times
    room: Whole  # place in the flat list of rooms, or -1
    at: Whole  # the distinct time that it is
    into: Whole  # the room that it is, or -1
    held: Whole  # room × place in it: lesson
    used: Whole  # lessons of each room
    seat: Whole  # the lesson's place in its room
    over: Whole  # excess of each group
    there: Whole  # room for counting who of a group is there on a day
    hard_weight: Real  # of pairs, then of groups, then of room clashes
    cost: Whole  # hard violations, soft cost
    energy: Real  # weighted hard violations


def _starts(rows: Iterable[Sequence[Any]]) -> Whole:
    return np.cumsum([0, *(len(row) for row in rows)]).astype(np.int64)


def _flat(rows: Iterable[Iterable[int]]) -> Whole:
    return np.array([value for row in rows for value in row], dtype=np.int64)


def distinct_times(problem: Problem) -> dict[Time, int]:
    times = dict.fromkeys(choice.time for lesson in problem.lessons for choice in lesson.times)
    return {time: number for number, time in enumerate(times)}


def arena_of(problem: Problem) -> Arena:
    times = distinct_times(problem)
    return Arena(
        weeks=problem.weeks,
        days=problem.days,
        rule_weight=problem.weights.rule,
        student_weight=problem.weights.student,
        **_times(times),
        **_choices(problem, times),
        open=_open(problem, times),
        travel=_travel(problem),
        **_pairs(problem),
        **_groups(problem),
    )


def _times(times: Iterable[Time]) -> dict[str, Any]:
    rows = list(times)
    columns = {
        "time_days": [time.days for time in rows],
        "time_weeks": [time.weeks for time in rows],
        "time_start": [time.start for time in rows],
        "time_end": [time.end for time in rows],
        "time_first": [lowest(time.weeks) * 7 + lowest(time.days) for time in rows],
    }
    return {name: np.array(values, dtype=np.int64) for name, values in columns.items()}


def _choices(problem: Problem, times: dict[Time, int]) -> dict[str, Any]:
    lessons, weights = problem.lessons, problem.weights
    return {
        "times_start": _starts(lesson.times for lesson in lessons),
        "times_list": _flat([times[choice.time] for choice in lesson.times] for lesson in lessons),
        "times_cost": _flat([weights.time * choice.cost for choice in lesson.times] for lesson in lessons),
        "rooms_start": _starts(lesson.rooms for lesson in lessons),
        "rooms_list": _flat([choice.room for choice in lesson.rooms] for lesson in lessons),
        "rooms_cost": _flat([weights.room * choice.cost for choice in lesson.rooms] for lesson in lessons),
    }


def _open(problem: Problem, times: dict[Time, int]) -> Flags:
    found = np.ones((len(times), len(problem.rooms) + 1), dtype=np.bool_)
    for number, room in enumerate(problem.rooms):
        if room.closed:
            found[:, number] = [room.open_at(time) for time in times]
    return found


def _travel(problem: Problem) -> Whole:
    count = len(problem.rooms)
    found = np.zeros((count + 1, count + 1), dtype=np.int64)
    sites = np.array([room.site for room in problem.rooms], dtype=np.int64)
    for (one, other), slots in problem.ways.items():
        found[:-1, :-1][np.ix_(sites == one, sites == other)] = slots
    for a, room in enumerate(problem.rooms):
        for b in room.travel:
            found[a, b], found[b, a] = problem.travel(a, b), problem.travel(b, a)
    return found


def _reach(lesson: Lesson) -> Time:
    """All weeks and days that a lesson may be on."""
    weeks = days = 0
    for choice in lesson.times:
        weeks |= choice.time.weeks
        days |= choice.time.days
    return Time(weeks, days, 0, 0)


def _pairs(problem: Problem) -> dict[str, Any]:
    entries: list[list[tuple[int, ...]]] = [[] for _ in problem.lessons]
    hard: dict[tuple[int, ...], int] = {}
    reach = [_reach(lesson) for lesson in problem.lessons]
    for rule in problem.rules:
        if not rule.kind.of_pairs:
            continue
        value = rule.values[0] if rule.values else 0
        cost = -1 if rule.cost is None else rule.cost * problem.weights.rule
        for a, b in rule.pairs():
            if rule.kind in OF_SHARED_DAYS and not reach[a].shares_a_day(reach[b]):
                continue  # whatever the choices, they never meet
            number = -1
            if rule.hard:
                # The same demand said twice counts twice in the price, but drives the search once.
                key = (rule.kind, value, a, b)
                number = hard.setdefault(key, len(hard))
            entries[a].append((b, rule.kind, value, 1, cost, number))
            entries[b].append((a, rule.kind, value, 0, cost, number))
    flat = np.array([entry for row in entries for entry in row], dtype=np.int64).reshape(-1, 6)
    return {
        "pairs_start": _starts(entries),
        "pair_other": flat[:, 0].copy(),
        "pair_kind": flat[:, 1].copy(),
        "pair_value": flat[:, 2].copy(),
        "pair_first": flat[:, 3].astype(np.bool_),
        "pair_cost": flat[:, 4].copy(),
        "pair_number": flat[:, 5].copy(),
    }


def _groups(problem: Problem) -> dict[str, Any]:
    rules = [rule for rule in problem.rules if not rule.kind.of_pairs]
    members: list[list[int]] = [[] for _ in problem.lessons]
    for number, rule in enumerate(rules):
        for lesson in rule.lessons:
            members[lesson].append(number)
    return {
        "member_start": _starts(members),
        "member_list": _flat(members),
        "group_start": _starts(rule.lessons for rule in rules),
        "group_list": _flat(rule.lessons for rule in rules),
        "group_kind": np.array([rule.kind for rule in rules], dtype=np.int64),
        "group_values": np.array([(*rule.values, 0, 0, 0)[:3] for rule in rules], dtype=np.int64).reshape(
            -1, 3
        ),
        "group_cost": np.array([-1 if rule.cost is None else rule.cost for rule in rules], dtype=np.int64),
    }


def crowd_of(problem: Problem, attends: Iterable[Iterable[int]]) -> Crowd:
    shared: dict[tuple[int, int], int] = {}
    for lessons in attends:
        for pair in combinations(sorted(lessons), 2):
            shared[pair] = shared.get(pair, 0) + 1
    rows: list[list[tuple[int, int]]] = [[] for _ in problem.lessons]
    for (a, b), count in shared.items():
        rows[a].append((b, count))
        rows[b].append((a, count))
    flat = np.array([entry for row in rows for entry in row], dtype=np.int64).reshape(-1, 2)
    return Crowd(_starts(rows), flat[:, 0].copy(), flat[:, 1].copy())


def state_of(arena: Arena, time: Whole, room: Whole, hard_weight: Real | None = None) -> State:
    """A state with the rooms filled; the kernel's `recount` prices it."""
    lessons, rooms = len(time), arena.open.shape[1] - 1
    pairs = int(arena.pair_number.max(initial=-1)) + 1
    weights = np.ones(pairs + len(arena.group_kind) + 1) if hard_weight is None else hard_weight.copy()
    state = State(
        time=time.copy(),
        room=room.copy(),
        at=arena.times_list[time],
        into=np.array([arena.rooms_list[each] if each >= 0 else -1 for each in room], dtype=np.int64),
        held=np.zeros((max(1, rooms), max(1, lessons)), dtype=np.int64),
        used=np.zeros(max(1, rooms), dtype=np.int64),
        seat=np.zeros(lessons, dtype=np.int64),
        over=np.zeros(len(arena.group_kind), dtype=np.int64),
        there=np.zeros(int(np.diff(arena.group_start).max(initial=1)), dtype=np.int64),
        hard_weight=weights,
        cost=np.zeros(2, dtype=np.int64),
        energy=np.zeros(1),
    )
    for lesson in range(lessons):
        if room[lesson] >= 0:
            at = arena.rooms_list[room[lesson]]
            state.held[at, state.used[at]] = lesson
            state.seat[lesson] = state.used[at]
            state.used[at] += 1
    return state


def placed_of(problem: Problem, arena: Arena, time: Whole, room: Whole) -> tuple[Placed, ...]:
    """The timetable's entries that the places in the flat lists mean."""
    return tuple(
        Placed(
            lesson.times[int(time[number] - arena.times_start[number])].time,
            lesson.rooms[int(room[number] - arena.rooms_start[number])].room
            if room[number] >= 0
            else NO_ROOM,
        )
        for number, lesson in enumerate(problem.lessons)
    )


def places_of(problem: Problem, arena: Arena, timetable: Timetable) -> tuple[Whole, Whole]:
    """The way back; ValueError where a lesson may not be where it is."""
    time, room = [], []
    for number, (lesson, at) in enumerate(zip(problem.lessons, timetable.placed, strict=True)):
        times = [choice.time for choice in lesson.times]
        rooms = [choice.room for choice in lesson.rooms]
        time.append(int(arena.times_start[number]) + times.index(at.time))
        room.append(-1 if at.room == NO_ROOM else int(arena.rooms_start[number]) + rooms.index(at.room))
    return np.array(time, dtype=np.int64), np.array(room, dtype=np.int64)
