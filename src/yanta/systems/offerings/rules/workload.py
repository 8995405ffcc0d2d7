"""Teaching work by declared coefficients. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from yanta.masterdata import weeks

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Factors:
    """The coefficients as declared: by size and repetition from a bound on, by meeting and language by name."""

    size: Sequence[tuple[int, Decimal]] = ()
    repeat: Sequence[tuple[int, Decimal]] = ()
    meeting: Mapping[str, Decimal] | None = None
    language: Mapping[str, Decimal] | None = None

    def of_size(self, size: int) -> Decimal:
        return _from(self.size, size)

    def of_repeat(self, number: int) -> Decimal:
        return _from(self.repeat, number)

    def of_meeting(self, kind: str) -> Decimal:
        return (self.meeting or {}).get(kind, ONE)

    def of_language(self, name: str) -> Decimal:
        return (self.language or {}).get(name, ONE)


def _from(steps: Iterable[tuple[int, Decimal]], value: int) -> Decimal:
    """The factor of the highest bound that the value reaches."""
    return next((factor for bound, factor in sorted(steps, reverse=True) if value >= bound), ONE)


@dataclass(frozen=True, slots=True)
class Meeting:
    kind: str
    weeks: str
    times: int
    periods: int
    groups: int = 1

    @property
    def hours(self) -> int:
        """Periods over the term as a student sits them."""
        return weeks.count(self.weeks) * self.times * self.periods


@dataclass(frozen=True, slots=True)
class Task:
    """A teacher's part in a section; `number` counts the sections of the same course with this teacher."""

    teacher: int
    course: int
    section: str
    size: int
    share: Decimal
    meetings: tuple[Meeting, ...]
    language: str = "中文"


@dataclass(frozen=True, slots=True)
class Work:
    task: Task
    hours: Decimal
    number: int
    factor: Decimal
    weighed: Decimal


def weighed(tasks: Iterable[Task], factors: Factors) -> list[Work]:
    """Every task with its hours and its weighed hours; what repeats a course counts in the order of the sections."""
    seen: dict[tuple[int, int], int] = {}
    found = []
    for task in sorted(tasks, key=lambda one: (one.teacher, one.course, one.section)):
        key = (task.teacher, task.course)
        seen[key] = seen.get(key, 0) + 1
        found.append(_work(task, seen[key], factors))
    return found


def _work(task: Task, number: int, factors: Factors) -> Work:
    common = factors.of_size(task.size) * factors.of_repeat(number) * factors.of_language(task.language)
    hours = sum((Decimal(one.hours * one.groups) for one in task.meetings), Decimal(0)) * task.share
    by_kind = sum(
        (one.hours * one.groups * factors.of_meeting(one.kind) for one in task.meetings), Decimal(0)
    )
    total = (by_kind * common * task.share).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return Work(task, hours, number, common.quantize(Decimal("0.01"), ROUND_HALF_UP), total)


def weekly_load(tasks: Iterable[Task]) -> Decimal:
    """The periods of the fullest week of one teacher."""
    load: dict[int, Decimal] = {}
    for task in tasks:
        for one in task.meetings:
            for week in weeks.weeks_of(weeks.bits(one.weeks)):
                load[week] = load.get(week, Decimal(0)) + one.times * one.periods * one.groups * task.share
    return max(load.values(), default=Decimal(0))
