"""Many lessons that have to move at once: a building is lost. First other rooms at the same time, as many as can be;
then other times for the rest; then others are pushed on. Quick where the exact repair would look at too much."""

from collections.abc import Sequence
from dataclasses import replace

from .constructing import DEPTH, Board
from .errors import ImpossibleError
from .problem import NO_ROOM, Placed, Problem, TimeChoice

OTHER_TIME = 1000  # beside which no wish counts


def relocated(problem: Problem, current: Sequence[Placed | None], moving: set[int]) -> tuple[Placed, ...]:
    """Everything else stays if it can; ImpossibleError names what finds no place even when others are pushed on."""
    board = Board(_dearer_elsewhere(problem, current, moving))
    rest = [
        number
        for number in range(len(current))
        if number in moving or not board.keep(number, current[number])
    ]
    rooms = _Rooms(board, {number: at for number in rest if (at := current[number]) is not None})
    rest = [number for number in _fewest_rooms_first(rooms, rest) if not rooms.found(number)]
    rest = [number for number in rest if not board.insert(number)]
    rest = [number for number in rest if not board.insert(number) and not board.push(number, DEPTH)]
    if rest:
        names = [problem.lessons[number].name for number in rest]
        raise ImpossibleError("no place even when others are pushed on", names)
    return tuple(at for at in board.placed if at is not None)


def _dearer_elsewhere(problem: Problem, current: Sequence[Placed | None], moving: set[int]) -> Problem:
    """The problem in which another time than today's costs more than anything else."""
    lessons = list(problem.lessons)
    for number in moving:
        now, lesson = current[number], problem.lessons[number]
        times = (
            TimeChoice(choice.time, choice.cost + OTHER_TIME * (now is None or choice.time != now.time))
            for choice in lesson.times
        )
        lessons[number] = replace(lesson, times=tuple(times))
    return replace(problem, lessons=tuple(lessons))


def _fewest_rooms_first(rooms: "_Rooms", numbers: list[int]) -> list[int]:
    return sorted(numbers, key=lambda number: len(rooms.free(number)))


class _Rooms:
    """Rooms at the times that lessons have now; who found one goes on to another where that helps the next."""

    def __init__(self, board: Board, now: dict[int, Placed]) -> None:
        self.board, self.now, self.lessons = board, now, board.problem.lessons

    def places(self, number: int) -> list[Placed]:
        at, lesson = self.now.get(number), self.lessons[number]
        if at is None or not any(choice.time == at.time for choice in lesson.times):
            return []
        rooms = self.board.problem.rooms
        chosen = (room for _, room in self.board.rooms_of(lesson))
        return [Placed(at.time, room) for room in chosen if rooms[room].open_at(at.time)]

    def free(self, number: int) -> list[Placed]:
        return [at for at in self.places(number) if self.board.room_free(at)]

    def found(self, number: int) -> bool:
        return self._seated(number, set())

    def _seated(self, number: int, asked: set[int]) -> bool:
        """In a room that is free, or that somebody leaves for another one (an augmenting path)."""
        for at in self.places(number):
            if self.board.room_free(at) and self.board.fits(number, at):
                self.board.put(number, at)
                return True
        return any(self._taken_over(number, at, asked) for at in self.places(number) if at.room not in asked)

    def _taken_over(self, number: int, at: Placed, asked: set[int]) -> bool:
        asked.add(at.room)
        held = self.board.held[at.room] if at.room != NO_ROOM else set()
        there = [other for other in held if self.board.placed[other].time.overlaps(at.time)]  # type: ignore[union-attr]  # held
        if len(there) != 1 or there[0] not in self.now:
            return False
        mark = len(self.board.journal)
        self.board.lift(there[0])
        if self.board.fits(number, at):
            self.board.put(number, at)
            if self._seated(there[0], asked):
                return True
        self.board.undo(mark)
        return False
