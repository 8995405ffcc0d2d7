"""The compiled search: moves and swaps of lectures over slots, each priced in well under a microsecond.

A slot holds one lecture and a lecture stays in periods its course allows, always; clashes of teachers and
curricula are priced while the search is hot and gone when it is cold.

The small functions take the arrays that they read one by one: handing whole tables over costs more than the
pricing itself.
"""

import math

from numba import njit

from yanta.timetabling.chance import Words, below, fraction

from .board import Board, Flags, Table, Whole

STAYING = 2  # one draw in this many asks for any room, the others for the lecture's own
CHAIN_EVERY = 40  # draws


@njit(cache=True)
def _days_change(on_day: Whole, wanted: int, course: int, day: int, other: int) -> int:
    """Change of the cost of working days when a lecture leaves one day for another."""
    if day == other:
        return 0
    left, taken = on_day[course, day] == 1, on_day[course, other] == 0
    if left == taken:
        return 0
    days = 0
    for each in range(on_day.shape[1]):
        if on_day[course, each] > 0:
            days += 1
    if left:
        return 5 if days <= wanted else 0
    return -5 if days < wanted else 0


@njit(cache=True)
def _room_change(overflow: Whole, in_room: Whole, course: int, gone: int, come: int) -> int:
    if gone == come:
        return 0
    change = overflow[course, come] - overflow[course, gone]
    if in_room[course, gone] == 1:
        change -= 1
    if in_room[course, come] == 0:
        change += 1
    return change


@njit(cache=True)
def _period_change(
    starts: Whole, curricula: Whole, member: Flags, held: Whole, pattern: Whole, isolation: Whole, on_day: Whole,
    min_days: Whole, per_day: int, course: int, other: int, gone: int, come: int,
) -> int:  # fmt: skip
    """Change of days and of isolation when a lecture leaves a period for another.

    The curricula of `other`, which takes its place, notice nothing.
    """
    day, later = gone // per_day, come // per_day
    left, taken = 1 << (gone - day * per_day), 1 << (come - later * per_day)
    change = _days_change(on_day, min_days[course], course, day, later)
    for number in range(starts[course], starts[course + 1]):
        curriculum = curricula[number]
        if other >= 0 and member[other, curriculum]:
            continue
        before = pattern[curriculum, day]
        after = before & ~left if held[curriculum, gone] == 1 else before
        if day == later:
            change += isolation[after | taken] - isolation[before]
        else:
            there = pattern[curriculum, later]
            change += isolation[after] - isolation[before]
            change += isolation[there | taken] - isolation[there]
    return change


@njit(cache=True)
def _clash_change(clashing: Whole, clash: Flags, course: int, other: int, gone: int, come: int) -> int:
    """Change of clashes when `course` goes over and `other` (or nobody) comes back in its stead."""
    change = clashing[course, come] - (clashing[course, gone] - 1)
    if other >= 0:
        change += clashing[other, gone] - (clashing[other, come] - 1)
        if clash[course, other]:
            change -= 2
    return change


@njit(cache=True)
def _rooms_change(overflow: Whole, in_room: Whole, course: int, other: int, gone: int, come: int) -> int:
    change = _room_change(overflow, in_room, course, gone, come)
    if other >= 0:
        change += _room_change(overflow, in_room, other, come, gone)
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
def next_move(
    board: Board, table: Table, chance: Words, found: Whole, steps: int, heat: float, clash_weight: int
) -> int:
    """Draw moves until one is accepted, at most `steps` of them; answers how many were drawn.

    Writes the lecture, the slot and the changes of clashes and of soft cost to `found`; lecture -1: none.
    """
    rooms, per_day, course_of, place, at = board.rooms, board.per_day, board.course_of, table.place, table.at
    firsts, periods, allowed, clash = board.periods_start, board.periods_list, board.allowed, board.clash
    overflow, min_days, isolation, relief = board.overflow, board.min_days, board.isolation, board.relief
    starts, curricula, member = board.curricula_start, board.curricula_list, board.in_curriculum
    clashing, on_day, in_room = table.clashing, table.on_day, table.in_room
    held, pattern = table.held, table.pattern
    for step in range(steps):
        lecture = below(chance, course_of.shape[0])
        course = course_of[lecture]
        come = periods[firsts[course] + below(chance, firsts[course + 1] - firsts[course])]
        origin = place[lecture]
        gone = origin // rooms
        room = below(chance, STAYING * rooms)
        slot = come * rooms + (room if room < rooms else origin - gone * rooms)
        opposite = course_of[at[slot]] if at[slot] >= 0 else -1
        # Nothing moves, or who is there may not be where this one comes from.
        if slot == origin or opposite == course or (opposite >= 0 and not allowed[opposite, gone]):
            continue
        limit = -heat * math.log(fraction(chance))
        soft = _rooms_change(overflow, in_room, course, opposite, origin - gone * rooms, slot - come * rooms)
        clashes = 0
        if gone != come:
            clashes = _clash_change(clashing, clash, course, opposite, gone, come)
            saved = relief[course] + (relief[opposite] if opposite >= 0 else 0)
            # What is expensive to know is not asked where it cannot matter any more.
            if clashes * clash_weight + soft - saved > limit:
                continue
            soft += _period_change(starts, curricula, member, held, pattern, isolation, on_day, min_days,
                                   per_day, course, opposite, gone, come)  # fmt: skip
            if opposite >= 0:
                soft += _period_change(starts, curricula, member, held, pattern, isolation, on_day, min_days,
                                       per_day, opposite, course, come, gone)  # fmt: skip
        if clashes * clash_weight + soft <= limit:
            found[0], found[1], found[2], found[3] = lecture, slot, clashes, soft
            return step + 1
    found[0] = -1
    return steps


@njit(cache=True)
def anneal(
    board: Board, table: Table, chance: Words, best: Whole, best_cost: Whole, found: Whole, chain: Whole,
    iterations: int, heat: float, clash_weight: int,
) -> None:  # fmt: skip
    """Search at one heat; `best` and `best_cost` keep the best that was seen."""
    left, until_chain = iterations, CHAIN_EVERY
    while left > 0:
        drawn = next_move(board, table, chance, found, min(left, until_chain), heat, clash_weight)
        left -= drawn
        until_chain -= drawn
        if found[0] >= 0:
            move(board, table, found[0], found[1])
            table.cost[0] += found[2]
            table.cost[1] += found[3]
            _keep(table, best, best_cost)
        if until_chain <= 0:
            until_chain = CHAIN_EVERY
            if exchange(board, table, chance, chain, heat, clash_weight):
                _keep(table, best, best_cost)


@njit(cache=True)
def _keep(table: Table, best: Whole, best_cost: Whole) -> None:
    if table.cost[0] < best_cost[0] or (table.cost[0] == best_cost[0] and table.cost[1] < best_cost[1]):
        best_cost[:] = table.cost
        best[:] = table.place


@njit(cache=True)
def _chained(board: Board, table: Table, chain: Whole, room: int, one: int, two: int) -> int:
    """Rooms whose lectures change periods together, for `room` to do so without a new clash; 0: none, or too many."""
    chain[0] = room
    count, looked = 1, 0
    while count > 0 and looked < count:
        count = _followed(board, table, chain, count, one * board.rooms + chain[looked], two)
        if count > 0:
            count = _followed(board, table, chain, count, two * board.rooms + chain[looked], one)
        looked += 1
    return count


@njit(cache=True)
def _followed(board: Board, table: Table, chain: Whole, count: int, slot: int, come: int) -> int:
    """The chain's length with whom a lecture would meet in the period where it comes; 0: it may not, or too many."""
    lecture = table.at[slot]
    if lecture < 0:
        return count
    course = board.course_of[lecture]
    if not board.allowed[course, come]:
        return 0
    if table.clashing[course, come] == 0:
        return count
    for room in range(board.rooms):
        other = table.at[come * board.rooms + room]
        if other >= 0 and board.clash[course, board.course_of[other]] and not _holds(chain, count, room):
            if count == chain.shape[0]:
                return 0
            chain[count] = room
            count += 1
    return count


@njit(cache=True)
def _holds(chain: Whole, count: int, room: int) -> bool:
    for place in range(count):  # noqa: SIM110 - compiled code knows no generators
        if chain[place] == room:
            return True
    return False


@njit(cache=True)
def _turn(board: Board, table: Table, room: int, one: int, two: int) -> None:
    """Exchange what is in a room in two periods, and count what that costs."""
    slot, other_slot = one * board.rooms + room, two * board.rooms + room
    if table.at[slot] < 0:
        slot, other_slot, one, two = other_slot, slot, two, one
    lecture, other = table.at[slot], table.at[other_slot]
    if lecture < 0:
        return
    course = board.course_of[lecture]
    opposite = board.course_of[other] if other >= 0 else -1
    if course == opposite:
        return
    starts, curricula, member = board.curricula_start, board.curricula_list, board.in_curriculum
    held, pattern, isolation, on_day = table.held, table.pattern, board.isolation, table.on_day
    table.cost[0] += _clash_change(table.clashing, board.clash, course, opposite, one, two)
    table.cost[1] += _period_change(starts, curricula, member, held, pattern, isolation, on_day, board.min_days,
                                    board.per_day, course, opposite, one, two)  # fmt: skip
    if opposite >= 0:
        table.cost[1] += _period_change(starts, curricula, member, held, pattern, isolation, on_day, board.min_days,
                                        board.per_day, opposite, course, two, one)  # fmt: skip
    move(board, table, lecture, other_slot)


@njit(cache=True)
def exchange(board: Board, table: Table, chance: Words, chain: Whole, heat: float, clash_weight: int) -> bool:
    """A Kempe chain: lectures of two periods change places, each stays in its room; whether that was accepted."""
    lecture = below(chance, board.course_of.shape[0])
    course, slot = board.course_of[lecture], table.place[lecture]
    first, last = board.periods_start[course], board.periods_start[course + 1]
    one, two = slot // board.rooms, board.periods_list[first + below(chance, last - first)]
    if one == two:
        return False
    count = _chained(board, table, chain, slot - one * board.rooms, one, two)
    if count < 2:  # one alone is a move as others are
        return False
    clashes, soft = table.cost[0], table.cost[1]
    for place in range(count):
        _turn(board, table, chain[place], one, two)
    change = (table.cost[0] - clashes) * clash_weight + table.cost[1] - soft
    if change <= -heat * math.log(fraction(chance)):
        return True
    for place in range(count):
        _turn(board, table, chain[place], one, two)
    return False
