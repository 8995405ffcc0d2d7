"""An instance and a timetable as arrays, for the compiled search."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .instance import Instance, Lecture
from .scoring import COMPACTNESS_WEIGHT, MIN_DAYS_WEIGHT

Whole = NDArray[np.int32]
Flags = NDArray[np.bool_]


class Board(NamedTuple):
    """What never changes. Slots are `period * rooms + room`; lists are flat with a table of starts."""

    periods: int
    rooms: int
    per_day: int
    course_of: Whole  # of each lecture
    clash: Flags  # course × course, a course clashes with itself
    clash_start: Whole
    clash_list: Whole
    periods_start: Whole  # where a course may be
    periods_list: Whole
    allowed: Flags  # course × period
    overflow: Whole  # course × room: students without a seat
    min_days: Whole
    curricula_start: Whole  # of each course
    curricula_list: Whole
    in_curriculum: Flags  # course × curriculum
    isolation: Whole  # cost of each pattern of one day
    relief: Whole  # of each course: the most that another period can save


class Table(NamedTuple):
    """A timetable and the counts that price a move at once."""

    place: Whole  # slot of each lecture
    at: Whole  # lecture in each slot, or -1
    clashing: Whole  # course × period: lectures there that the course clashes with
    on_day: Whole  # course × day
    in_room: Whole  # course × room
    held: Whole  # curriculum × period
    pattern: Whole  # curriculum × day, one bit per period
    cost: Whole  # clashes, soft


def _flat(rows: Sequence[Sequence[int]]) -> tuple[Whole, Whole]:
    starts = np.cumsum([0, *(len(row) for row in rows)])
    return starts.astype(np.int32), np.array([value for row in rows for value in row], dtype=np.int32)


def _isolation(per_day: int) -> Whole:
    """Twice the number of set bits that have no set neighbour, for each pattern of a day."""
    pattern = np.arange(1 << per_day, dtype=np.int64)
    alone = pattern & ~(pattern << 1) & ~(pattern >> 1)
    counts = sum((alone >> bit) & 1 for bit in range(per_day))
    return np.asarray(counts * COMPACTNESS_WEIGHT, dtype=np.int32)


def board_of(instance: Instance) -> Board:
    courses = range(len(instance.courses))
    clash = np.eye(len(courses), dtype=np.bool_)
    for a, b in instance.clashes():
        clash[a, b] = clash[b, a] = True
    allowed = np.ones((len(courses), instance.periods), dtype=np.bool_)
    for course, period in instance.forbidden:
        allowed[course, period] = False
    member = np.zeros((len(courses), len(instance.curricula)), dtype=np.bool_)
    for number, group in enumerate(instance.curricula):
        member[list(group), number] = True
    clash_start, clash_list = _flat([np.flatnonzero(clash[c]).tolist() for c in courses])
    periods_start, periods_list = _flat([np.flatnonzero(allowed[c]).tolist() for c in courses])
    curricula_start, curricula_list = _flat([np.flatnonzero(member[c]).tolist() for c in courses])
    students = np.array([course.students for course in instance.courses], dtype=np.int32)
    capacity = np.array([room.capacity for room in instance.rooms], dtype=np.int32)
    return Board(
        periods=instance.periods,
        rooms=len(instance.rooms),
        per_day=instance.periods_per_day,
        course_of=np.repeat(np.arange(len(courses)), [c.lectures for c in instance.courses]).astype(np.int32),
        clash=clash,
        clash_start=clash_start,
        clash_list=clash_list,
        periods_start=periods_start,
        periods_list=periods_list,
        allowed=allowed,
        overflow=np.maximum(0, students[:, None] - capacity[None, :]),
        min_days=np.array([course.min_days for course in instance.courses], dtype=np.int32),
        curricula_start=curricula_start,
        curricula_list=curricula_list,
        in_curriculum=member,
        isolation=_isolation(instance.periods_per_day),
        # Its own isolation, that of a neighbour on either side of where it comes, and a day.
        relief=(3 * COMPACTNESS_WEIGHT * member.sum(axis=1) + MIN_DAYS_WEIGHT).astype(np.int32),
    )


def table_of(board: Board, place: Whole) -> Table:
    """The counts of a placement, each slot of which holds at most one lecture."""
    courses, periods = board.allowed.shape
    days = periods // board.per_day
    curricula = board.in_curriculum.shape[1]
    table = Table(
        place=place.astype(np.int32).copy(),
        at=np.full(periods * board.rooms, -1, dtype=np.int32),
        clashing=np.zeros((courses, periods), dtype=np.int32),
        on_day=np.zeros((courses, days), dtype=np.int32),
        in_room=np.zeros((courses, board.rooms), dtype=np.int32),
        held=np.zeros((curricula, periods), dtype=np.int32),
        pattern=np.zeros((curricula, days), dtype=np.int32),
        cost=np.zeros(2, dtype=np.int32),
    )
    for lecture, slot in enumerate(table.place):
        course, period = board.course_of[lecture], slot // board.rooms
        table.cost[0] += table.clashing[course, period]
        table.at[slot] = lecture
        table.clashing[board.clash[course], period] += 1
        table.on_day[course, period // board.per_day] += 1
        table.in_room[course, slot % board.rooms] += 1
        table.held[board.in_curriculum[course], period] += 1
    for period in range(periods):
        day, bit = divmod(period, board.per_day)
        table.pattern[:, day] |= (table.held[:, period] > 0).astype(np.int32) << bit
    table.cost[1] = _soft(board, table)
    return table


def _soft(board: Board, table: Table) -> int:
    overflow = board.overflow[board.course_of, table.place % board.rooms].sum()
    missing_days = np.maximum(0, board.min_days - (table.on_day > 0).sum(axis=1)).sum()
    rooms = np.maximum(0, (table.in_room > 0).sum(axis=1) - 1).sum()
    return int(overflow + 5 * missing_days + rooms + board.isolation[table.pattern].sum())


def lectures_of(board: Board, place: Whole) -> list[Lecture]:
    return [
        Lecture(int(board.course_of[lecture]), int(slot) % board.rooms, int(slot) // board.rooms)
        for lecture, slot in enumerate(place)
    ]


def place_of(board: Board, lectures: Sequence[Lecture]) -> Whole:
    """The slots of the lectures of each course in the order of the board."""
    waiting: dict[int, list[int]] = {}
    for row in lectures:
        waiting.setdefault(row.course, []).append(row.period * board.rooms + row.room)
    return np.array([waiting[int(course)].pop() for course in board.course_of], dtype=np.int32)
