"""Wishes of one round as those of another: other students, other sections, other points; and what a draw gave, added up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Programme and grade, by which the figures are shown.
Cohort = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Person:
    """A student by number; numbers put those of one programme and grade into a row."""

    key: int
    number: str
    programme: int | None
    grade: int | None


@dataclass(frozen=True, slots=True)
class Section:
    key: int
    number: str
    course: int


@dataclass(frozen=True, slots=True)
class Tried:
    """A wish and what the trial said: `won`, or the code of the refusal."""

    group: Cohort
    student: int
    section: int
    rank: int
    came: str


def stand_ins(before: Iterable[Person], now: Iterable[Person], *, years: int) -> dict[int, int]:
    """Who of this year stands for whom: the n-th of the same programme, so many grades later, for the n-th.

    In the same year everybody stands for themselves. Whoever finds nobody is missing.
    """
    if not years:
        present = {one.key for one in now}
        return {one.key: one.key for one in before if one.key in present}
    rows: dict[Cohort, list[Person]] = defaultdict(list)
    for one in sorted(now, key=lambda one: one.number):
        rows[one.programme, one.grade].append(one)
    found, used = {}, defaultdict[Cohort, int](int)
    for one in sorted(before, key=lambda one: one.number):
        group = (one.programme, one.grade + years if one.grade else None)
        if used[group] < len(rows[group]):
            found[one.key] = rows[group][used[group]].key
            used[group] += 1
    return found


def same_courses(before: Iterable[Section], now: Iterable[Section]) -> dict[int, int]:
    """The n-th section of a course stands for the n-th, beginning anew when there are fewer now."""
    rows: dict[int, list[Section]] = defaultdict(list)
    for one in sorted(now, key=lambda one: one.number):
        rows[one.course].append(one)
    found, used = {}, defaultdict[int, int](int)
    for one in sorted(before, key=lambda one: one.number):
        line = rows[one.course]
        if line:
            found[one.key] = line[used[one.course] % len(line)].key
            used[one.course] += 1
    return found


def points_of(spent: Sequence[int], *, before: int, now: int) -> list[int]:
    """Points of a list by rank as they would be with `now` to spread; a list without any falls off evenly by rank."""
    if not now:
        return [0] * len(spent)
    weights = list(spent) if before else [len(spent) - n for n in range(len(spent))]
    total = before or sum(weights)
    return [one * now // total for one in weights]


def by_group(tried: Iterable[Tried]) -> list[tuple[Cohort, int, int, int, int]]:
    """For each programme and grade: students, wishes, wishes granted, students left with nothing."""
    wishes: dict[Cohort, list[Tried]] = defaultdict(list)
    for one in tried:
        wishes[one.group].append(one)
    found = []
    for group, rows in wishes.items():
        students = {one.student for one in rows}
        placed = {one.student for one in rows if one.came == "won"}
        won = sum(one.came == "won" for one in rows)
        found.append((group, len(students), len(rows), won, len(students - placed)))
    return sorted(found, key=lambda row: -row[4])


def by_section(tried: Iterable[Tried]) -> Mapping[int, dict[str, int]]:
    """For each section: wishes, first ones, granted, without a seat, stopped by a rule."""
    found: dict[int, dict[str, int]] = {}
    for one in tried:
        row = found.setdefault(one.section, {"wishes": 0, "first": 0, "won": 0, "full": 0, "stopped": 0})
        row["wishes"] += 1
        row["first"] += one.rank == 1
        row[one.came if one.came in ("won", "full") else "stopped"] += 1
    return found
