"""The progress audit: which course counts in which group, and what is missing. Pure.

A course counts once. Where it fits several groups it is put where the student lacks least in the end: first in what
is still to be earned counting the courses under way, then in what is lacking without them. The search is exact; only
beyond `STATES_KEPT` open possibilities, which no real plan reaches, it keeps the most promising ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

STATES_KEPT = 20_000
TENTH = Decimal("0.1")
# The whole plan, as a group above all groups.
WHOLE = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """A course as a group lists it."""

    course: int
    credits: Decimal


@dataclass(frozen=True, slots=True)
class GroupTerms:
    """One group and its rule; `groups` counts the groups below that must be complete, 0 for all of them."""

    key: int
    parent: int = WHOLE
    takes_all: bool = False
    credits: Decimal = Decimal(0)
    courses: int = 0
    groups: int = 0
    slots: tuple[Slot, ...] = ()
    nature: str = ""
    takes_any: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """A course that the student has passed, or studies now."""

    course: int
    credits: Decimal
    nature: str = ""
    is_earned: bool = True


@dataclass(frozen=True, slots=True)
class Option:
    """A place where a taken course may count: a listed course of a group, or the group's open part (slot 0)."""

    group: int
    slot: int = 0


@dataclass(frozen=True, slots=True)
class Lack:
    """What is still to be earned."""

    credits: Decimal = Decimal(0)
    courses: int = 0

    @property
    def is_nothing(self) -> bool:
        return not self.credits and not self.courses


@dataclass(frozen=True, slots=True)
class Standing:
    """How a student stands in one group, the groups below included."""

    key: int
    earned: Decimal
    under_way: Decimal
    counted: tuple[tuple[Taken, int], ...]
    missing: tuple[Slot, ...]
    lack: Lack
    lack_after: Lack

    @property
    def state(self) -> str:
        """done, under_way (complete once what is studied now is passed) or missing."""
        if self.lack.is_nothing:
            return "done"
        return "under_way" if self.lack_after.is_nothing else "missing"


@dataclass(frozen=True, slots=True)
class Audit:
    """The whole answer: every group by its key, and what counts nowhere."""

    whole: Standing
    groups: Mapping[int, Standing]
    unplaced: tuple[Taken, ...]


@dataclass(slots=True)
class Got:
    """Sums by group while the search goes on, in tenths of a credit."""

    credits: dict[int, int] = field(default_factory=dict)
    courses: dict[int, int] = field(default_factory=dict)
    filled: set[tuple[int, int]] = field(default_factory=set)

    def add(self, option: Option, amount: int) -> None:
        self.credits[option.group] = self.credits.get(option.group, 0) + amount
        self.courses[option.group] = self.courses.get(option.group, 0) + 1
        if option.slot:
            self.filled.add((option.group, option.slot))


def tenths(amount: Decimal) -> int:
    return int(amount * 10)


class PlanTerms:
    """The groups of a plan as a tree, with the plan's own minimum on top."""

    def __init__(self, groups: Sequence[GroupTerms], *, least: Decimal) -> None:
        self.groups = {group.key: group for group in groups}
        self.groups[WHOLE] = GroupTerms(WHOLE, parent=-1, credits=least)
        self.below: dict[int, list[int]] = {key: [] for key in self.groups}
        for group in groups:
            self.below[group.parent].append(group.key)

    def above(self, key: int) -> Iterator[GroupTerms]:
        """The group itself and those above it, without the whole."""
        while key != WHOLE:
            yield self.groups[key]
            key = self.groups[key].parent

    @cached_property
    def listed(self) -> frozenset[int]:
        return frozenset(slot.course for group in self.groups.values() for slot in group.slots)

    def lacks(self, got: Got) -> dict[int, tuple[int, int]]:
        """What every group lacks: credits in tenths, and courses; the whole last."""
        found: dict[int, tuple[int, int]] = {}
        self._lack_of(WHOLE, got, found, {})
        return found

    def _lack_of(
        self, key: int, got: Got, found: dict[int, tuple[int, int]], totals: dict[int, tuple[int, int]]
    ) -> tuple[int, int]:
        group, below = self.groups[key], self.below[key]
        lacks = sorted(self._lack_of(child, got, found, totals) for child in below)
        if group.groups:
            lacks = lacks[: group.groups]
        points, courses = got.credits.get(key, 0), got.courses.get(key, 0)
        totals[key] = (
            points + sum(totals[one][0] for one in below),
            courses + sum(totals[one][1] for one in below),
        )
        open_slots = [s for s in group.slots if (key, s.course) not in got.filled] if group.takes_all else []
        owed = sum(tenths(slot.credits) for slot in open_slots) + sum(one[0] for one in lacks)
        number = len(open_slots) + sum(one[1] for one in lacks)
        found[key] = (
            max(owed, tenths(group.credits) - totals[key][0], 0), max(number, group.courses - totals[key][1], 0)
        )  # fmt: skip
        return found[key]

    def is_certain(self, key: int) -> bool:
        """Whether the group must be completed in any case: no choice among groups stands above it."""
        return not any(self.groups[group.parent].groups for group in self.above(key))

    def most(self, key: int) -> tuple[int, int]:
        """Beyond so many credits (tenths) and courses a group's sums make no difference to anybody above."""
        chain = [*self.above(key), self.groups[WHOLE]]
        return max(tenths(g.credits) for g in chain), max(g.courses for g in chain)


def options_of(plan: PlanTerms, one: Taken, held: frozenset[int], replaces: frozenset[int]) -> list[Option]:
    """Where a course may count; a replacement only where the student has not the course itself."""
    wanted = {one.course} | (replaces - held)
    found: list[Option] = []
    for group in plan.groups.values():
        listed = [Option(group.key, slot.course) for slot in group.slots if slot.course in wanted]
        found += listed
        if not listed and (group.takes_any or (group.nature and group.nature == one.nature)):
            found.append(Option(group.key))
    return found


@dataclass(slots=True)
class _State:
    """One way of having placed the first courses; `trace` is a linked list of what went where."""

    sums: tuple[tuple[int, int], ...]
    filled: frozenset[tuple[int, int]]
    trace: Any
    lack_earned: tuple[int, int] = (0, 0)

    @property
    def key(self) -> tuple[Any, ...]:
        return self.sums, self.filled


class Search:
    """Finds the placement that leaves least to be earned."""

    def __init__(
        self, plan: PlanTerms, taken: Sequence[Taken], replacing: Mapping[int, frozenset[int]]
    ) -> None:
        self.plan, self.taken = plan, taken
        held = frozenset(one.course for one in taken)
        self.options = [options_of(plan, one, held, replacing.get(one.course, frozenset())) for one in taken]
        self.placed: dict[int, Option] = {}
        self._settle()
        doubtful = [
            index for index, options in enumerate(self.options) if options and index not in self.placed
        ]
        self.doubtful = sorted(
            doubtful, key=lambda index: (not taken[index].is_earned, -taken[index].credits, index)
        )
        self.open_groups = sorted({option.group for index in doubtful for option in self.options[index]})

    def _settle(self) -> None:
        """Courses with one place only, and those that fill a required slot that nobody else can fill."""
        rivals: dict[tuple[int, int], int] = {}
        for options in self.options:
            for option in options:
                if option.slot:
                    rivals[option.group, option.slot] = rivals.get((option.group, option.slot), 0) + 1
        for index, options in enumerate(self.options):
            free = [one for one in options if not one.slot or rivals[one.group, one.slot] == 1]
            if len(options) == 1 and free:
                self.placed[index] = options[0]
                continue
            required = next((one for one in free if self._is_owed(one, options, self.taken[index])), None)
            if required is not None:
                self.placed[index] = required

    def _is_owed(self, option: Option, options: Sequence[Option], one: Taken) -> bool:
        """Whether nothing can be better: required in any case, worth all the credits, and no other slot worth more."""
        group = self.plan.groups[option.group]
        if not (option.slot and group.takes_all and self.plan.is_certain(group.key)):
            return False
        others = [self._worth(other) for other in options if other.slot and other != option]
        return self._worth(option) >= one.credits >= max(others, default=one.credits)

    def _worth(self, option: Option) -> Decimal:
        slots = self.plan.groups[option.group].slots
        return max((slot.credits for slot in slots if slot.course == option.slot), default=Decimal(0))

    def best(self) -> dict[int, Option]:
        """Index of a taken course → where it counts."""
        states = [_State(tuple((0, 0) for _ in self.open_groups), frozenset(), None)]
        earned_only = True
        for index in self.doubtful:
            if earned_only and not self.taken[index].is_earned:
                earned_only = False
                self._note_earned(states)
            states = self._placed_next(states, index)
        if earned_only:
            self._note_earned(states)
        best = min(states, key=lambda state: (self._lack(state, under_way=True), state.lack_earned))
        return {**self.placed, **dict(_traced(best.trace))}

    def _note_earned(self, states: Iterable[_State]) -> None:
        for state in states:
            state.lack_earned = self._lack(state, under_way=False)

    def _placed_next(self, states: Sequence[_State], index: int) -> list[_State]:
        found: dict[tuple[Any, ...], _State] = {}
        for state in states:
            free = [o for o in self.options[index] if not o.slot or (o.group, o.slot) not in state.filled]
            ways = [self._with(state, index, option) for option in free]
            if all(option.slot for option in self.options[index]):
                ways.append(state)  # the slot may be better left to another course
            for made in ways:
                known = found.get(made.key)
                if known is None or made.lack_earned < known.lack_earned:
                    found[made.key] = made
        kept = list(found.values())
        if len(kept) > STATES_KEPT:
            kept = sorted(kept, key=lambda state: self._lack(state, under_way=True))[:STATES_KEPT]
        return kept

    def _with(self, state: _State, index: int, option: Option) -> _State:
        position, one = self.open_groups.index(option.group), self.taken[index]
        most_credits, most_courses = self._most[option.group]
        points, courses = state.sums[position]
        grown = (min(points + tenths(one.credits), most_credits), min(courses + 1, most_courses))
        filled = state.filled | {(option.group, option.slot)} if option.slot else state.filled
        sums = (*state.sums[:position], grown, *state.sums[position + 1 :])
        return _State(sums, filled, (state.trace, index, option), state.lack_earned)

    @cached_property
    def _most(self) -> dict[int, tuple[int, int]]:
        return {key: self.plan.most(key) for key in self.open_groups}

    def _lack(self, state: _State, *, under_way: bool) -> tuple[int, int]:
        got = Got()
        for index, option in self.placed.items():
            if under_way or self.taken[index].is_earned:
                got.add(option, tenths(self.taken[index].credits))
        for key, (points, courses) in zip(self.open_groups, state.sums, strict=True):
            got.credits[key] = got.credits.get(key, 0) + points
            got.courses[key] = got.courses.get(key, 0) + courses
        got.filled |= state.filled
        return self.plan.lacks(got)[WHOLE]


def _traced(trace: Any) -> Iterator[tuple[int, Option]]:
    while trace is not None:
        trace, index, option = trace
        yield index, option


def audit(
    plan: PlanTerms, taken: Iterable[Taken], replacing: Mapping[int, frozenset[int]] | None = None
) -> Audit:
    """How a student stands; `replacing` says for a course which listed courses it counts instead of."""
    courses = list(_once(taken))
    placed = Search(plan, courses, replacing or {}).best()
    now, after = Got(), Got()
    for index, option in placed.items():
        amount = tenths(courses[index].credits)
        after.add(option, amount)
        if courses[index].is_earned:
            now.add(option, amount)
    unplaced = tuple(one for index, one in enumerate(courses) if index not in placed)
    standings = _standings(plan, courses, placed, now, after)
    return Audit(standings.pop(WHOLE), standings, unplaced)


def _once(taken: Iterable[Taken]) -> Iterator[Taken]:
    """A course taken twice counts once: passed before under way, with the most credits."""
    best: dict[int, Taken] = {}
    for one in taken:
        known = best.get(one.course)
        if known is None or (one.is_earned, one.credits) > (known.is_earned, known.credits):
            best[one.course] = one
    yield from best.values()


def _standings(
    plan: PlanTerms, courses: Sequence[Taken], placed: Mapping[int, Option], now: Got, after: Got
) -> dict[int, Standing]:
    counted: dict[int, list[tuple[Taken, int]]] = {key: [] for key in plan.groups}
    for index, option in sorted(placed.items()):
        counted[option.group].append((courses[index], option.slot))
    lacks, lacks_after = plan.lacks(now), plan.lacks(after)
    found: dict[int, Standing] = {}
    for key in lacks:
        group = plan.groups[key]
        earned = now.credits.get(key, 0) + sum(tenths(found[one].earned) for one in plan.below[key])
        total = after.credits.get(key, 0) + sum(
            tenths(found[one].earned + found[one].under_way) for one in plan.below[key]
        )
        missing = tuple(slot for slot in group.slots if (key, slot.course) not in after.filled)
        found[key] = Standing(
            key, earned * TENTH, (total - earned) * TENTH, tuple(counted[key]), missing,
            _as_lack(lacks[key]), _as_lack(lacks_after[key]),
        )  # fmt: skip
    return found


def _as_lack(found: tuple[int, int]) -> Lack:
    return Lack(found[0] * TENTH, found[1])
