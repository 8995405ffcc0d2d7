"""The first phase: lessons put down one after the other, none against what must hold, others pushed on.

Plain Python without the compiled search: quick enough for a term, and all that a small change needs. What it could
not place is left out; the search goes on from there.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .judging import can_attend, excess, pair_holds
from .problem import NO_ROOM, Kind, Lesson, Placed, Problem, Rule
from .times import Time

EXCLUSIVE = (Kind.SAME_ATTENDEES, Kind.NOT_OVERLAP)
DEPTH = 3  # how many lessons one may push on to make room for another
TRIED, MOST_PUSHED = 12, 2
Told = Callable[[int, int], None]
Partial = Sequence[Placed | None]


@dataclass(frozen=True, slots=True)
class Option:
    """Somewhere a lesson might be; the lower the better."""

    cost: int
    at: Placed


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why a lesson has no place: no time of its own at all, no room that is free, or whose rule is in the way."""

    kind: str
    source: str = ""


def construct(
    problem: Problem, start: Partial | None = None, *, seed: int = 7, told: Told = lambda done, total: None
) -> tuple[list[Placed | None], dict[int, Blocked]]:
    """What of the start holds stays; the rest finds a place where it can, and else says what is in the way."""
    board = Board(problem, seed=seed)
    rest = [
        number for number in order_of(problem) if not board.keep(number, start[number] if start else None)
    ]
    left = []
    for count, number in enumerate(rest):
        if not board.insert(number):
            left.append(number)
        if count % 50 == 0:
            told(count, len(rest))
    left = [number for number in left if not board.insert(number) and not board.push(number, DEPTH)]
    return list(board.placed), {number: board.blocked(number) for number in left}


def order_of(problem: Problem) -> list[int]:
    """The hardest first: few choices, long, bound by many rules."""
    bound = Counter(lesson for rule in problem.rules if rule.hard for lesson in rule.lessons)

    def difficulty(number: int) -> tuple[int, int, int]:
        lesson = problem.lessons[number]
        length = max((choice.time.length for choice in lesson.times), default=0)
        return len(lesson.times) * max(1, min(60, len(lesson.rooms))) // 60, -length, -bound[number]

    return sorted(range(len(problem.lessons)), key=difficulty)


class Board:
    """Lessons that are put down and lifted; whoever shares people or a room never meets."""

    def __init__(self, problem: Problem, *, seed: int = 7) -> None:
        self.problem = problem
        self.placed: list[Placed | None] = [None] * len(problem.lessons)
        self.draw = random.Random(seed)  # noqa: S311 - breaks ties, the same every time
        self.journal: list[tuple[int, Placed | None]] = []
        self.taken_rooms = [0] * len(problem.rooms)
        self.held: list[set[int]] = [set() for _ in problem.rooms]
        self._cells: dict[Time, int] = {}
        self._rooms: dict[int, list[tuple[int, int]]] = {}
        self._sort_rules()

    def _sort_rules(self) -> None:
        count = len(self.problem.lessons)
        self.exclusive = [rule for rule in self.problem.rules if rule.hard and rule.kind in EXCLUSIVE]
        self.taken = [0] * len(self.exclusive)
        self.people: list[list[int]] = [[] for _ in range(count)]
        for number, rule in enumerate(self.exclusive):
            for lesson in rule.lessons:
                self.people[lesson].append(number)
        self.pairs: list[list[tuple[Rule, int, int]]] = [[] for _ in range(count)]
        self.groups: list[list[Rule]] = [[] for _ in range(count)]
        for rule in self.problem.rules:
            if rule.hard and rule.kind in EXCLUSIVE:
                continue
            self._enter(rule)
        self.travels = bool(self.problem.ways) or any(room.travel for room in self.problem.rooms)

    def _enter(self, rule: Rule) -> None:
        if rule.kind.of_pairs:
            for a, b in rule.pairs():
                self.pairs[a].append((rule, a, b))
                self.pairs[b].append((rule, a, b))
        elif rule.hard:
            for lesson in rule.lessons:
                self.groups[lesson].append(rule)

    def cells(self, time: Time) -> int:
        """One bit for each slot of the term that a time takes."""
        found = self._cells.get(time)
        if found is None:
            slots, found = ((1 << time.length) - 1) << time.start, 0
            for week in range(self.problem.weeks):
                for day in range(self.problem.days):
                    if time.weeks >> week & 1 and time.days >> day & 1:
                        found |= slots << (week * self.problem.days + day) * self.problem.slots
            self._cells[time] = found
        return found

    def rooms_of(self, lesson: Lesson) -> list[tuple[int, int]]:
        """Costs and rooms, the best first; lessons with the same list share it."""
        key = id(lesson.rooms)
        if key not in self._rooms:
            self._rooms[key] = [(choice.cost, choice.room) for choice in lesson.rooms]
            self._rooms[key].sort(key=lambda one: one[0])
        return self._rooms[key]

    def keep(self, number: int, at: Placed | None) -> bool:
        """Put it where it was, where that is still allowed and free."""
        lesson = self.problem.lessons[number]
        if at is None or not any(choice.time == at.time for choice in lesson.times):
            return False
        if not self._may_have(lesson, at) or not self.fits(number, at):
            return False
        self.put(number, at)
        return True

    def _may_have(self, lesson: Lesson, at: Placed) -> bool:
        if not lesson.rooms:
            return at.room == NO_ROOM
        named = any(choice.room == at.room for choice in lesson.rooms)
        return named and self.problem.rooms[at.room].open_at(at.time)

    def fits(self, number: int, at: Placed) -> bool:
        return self.people_free(number, at.time) and self.room_free(at) and self.rules_hold(number, at)

    def people_free(self, number: int, time: Time) -> bool:
        cells = self.cells(time)
        return not any(self.taken[rule] & cells for rule in self.people[number])

    def room_free(self, at: Placed) -> bool:
        return at.room == NO_ROOM or not self.taken_rooms[at.room] & self.cells(at.time)

    def rules_hold(self, number: int, at: Placed) -> bool:
        """The ways between rooms, and whatever else must hold."""
        if self.travels and at.room != NO_ROOM and not self._reachable(number, at):
            return False
        if not all(self._pair_holds(number, at, *pair) for pair in self.pairs[number] if pair[0].hard):
            return False
        return not any(self._overstepped(rule, number, at) for rule in self.groups[number])

    def _reachable(self, number: int, at: Placed) -> bool:
        for rule in self.people[number]:
            if self.exclusive[rule].kind != Kind.SAME_ATTENDEES:
                continue
            for other in self.exclusive[rule].lessons:
                there = self.placed[other]
                if there is not None and other != number and not can_attend(self.problem, at, there):
                    return False
        return True

    def _pair_holds(self, number: int, at: Placed, rule: Rule, a: int, b: int) -> bool:
        other = self.placed[b if a == number else a]
        if other is None:
            return True
        first, second = (at, other) if a == number else (other, at)
        return pair_holds(self.problem, rule, first, second)

    def _overstepped(self, rule: Rule, number: int, at: Placed) -> bool:
        there = (self.placed[lesson] for lesson in rule.lessons if lesson != number)
        return excess(self.problem, rule, [at.time, *(one.time for one in there if one is not None)]) > 0

    def put(self, number: int, at: Placed) -> None:
        """Take what the lesson needs there; it must be free."""
        self.journal.append((number, None))
        self._mark(number, at)

    def lift(self, number: int) -> None:
        self.journal.append((number, self.placed[number]))
        self._clear(number)

    def undo(self, mark: int) -> None:
        """As it was when the journal was so long."""
        while len(self.journal) > mark:
            number, before = self.journal.pop()
            if before is None:
                self._clear(number)
            else:
                self._mark(number, before)

    def _mark(self, number: int, at: Placed) -> None:
        self.placed[number] = at
        self._toggle(number, at)
        if at.room != NO_ROOM:
            self.held[at.room].add(number)

    def _clear(self, number: int) -> None:
        at = self.placed[number]
        assert at is not None  # noqa: S101 - only what is placed is lifted
        self.placed[number] = None
        self._toggle(number, at)
        if at.room != NO_ROOM:
            self.held[at.room].discard(number)

    def _toggle(self, number: int, at: Placed) -> None:
        cells = self.cells(at.time)
        for rule in self.people[number]:
            self.taken[rule] ^= cells
        if at.room != NO_ROOM:
            self.taken_rooms[at.room] ^= cells

    def options(self, number: int) -> Iterator[Option]:
        """Where the lesson is free to be; for each time the cheapest room and those of its companions."""
        lesson = self.problem.lessons[number]
        liked = self._companions(number) if lesson.rooms else {}
        for choice in lesson.times:
            if not self.people_free(number, choice.time):
                continue
            cost = self.problem.weights.time * choice.cost + self._crowded(number, choice.time)
            for of_room, at in self._with_room(number, lesson, choice.time, liked):
                yield Option(cost + self._wished(number, at) + of_room, at)

    def _companions(self, number: int) -> dict[int, int]:
        """Rooms, with their costs, in which lessons are that wish to share theirs with this one."""
        found = {}
        costs = {room: cost for cost, room in self.rooms_of(self.problem.lessons[number])}
        for rule, a, b in self.pairs[number]:
            other = self.placed[b if a == number else a]
            if rule.kind == Kind.SAME_ROOM and other is not None and other.room in costs:
                found[other.room] = costs[other.room]
        return found

    def _with_room(
        self, number: int, lesson: Lesson, time: Time, liked: dict[int, int]
    ) -> Iterator[tuple[int, Placed]]:
        if not lesson.rooms:
            if self.rules_hold(number, Placed(time)):
                yield 0, Placed(time)
            return
        cells, weight = self.cells(time), self.problem.weights.room
        for room, cost in liked.items():
            if self._usable(number, room, time, cells):
                yield weight * cost, Placed(time, room)
        for cost, room in self.rooms_of(lesson):
            if self._usable(number, room, time, cells):
                yield weight * cost, Placed(time, room)
                return

    def _usable(self, number: int, room: int, time: Time, cells: int) -> bool:
        if self.taken_rooms[room] & cells or not self.problem.rooms[room].open_at(time):
            return False
        return self.rules_hold(number, Placed(time, room))

    def _crowded(self, number: int, time: Time) -> int:
        """Slots that its people are busy already on these days: spreads what no rule spreads."""
        day = self.cells(Time(time.weeks, time.days, 0, self.problem.slots))
        weeks = max(1, time.weeks.bit_count())
        return sum((self.taken[rule] & day).bit_count() for rule in self.people[number]) // weeks

    def _wished(self, number: int, at: Placed) -> int:
        soft = (pair for pair in self.pairs[number] if not pair[0].hard)
        cost = sum(pair[0].cost or 0 for pair in soft if not self._pair_holds(number, at, *pair))
        return self.problem.weights.rule * cost

    def insert(self, number: int) -> bool:
        """At the best free place."""
        best = min(self.options(number), key=lambda one: one.cost, default=None)
        if best is not None:
            self.put(number, best.at)
        return best is not None

    def push(self, number: int, depth: int) -> bool:
        """Make room by moving lessons that can go elsewhere; when they cannot, all stays as it was."""
        for at, gone in self._sacrifices(number)[:TRIED]:
            mark = len(self.journal)
            for other in sorted(gone):
                self.lift(other)
            if self.fits(number, at):
                self.put(number, at)
                if all(self.insert(one) or (depth > 1 and self.push(one, depth - 1)) for one in sorted(gone)):
                    return True
            self.undo(mark)
        return False

    def _sacrifices(self, number: int) -> list[tuple[Placed, set[int]]]:
        """Places where the fewest lessons are in the way."""
        lesson, found = self.problem.lessons[number], []
        near = {other for rule in self.people[number] for other in self.exclusive[rule].lessons} - {number}
        for choice in lesson.times:
            in_the_way = {other for other in near if self._meets(other, choice.time)}
            if len(in_the_way) > MOST_PUSHED:
                continue
            for at in self._drawn(lesson, choice.time):
                held = self.held[at.room] if at.room != NO_ROOM else ()
                gone = in_the_way | {other for other in held if self._meets(other, choice.time)}
                if 0 < len(gone) <= MOST_PUSHED:
                    found.append((at, gone))
        return sorted(found, key=lambda one: len(one[1]))

    def _drawn(self, lesson: Lesson, time: Time) -> list[Placed]:
        if not lesson.rooms:
            return [Placed(time)]
        rooms = self.draw.sample(lesson.rooms, min(6, len(lesson.rooms)))
        return [Placed(time, one.room) for one in rooms if self.problem.rooms[one.room].open_at(time)]

    def _meets(self, other: int, time: Time) -> bool:
        at = self.placed[other]
        return at is not None and at.time.overlaps(time)

    def blocked(self, number: int) -> Blocked:
        """What keeps a lesson out, told by whom it takes the last time from."""
        lesson = self.problem.lessons[number]
        left = [choice.time for choice in lesson.times]
        if not left:
            return Blocked("time")
        for rule in self.people[number]:
            left = [time for time in left if not self.taken[rule] & self.cells(time)]
            if not left:
                return Blocked("rule", self.exclusive[rule].source)
        free = [Placed(time, one.room) for time in left for one in lesson.rooms]
        if lesson.rooms and not any(self.room_free(at) for at in free):
            return Blocked("room")
        return Blocked("rule", self._in_the_way(number, free or [Placed(time) for time in left]))

    def _in_the_way(self, number: int, places: Sequence[Placed]) -> str:
        """The rule that forbids most of the places that are free."""
        broken: Counter[str] = Counter()
        for at in places[:200]:
            for pair in self.pairs[number]:
                if pair[0].hard and not self._pair_holds(number, at, *pair):
                    broken[pair[0].source] += 1
        return max(broken, key=lambda one: broken[one], default="travel")
