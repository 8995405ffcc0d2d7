"""The compiled search: moves and swaps of lectures over slots, each priced in well under a microsecond.

A slot holds one lecture and a lecture stays in periods its course allows, always; clashes of teachers and
curricula are priced while the search is hot and gone when it is cold.
"""

import math

from numba import njit

from yanta.timetabling.chance import Words, below, fraction

from .board import Board, Table, Whole


@njit(cache=True)
def _days_change(board: Board, table: Table, course: int, gone: int, come: int) -> int:
    """Change of the cost of working days when a lecture leaves one period for another."""
    day, other = gone // board.per_day, come // board.per_day
    if day == other:
        return 0
    days = 0
    for each in range(table.on_day.shape[1]):
        if table.on_day[course, each] > 0:
            days += 1
    after = days
    if table.on_day[course, day] == 1:
        after -= 1
    if table.on_day[course, other] == 0:
        after += 1
    wanted = board.min_days[course]
    return 5 * (max(0, wanted - after) - max(0, wanted - days))


@njit(cache=True)
def _room_change(board: Board, table: Table, course: int, gone: int, come: int) -> int:
    if gone == come:
        return 0
    change = board.overflow[course, come] - board.overflow[course, gone]
    if table.in_room[course, gone] == 1:
        change -= 1
    if table.in_room[course, come] == 0:
        change += 1
    return change


@njit(cache=True)
def _isolation_change(board: Board, table: Table, course: int, other: int, gone: int, come: int) -> int:
    """Change for the curricula of `course`, save those of `other`, which takes its place."""
    day, later = gone // board.per_day, come // board.per_day
    left, taken = 1 << (gone - day * board.per_day), 1 << (come - later * board.per_day)
    change = 0
    for number in range(board.curricula_start[course], board.curricula_start[course + 1]):
        curriculum = board.curricula_list[number]
        if other >= 0 and board.in_curriculum[other, curriculum]:
            continue
        before = table.pattern[curriculum, day]
        after = before & ~left if table.held[curriculum, gone] == 1 else before
        if day == later:
            change += board.isolation[after | taken] - board.isolation[before]
        else:
            there = table.pattern[curriculum, later]
            change += board.isolation[after] - board.isolation[before]
            change += board.isolation[there | taken] - board.isolation[there]
    return change


@njit(cache=True)
def _clash_change(board: Board, table: Table, course: int, other: int, gone: int, come: int) -> int:
    """Change of clashes when `course` goes over and `other` (or nobody) comes back in its stead."""
    change = table.clashing[course, come] - (table.clashing[course, gone] - 1)
    if other >= 0:
        change += table.clashing[other, gone] - (table.clashing[other, come] - 1)
        if board.clash[course, other]:
            change -= 2
    return change


@njit(cache=True)
def _put(board: Board, table: Table, lecture: int, slot: int, step: int) -> None:
    """Count a lecture in a slot (step 1) or out of it (step -1)."""
    course = board.course_of[lecture]
    period = slot // board.rooms
    day = period // board.per_day
    for number in range(board.clash_start[course], board.clash_start[course + 1]):
        table.clashing[board.clash_list[number], period] += step
    table.on_day[course, day] += step
    table.in_room[course, slot - period * board.rooms] += step
    bit = 1 << (period - day * board.per_day)
    for number in range(board.curricula_start[course], board.curricula_start[course + 1]):
        curriculum = board.curricula_list[number]
        table.held[curriculum, period] += step
        if table.held[curriculum, period] > 0:
            table.pattern[curriculum, day] |= bit
        else:
            table.pattern[curriculum, day] &= ~bit


@njit(cache=True)
def move(board: Board, table: Table, lecture: int, slot: int) -> None:
    """Bring a lecture to a slot; who is there takes its place. The costs are the caller's to keep."""
    origin = table.place[lecture]
    other = table.at[slot]
    _put(board, table, lecture, origin, -1)
    if other >= 0:
        _put(board, table, other, slot, -1)
        _put(board, table, other, origin, 1)
        table.place[other] = origin
    _put(board, table, lecture, slot, 1)
    table.at[origin] = other
    table.place[lecture] = slot
    table.at[slot] = lecture


@njit(cache=True)
def change_of(board: Board, table: Table, lecture: int, slot: int, found: Whole) -> bool:
    """Write the changes of clashes and soft cost of a move to `found`; False where it may not be."""
    origin = table.place[lecture]
    other = table.at[slot]
    course = board.course_of[lecture]
    gone, come = origin // board.rooms, slot // board.rooms
    opposite = -1
    if other >= 0:
        opposite = board.course_of[other]
        if opposite == course or not board.allowed[opposite, gone]:
            return False
    found[0] = found[1] = 0
    room, there = origin - gone * board.rooms, slot - come * board.rooms
    found[1] = _room_change(board, table, course, room, there)
    if opposite >= 0:
        found[1] += _room_change(board, table, opposite, there, room)
    if gone == come:
        return True
    found[0] = _clash_change(board, table, course, opposite, gone, come)
    found[1] += _days_change(board, table, course, gone, come)
    found[1] += _isolation_change(board, table, course, opposite, gone, come)
    if opposite >= 0:
        found[1] += _days_change(board, table, opposite, come, gone)
        found[1] += _isolation_change(board, table, opposite, course, come, gone)
    return True


@njit(cache=True)
def anneal(
    board: Board,
    table: Table,
    chance: Words,
    best: Whole,
    best_cost: Whole,
    change: Whole,
    iterations: int,
    hot: float,
    cold: float,
    clash_weight: int,
) -> None:
    """Search from `hot` to `cold`; `best` and `best_cost` keep the best that was seen."""
    cooling = math.exp(math.log(cold / hot) / max(1, iterations // 1000))
    heat = hot
    lectures = board.course_of.shape[0]
    for step in range(iterations):
        if step % 1000 == 999:
            heat *= cooling
        lecture = below(chance, lectures)
        course = board.course_of[lecture]
        start = board.periods_start[course]
        period = board.periods_list[start + below(chance, board.periods_start[course + 1] - start)]
        slot = period * board.rooms + below(chance, board.rooms)
        if slot == table.place[lecture] or not change_of(board, table, lecture, slot, change):
            continue
        price = change[0] * clash_weight + change[1]
        if price > 0 and price > -heat * math.log(fraction(chance)):
            continue
        move(board, table, lecture, slot)
        table.cost[0] += change[0]
        table.cost[1] += change[1]
        if table.cost[0] < best_cost[0] or (table.cost[0] == best_cost[0] and table.cost[1] < best_cost[1]):
            best_cost[:] = table.cost
            best[:] = table.place
