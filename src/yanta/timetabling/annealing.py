"""The compiled search over times and rooms of lessons.

What must hold is priced by weights that grow where a violation is stubborn; what is wished by its cost.
A lesson is only ever where it may be: at a time of its own, in a room of its own that is open then.
"""

import math

import numpy as np
from numba import njit

from .arena import Arena, Crowd, Real, State, Whole
from .chance import Words, below, fraction
from .judged import apart, excess, excess_with, holds
from .problem import Kind

MAX_DAYS = int(Kind.MAX_DAYS)


@njit(cache=True)
def _room_of(arena: Arena, choice: int) -> int:
    return arena.rooms_list[choice] if choice >= 0 else -1


@njit(cache=True)
def _clashes(arena: Arena, state: State, lesson: int, time: int, room: int) -> int:
    """Other lessons in the room at that time."""
    if room < 0:
        return 0
    days, weeks, start, end = arena.time_days, arena.time_weeks, arena.time_start, arena.time_end
    held, at = state.held, state.at
    its_days, its_weeks, its_start, its_end = days[time], weeks[time], start[time], end[time]
    found = 0
    for place in range(state.used[room]):
        other = held[room, place]
        t = at[other]
        if other != lesson and not apart(
            its_days, its_weeks, its_start, its_end, days[t], weeks[t], start[t], end[t], 0
        ):
            found += 1
    return found


@njit(cache=True)
def _pair_change(
    arena: Arena, state: State, lesson: int, old: int, old_room: int, new: int, new_room: int, found: Real
) -> None:
    """Add to `found` (hard, weighted hard, soft) what the rules of pairs change."""
    days, weeks, start, end = arena.time_days, arena.time_weeks, arena.time_start, arena.time_end
    first, travel, at, into = arena.time_first, arena.travel, state.at, state.into
    others, kinds, values, firsts = arena.pair_other, arena.pair_kind, arena.pair_value, arena.pair_first
    costs, numbers, weights = arena.pair_cost, arena.pair_number, state.hard_weight
    d, w, s, e, f = days[old], weeks[old], start[old], end[old], first[old]
    new_d, new_w, new_s, new_e, new_f = days[new], weeks[new], start[new], end[new], first[new]
    for entry in range(arena.pairs_start[lesson], arena.pairs_start[lesson + 1]):
        kind, value, t, r = kinds[entry], values[entry], at[others[entry]], into[others[entry]]
        way, new_way = travel[old_room, r], travel[new_room, r]
        dt, wt, st, et, ft = days[t], weeks[t], start[t], end[t], first[t]
        if firsts[entry]:
            before = holds(kind, value, way, d, w, s, e, f, old_room, dt, wt, st, et, ft, r)
            after = holds(
                kind, value, new_way, new_d, new_w, new_s, new_e, new_f, new_room, dt, wt, st, et, ft, r
            )
        else:
            before = holds(kind, value, way, dt, wt, st, et, ft, r, d, w, s, e, f, old_room)
            after = holds(
                kind, value, new_way, dt, wt, st, et, ft, r, new_d, new_w, new_s, new_e, new_f, new_room
            )
        if before == after:
            continue
        step = 1 if before else -1
        if costs[entry] < 0:
            found[0] += step
            found[1] += step * weights[numbers[entry]]
        else:
            found[2] += step * costs[entry]


@njit(cache=True)
def _crowd_change(
    arena: Arena, crowd: Crowd, state: State, lesson: int, old: int, old_room: int, new: int, new_room: int
) -> int:
    """Change of the number of students' conflicts."""
    days, weeks, start, end = arena.time_days, arena.time_weeks, arena.time_start, arena.time_end
    others, shared, travel, at, into = crowd.other, crowd.shared, arena.travel, state.at, state.into
    d, w, s, e = days[old], weeks[old], start[old], end[old]
    new_d, new_w, new_s, new_e = days[new], weeks[new], start[new], end[new]
    found = 0
    for entry in range(crowd.start[lesson], crowd.start[lesson + 1]):
        t, r = at[others[entry]], into[others[entry]]
        dt, wt, st, et = days[t], weeks[t], start[t], end[t]
        before = apart(d, w, s, e, dt, wt, st, et, travel[old_room, r])
        after = apart(new_d, new_w, new_s, new_e, dt, wt, st, et, travel[new_room, r])
        if before != after:
            found += shared[entry] if before else -shared[entry]
    return found


@njit(cache=True)
def _group_soft(arena: Arena, group: int, over: int) -> int:
    cost = arena.group_cost[group] * over
    if arena.group_kind[group] != MAX_DAYS:
        cost //= arena.weeks
    return cost * arena.rule_weight


@njit(cache=True)
def _group_hard(arena: Arena, state: State, group: int, over: int) -> float:
    if over == 0:
        return 0.0
    pairs = state.hard_weight.shape[0] - 1 - state.over.shape[0]
    return state.hard_weight[pairs + group] * (1.0 + over / arena.weeks)


@njit(cache=True)
def _group_change(arena: Arena, state: State, lesson: int, new: int, found: Real) -> None:
    for entry in range(arena.member_start[lesson], arena.member_start[lesson + 1]):
        group = arena.member_list[entry]
        before, after = state.over[group], excess_with(arena, state, group, lesson, new)
        if arena.group_cost[group] >= 0:
            found[2] += _group_soft(arena, group, after) - _group_soft(arena, group, before)
            continue
        found[0] += (1 if after > 0 else 0) - (1 if before > 0 else 0)
        found[1] += _group_hard(arena, state, group, after) - _group_hard(arena, state, group, before)


@njit(cache=True)
def change_of(
    arena: Arena, crowd: Crowd, state: State, lesson: int, time: int, room: int, found: Real
) -> None:
    """Write to `found` what it changes (hard, weighted hard, soft) to bring a lesson to these choices."""
    old, new = state.at[lesson], arena.times_list[time]
    old_room, new_room = state.into[lesson], _room_of(arena, room)
    found[:] = 0
    found[2] = arena.times_cost[time] - arena.times_cost[state.time[lesson]]
    if room >= 0:
        found[2] += arena.rooms_cost[room] - arena.rooms_cost[state.room[lesson]]
    clashes = _clashes(arena, state, lesson, new, new_room) - _clashes(arena, state, lesson, old, old_room)
    found[0] += clashes
    found[1] += clashes * state.hard_weight[-1]
    _pair_change(arena, state, lesson, old, old_room, new, new_room, found)
    if crowd.start[lesson] < crowd.start[lesson + 1]:
        found[2] += arena.student_weight * _crowd_change(
            arena, crowd, state, lesson, old, old_room, new, new_room
        )
    if old != new:
        _group_change(arena, state, lesson, new, found)


@njit(cache=True)
def move(arena: Arena, state: State, lesson: int, time: int, room: int, found: Real) -> None:
    """Bring a lesson to these choices; `found` is what `change_of` said about it."""
    old_room, new_room = state.into[lesson], _room_of(arena, room)
    new = arena.times_list[time]
    if state.at[lesson] != new:
        for entry in range(arena.member_start[lesson], arena.member_start[lesson + 1]):
            group = arena.member_list[entry]
            state.over[group] = excess_with(arena, state, group, lesson, new)
    state.time[lesson], state.room[lesson] = time, room
    state.at[lesson], state.into[lesson] = new, new_room
    if old_room != new_room:
        state.used[old_room] -= 1
        last = state.held[old_room, state.used[old_room]]
        state.held[old_room, state.seat[lesson]] = last
        state.seat[last] = state.seat[lesson]
        state.held[new_room, state.used[new_room]] = lesson
        state.seat[lesson] = state.used[new_room]
        state.used[new_room] += 1
    state.cost[0] += np.int64(found[0])
    state.cost[1] += np.int64(found[2])
    state.energy[0] += found[1]


@njit(cache=True)
def recount(arena: Arena, crowd: Crowd, state: State, heavier: float) -> None:
    """Price the state afresh; weights of what is violated are multiplied by `heavier`."""
    state.cost[:] = 0
    state.energy[0] = 0
    clashes = conflicts = 0  # each counted from both sides
    for lesson in range(state.time.shape[0]):
        time, room = state.at[lesson], state.into[lesson]
        state.cost[1] += arena.times_cost[state.time[lesson]]
        if room >= 0:
            state.cost[1] += arena.rooms_cost[state.room[lesson]]
        clashes += _clashes(arena, state, lesson, time, room)
        _pairs_count(arena, state, lesson, heavier)
        for entry in range(crowd.start[lesson], crowd.start[lesson + 1]):
            other = crowd.other[entry]
            if not times_apart(arena, time, state.at[other], arena.travel[room, state.into[other]]):
                conflicts += crowd.shared[entry]
    if clashes > 0:
        state.hard_weight[-1] *= heavier
    state.cost[0] += clashes // 2
    state.energy[0] += clashes // 2 * state.hard_weight[-1]
    state.cost[1] += conflicts // 2 * arena.student_weight
    _groups_count(arena, state, heavier)


@njit(cache=True)
def times_apart(arena: Arena, a: int, b: int, gap: int) -> bool:
    days, weeks, start, end = arena.time_days, arena.time_weeks, arena.time_start, arena.time_end
    return apart(days[a], weeks[a], start[a], end[a], days[b], weeks[b], start[b], end[b], gap)


@njit(cache=True)
def _pairs_count(arena: Arena, state: State, lesson: int, heavier: float) -> None:
    days, weeks, start, end = arena.time_days, arena.time_weeks, arena.time_start, arena.time_end
    first, a, room = arena.time_first, state.at[lesson], state.into[lesson]
    for entry in range(arena.pairs_start[lesson], arena.pairs_start[lesson + 1]):
        other, kind, value = arena.pair_other[entry], arena.pair_kind[entry], arena.pair_value[entry]
        b, there = state.at[other], state.into[other]
        if not arena.pair_first[entry] or holds(
            kind, value, arena.travel[room, there],
            days[a], weeks[a], start[a], end[a], first[a], room,
            days[b], weeks[b], start[b], end[b], first[b], there,
        ):  # fmt: skip
            continue
        if arena.pair_cost[entry] >= 0:
            state.cost[1] += arena.pair_cost[entry]
            continue
        number = arena.pair_number[entry]
        state.hard_weight[number] *= heavier
        state.cost[0] += 1
        state.energy[0] += state.hard_weight[number]


@njit(cache=True)
def _groups_count(arena: Arena, state: State, heavier: float) -> None:
    pairs = state.hard_weight.shape[0] - 1 - state.over.shape[0]
    for group in range(state.over.shape[0]):
        over = excess(arena, state, group)
        state.over[group] = over
        if over == 0:
            continue
        if arena.group_cost[group] >= 0:
            state.cost[1] += _group_soft(arena, group, over)
            continue
        state.hard_weight[pairs + group] *= heavier
        state.cost[0] += 1
        state.energy[0] += _group_hard(arena, state, group, over)


@njit(cache=True)
def _draw(arena: Arena, state: State, lesson: int, chance: Words, drawn: Whole) -> bool:
    """Other choices for a lesson: a time, a room or both; False where there is nothing else or it is closed."""
    times = arena.times_start[lesson + 1] - arena.times_start[lesson]
    rooms = arena.rooms_start[lesson + 1] - arena.rooms_start[lesson]
    which = below(chance, 4)
    time, room = state.time[lesson], state.room[lesson]
    if which != 0 and times > 1:
        time = arena.times_start[lesson] + below(chance, times)
    if which != 1 and rooms > 1:
        room = arena.rooms_start[lesson] + below(chance, rooms)
    if time == state.time[lesson] and room == state.room[lesson]:
        return False
    drawn[0], drawn[1] = time, room
    return arena.open[arena.times_list[time], _room_of(arena, room)]


@njit(cache=True)
def _worth(found: Real, hardness: float, softness: float) -> float:
    return found[1] * hardness + found[2] * softness


@njit(cache=True)
def _accepted(price: float, heat: float, chance: Words) -> bool:
    return price <= 0 or price < -heat * math.log(fraction(chance))


@njit(cache=True)
def _in_the_way(arena: Arena, state: State, lesson: int) -> int:
    """A lesson that is in the same room at the same time, or -1."""
    room, here = state.into[lesson], state.at[lesson]
    for place in range(state.used[room] if room >= 0 else 0):
        held = state.held[room, place]
        if held != lesson and not times_apart(arena, here, state.at[held], 0):
            return held
    return -1


@njit(cache=True)
def _partner(arena: Arena, state: State, lesson: int, chance: Words) -> int:
    """Who may have to move because the lesson did: who is in the way, or one bound to it by a rule."""
    if below(chance, 2) == 0:
        return _in_the_way(arena, state, lesson)
    entries = arena.pairs_start[lesson + 1] - arena.pairs_start[lesson]
    if entries == 0:
        return -1
    other = arena.pair_other[arena.pairs_start[lesson] + below(chance, entries)]
    return -1 if other == lesson else other


@njit(cache=True)
def _take_left(arena: Arena, state: State, other: int, left: int, drawn: Whole) -> None:
    """Let the partner stay at its time and take the room that was left, where it may."""
    for choice in range(arena.rooms_start[other], arena.rooms_start[other + 1]):
        if arena.rooms_list[choice] == left and arena.open[state.at[other], left]:
            drawn[0], drawn[1] = state.time[other], choice
            return


@njit(cache=True)
def _second(
    arena: Arena,
    crowd: Crowd,
    state: State,
    lesson: int,
    back: Whole,
    chance: Words,
    drawn: Whole,
    found: Real,
) -> int:
    """After a first move: another lesson that goes somewhere, too, priced in `found`; -1 for none."""
    other = _partner(arena, state, lesson, chance)
    if other < 0 or not _draw(arena, state, other, chance, drawn):
        return -1
    left = _room_of(arena, back[1])
    if left >= 0 and below(chance, 2) == 0:
        _take_left(arena, state, other, left, drawn)
    if drawn[0] == state.time[other] and drawn[1] == state.room[other]:
        return -1
    change_of(arena, crowd, state, other, drawn[0], drawn[1], found)
    return other


@njit(cache=True)
def anneal(
    arena: Arena,
    crowd: Crowd,
    state: State,
    chance: Words,
    movable: Whole,
    best: Whole,
    best_cost: Whole,
    iterations: int,
    heat: float,
    hardness: float,
    softness: float,
) -> None:
    """Search at one heat; `best` (times, rooms) and `best_cost` (hard, soft) keep the best that was seen."""
    drawn, back = np.empty(2, dtype=np.int64), np.empty(2, dtype=np.int64)
    found, second = np.empty(3), np.empty(3)
    for _ in range(iterations):
        lesson = movable[below(chance, movable.shape[0])]
        if not _draw(arena, state, lesson, chance, drawn):
            continue
        change_of(arena, crowd, state, lesson, drawn[0], drawn[1], found)
        price = _worth(found, hardness, softness)
        if _accepted(price, heat, chance):
            move(arena, state, lesson, drawn[0], drawn[1], found)
        elif below(chance, 4) == 0:
            back[0], back[1] = state.time[lesson], state.room[lesson]
            move(arena, state, lesson, drawn[0], drawn[1], found)
            other = _second(arena, crowd, state, lesson, back, chance, drawn, second)
            if other >= 0 and _accepted(price + _worth(second, hardness, softness), heat, chance):
                move(arena, state, other, drawn[0], drawn[1], second)
            else:
                found *= -1
                move(arena, state, lesson, back[0], back[1], found)
                continue
        else:
            continue
        if state.cost[0] < best_cost[0] or (state.cost[0] == best_cost[0] and state.cost[1] < best_cost[1]):
            best_cost[:] = state.cost
            best[0, :] = state.time
            best[1, :] = state.room
