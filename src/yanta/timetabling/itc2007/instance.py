"""An instance (`.ctt`) and a solution (`course room day period` per line), read and written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from yanta.timetabling.errors import FormatError


@dataclass(frozen=True)
class Course:
    name: str
    teacher: str
    lectures: int
    min_days: int
    students: int


@dataclass(frozen=True)
class Room:
    name: str
    capacity: int


@dataclass(frozen=True)
class Lecture:
    """One lecture of a solution: course and room by their place in the instance."""

    course: int
    room: int
    period: int


@dataclass(frozen=True)
class Instance:
    """Periods are numbered through the week: `day * periods_per_day + period of the day`."""

    name: str
    days: int
    periods_per_day: int
    courses: tuple[Course, ...]
    rooms: tuple[Room, ...]
    curricula: tuple[tuple[int, ...], ...]  # courses of each
    forbidden: frozenset[tuple[int, int]]  # course, period

    @property
    def periods(self) -> int:
        return self.days * self.periods_per_day

    def clashes(self) -> set[tuple[int, int]]:
        """Pairs of courses (smaller first) that share a teacher or a curriculum."""
        found = {(a, b) for group in self.curricula for a in group for b in group if a < b}
        teaching: dict[str, list[int]] = {}
        for number, course in enumerate(self.courses):
            teaching.setdefault(course.teacher, []).append(number)
        return found | {(a, b) for group in teaching.values() for a in group for b in group if a < b}


HEADERS = ("Name", "Courses", "Rooms", "Days", "Periods_per_day", "Curricula", "Constraints")
SECTIONS = ("COURSES", "ROOMS", "CURRICULA", "UNAVAILABILITY_CONSTRAINTS")


def read(path: Path) -> Instance:
    return parse(path.read_text(encoding="utf-8"))


def parse(text: str) -> Instance:
    """The instance that the text of a `.ctt` file describes."""
    heads, sections = _split(text)
    courses = tuple(
        Course(name, teacher, int(lectures), int(min_days), int(students))
        for name, teacher, lectures, min_days, students, *_ in sections["COURSES"]
    )
    rooms = tuple(Room(name, int(capacity)) for name, capacity, *_ in sections["ROOMS"])
    number = {course.name: index for index, course in enumerate(courses)}
    per_day = int(heads["Periods_per_day"])
    try:
        curricula = tuple(tuple(number[name] for name in row[2:]) for row in sections["CURRICULA"])
        forbidden = frozenset(
            (number[name], int(day) * per_day + int(period))
            for name, day, period in sections["UNAVAILABILITY_CONSTRAINTS"]
        )
    except KeyError as unknown:
        raise FormatError(f"course {unknown} is not among COURSES") from unknown
    instance = Instance(heads["Name"], int(heads["Days"]), per_day, courses, rooms, curricula, forbidden)
    _count(instance, heads)
    return instance


def _split(text: str) -> tuple[dict[str, str], dict[str, list[list[str]]]]:
    heads: dict[str, str] = {}
    sections: dict[str, list[list[str]]] = {name: [] for name in SECTIONS}
    current = ""
    for line in text.splitlines():
        words = line.split()
        if not words or words[0] == "END.":
            continue
        label = words[0].rstrip(":")
        if label in sections and words[0].endswith(":"):
            current = label
        elif current:
            sections[current].append(words)
        else:
            heads[label] = " ".join(words[1:])
    missing = [name for name in HEADERS if name not in heads]
    if missing:
        raise FormatError(f"the header lacks {', '.join(missing)}")
    return heads, sections


def _count(instance: Instance, heads: dict[str, str]) -> None:
    found = {
        "Courses": len(instance.courses),
        "Rooms": len(instance.rooms),
        "Curricula": len(instance.curricula),
    }
    for label, count in found.items():
        if int(heads[label]) != count:
            raise FormatError(f"{label}: {heads[label]} are announced, {count} follow")


def read_solution(instance: Instance, lines: Iterable[str]) -> list[Lecture]:
    return list(_lectures(instance, lines))


def _lectures(instance: Instance, lines: Iterable[str]) -> Iterator[Lecture]:
    courses = {course.name: number for number, course in enumerate(instance.courses)}
    rooms = {room.name: number for number, room in enumerate(instance.rooms)}
    for line in lines:
        if not line.strip():
            continue
        try:
            course, room, day, period = line.split()
            lecture = Lecture(courses[course], rooms[room], int(day) * instance.periods_per_day + int(period))
        except (KeyError, ValueError) as wrong:
            raise FormatError(f"not a lecture of {instance.name}: {line.strip()}") from wrong
        if not 0 <= lecture.period < instance.periods:
            raise FormatError(f"no such period: {line.strip()}")
        yield lecture


def write_solution(instance: Instance, lectures: Iterable[Lecture]) -> str:
    """The competition's format, in the order of the courses."""
    rows = sorted(lectures, key=lambda lecture: (lecture.course, lecture.period, lecture.room))
    return "".join(
        f"{instance.courses[row.course].name} {instance.rooms[row.room].name} "
        f"{row.period // instance.periods_per_day} {row.period % instance.periods_per_day}\n"
        for row in rows
    )
