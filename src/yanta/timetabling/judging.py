"""Each rule as the 2019 competition words it, counted plainly; the compiled search is checked against it."""

from collections.abc import Callable, Sequence

from .problem import NO_ROOM, Kind, Placed, Problem, Rule
from .times import Time


def _within(a: int, b: int) -> bool:
    """Whether one set of bits holds the other."""
    return (a | b) in (a, b)


def _inside(a: Time, b: Time) -> bool:
    return (a.start <= b.start and b.end <= a.end) or (b.start <= a.start and a.end <= b.end)


def _precedes(a: Time, b: Time) -> bool:
    (week, day, _), (other_week, other_day, start) = a.first, b.first
    return (week, day) < (other_week, other_day) or (
        (week, day) == (other_week, other_day) and a.end <= start
    )


def _in_a_row(a: Time, b: Time, gap: int) -> bool:
    if a.days != b.days or not a.weeks & b.weeks:
        return False
    return 0 <= b.start - a.end <= gap or 0 <= a.start - b.end <= gap


def _work_day(a: Time, b: Time, slots: int) -> bool:
    return not a.shares_a_day(b) or max(a.end, b.end) - min(a.start, b.start) <= slots


OF_TIMES: dict[Kind, Callable[[Time, Time, int], bool]] = {
    Kind.SAME_START: lambda a, b, _: a.start == b.start,
    Kind.SAME_TIME: lambda a, b, _: _inside(a, b),
    Kind.DIFFERENT_TIME: lambda a, b, _: a.end <= b.start or b.end <= a.start,
    Kind.SAME_DAYS: lambda a, b, _: _within(a.days, b.days),
    Kind.DIFFERENT_DAYS: lambda a, b, _: not a.days & b.days,
    Kind.SAME_WEEKS: lambda a, b, _: _within(a.weeks, b.weeks),
    Kind.DIFFERENT_WEEKS: lambda a, b, _: not a.weeks & b.weeks,
    Kind.OVERLAP: lambda a, b, _: a.overlaps(b),
    Kind.NOT_OVERLAP: lambda a, b, _: not a.overlaps(b),
    Kind.PRECEDENCE: lambda a, b, _: _precedes(a, b),
    Kind.WORK_DAY: _work_day,
    Kind.MIN_GAP: lambda a, b, gap: a.apart(b, gap),
    Kind.BACK_TO_BACK: _in_a_row,
}


def pair_holds(problem: Problem, rule: Rule, a: Placed, b: Placed) -> bool:
    """Whether a rule of pairs holds for two lessons, the first before the second in the rule's list."""
    if rule.kind == Kind.SAME_ROOM:
        return a.room == b.room
    if rule.kind == Kind.DIFFERENT_ROOM:
        return a.room != b.room
    if rule.kind == Kind.SAME_ATTENDEES:
        return can_attend(problem, a, b)
    return OF_TIMES[rule.kind](a.time, b.time, rule.values[0] if rule.values else 0)


def share_a_room(a: Placed, b: Placed) -> bool:
    """Whether two lessons take one room from each other."""
    return a.room == b.room != NO_ROOM and a.time.overlaps(b.time)


def can_attend(problem: Problem, a: Placed, b: Placed) -> bool:
    """Whether one person can be in both, the way between the rooms included."""
    return a.time.apart(b.time, problem.travel(a.room, b.room))


def excess(problem: Problem, rule: Rule, times: Sequence[Time]) -> int:
    """How far a rule of a group is overstepped: days, slots, breaks, blocks or days without lunch."""
    if rule.kind == Kind.MAX_DAYS:
        used = 0
        for time in times:
            used |= time.days
        return max(0, used.bit_count() - rule.values[0])
    return sum(
        OF_DAY[rule.kind](_on(times, week, day), rule.values)
        for week in range(problem.weeks)
        for day in range(problem.days)
    )


def _on(times: Sequence[Time], week: int, day: int) -> list[Time]:
    there = [time for time in times if time.weeks >> week & 1 and time.days >> day & 1]
    return sorted(there, key=lambda time: (time.start, time.end))


def _blocks(times: list[Time], gap: int) -> list[tuple[int, int, int]]:
    """Start, end and number of lessons of what lies together with gaps of at most `gap`."""
    found: list[tuple[int, int, int]] = []
    for time in times:
        if found and time.start <= found[-1][1] + gap:
            start, end, count = found[-1]
            found[-1] = (start, max(end, time.end), count + 1)
        else:
            found.append((time.start, time.end, 1))
    return found


def _overload(times: list[Time], values: Sequence[int]) -> int:
    return max(0, sum(time.length for time in times) - values[0])


def _breaks(times: list[Time], values: Sequence[int]) -> int:
    return max(0, len(_blocks(times, values[1])) - 1 - values[0])


def _long_blocks(times: list[Time], values: Sequence[int]) -> int:
    return sum(count > 1 and end - start > values[0] for start, end, count in _blocks(times, values[1]))


def _no_lunch(times: list[Time], values: Sequence[int]) -> int:
    """1 where no run of free slots in the lunch window is long enough."""
    free, last, wanted = values
    for time in times:
        if min(time.start, last) - free >= wanted:
            return 0
        free = max(free, time.end)
    return int(last - free < wanted)


OF_DAY: dict[Kind, Callable[[list[Time], Sequence[int]], int]] = {
    Kind.MAX_DAY_LOAD: _overload,
    Kind.MAX_BREAKS: _breaks,
    Kind.MAX_BLOCK: _long_blocks,
    Kind.LUNCH: _no_lunch,
}


def soft_cost(problem: Problem, rule: Rule, placed: Sequence[Placed]) -> int:
    """The unweighted cost of a rule that is wished: per pair, per day over, or averaged over the weeks."""
    cost = rule.cost or 0
    if rule.kind.of_pairs:
        return cost * broken_pairs(problem, rule, placed)
    over = excess(problem, rule, [placed[lesson].time for lesson in rule.lessons])
    return cost * over if rule.kind == Kind.MAX_DAYS else cost * over // problem.weeks


def broken_pairs(problem: Problem, rule: Rule, placed: Sequence[Placed]) -> int:
    return sum(not pair_holds(problem, rule, placed[a], placed[b]) for a, b in rule.pairs())


def hard_violations(problem: Problem, rule: Rule, placed: Sequence[Placed]) -> int:
    if rule.kind.of_pairs:
        return broken_pairs(problem, rule, placed)
    return int(excess(problem, rule, [placed[lesson].time for lesson in rule.lessons]) > 0)
