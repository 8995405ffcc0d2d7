"""Problem and solution in the competition's XML, plain or gzipped."""

import gzip
import re
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # it brings no types

from yanta.timetabling.errors import FormatError
from yanta.timetabling.problem import (
    NO_ROOM,
    Course,
    Kind,
    Lesson,
    Placed,
    Problem,
    Room,
    RoomChoice,
    Rule,
    Student,
    TimeChoice,
    Timetable,
    Weights,
)
from yanta.timetabling.times import Time, from_text, to_text

NAMES = {"".join(word.capitalize() for word in kind.name.split("_")): kind for kind in Kind}
VALUED = re.compile(r"(\w+?)(?:\((\d+(?:,\d+)*)\))?")
Element = Any


def read(path: Path) -> Problem:
    content = path.read_bytes()
    return parse(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)


def _root(content: bytes, name: str) -> Element:
    # The competition's files name a DTD on the net; nothing of the kind is looked at.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as wrong:
        raise FormatError(f"not XML: {wrong}") from wrong
    if root.tag != name:
        raise FormatError(f"<{name}> is expected, <{root.tag}> is there")
    return root


class _Reader:
    """Names of rooms and lessons become places in lists."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.rooms = {room.get("id"): number for number, room in enumerate(root.iterfind("rooms/room"))}
        self.lessons = {lesson.get("id"): number for number, lesson in enumerate(root.iter("class"))
                        if lesson.getparent().tag == "subpart"}  # fmt: skip
        self.courses = {
            course.get("id"): number for number, course in enumerate(root.iterfind("courses/course"))
        }

    def problem(self) -> Problem:
        root = self.root
        weigh = root.find("optimization")
        return Problem(
            name=root.get("name"),
            weeks=int(root.get("nrWeeks")),
            days=int(root.get("nrDays")),
            slots=int(root.get("slotsPerDay")),
            rooms=tuple(self.room(each) for each in root.iterfind("rooms/room")),
            lessons=tuple(self.lesson(each) for each in root.iterfind("courses/course/config/subpart/class")),
            rules=tuple(self.rule(each) for each in root.iterfind("distributions/distribution")),
            courses=tuple(self.course(each) for each in root.iterfind("courses/course")),
            students=tuple(self.student(each) for each in root.iterfind("students/student")),
            weights=Weights(
                **{
                    ours: int(weigh.get(theirs))
                    for ours, theirs in (
                        ("time", "time"), ("room", "room"), ("rule", "distribution"), ("student", "student"),
                    )
                }
            ),
        )  # fmt: skip

    def room(self, element: Element) -> Room:
        return Room(
            name=element.get("id"),
            capacity=int(element.get("capacity")),
            travel={self.rooms[way.get("room")]: int(way.get("value")) for way in element.iterfind("travel")},
            closed=tuple(_time(shut) for shut in element.iterfind("unavailable")),
        )

    def lesson(self, element: Element) -> Lesson:
        return Lesson(
            name=element.get("id"),
            times=tuple(
                TimeChoice(_time(time), int(time.get("penalty") or 0)) for time in element.iterfind("time")
            ),
            rooms=tuple(
                RoomChoice(self.rooms[room.get("id")], int(room.get("penalty") or 0))
                for room in element.iterfind("room")
            ),
            limit=int(element.get("limit") or 0),
            parent=self.lessons[element.get("parent")] if element.get("parent") else -1,
        )

    def course(self, element: Element) -> Course:
        return Course(
            element.get("id"),
            tuple(
                tuple(
                    tuple(self.lessons[lesson.get("id")] for lesson in part.iterfind("class"))
                    for part in way.iterfind("subpart")
                )
                for way in element.iterfind("config")
            ),
        )

    def student(self, element: Element) -> Student:
        return Student(
            element.get("id"), tuple(self.courses[course.get("id")] for course in element.iterfind("course"))
        )

    def rule(self, element: Element) -> Rule:
        found = VALUED.fullmatch(element.get("type"))
        if found is None or found[1] not in NAMES:
            raise FormatError(f"unknown distribution {element.get('type')}")
        return Rule(
            kind=NAMES[found[1]],
            lessons=tuple(self.lessons[lesson.get("id")] for lesson in element.iterfind("class")),
            values=tuple(int(value) for value in (found[2] or "").split(",") if value),
            cost=None if element.get("required") == "true" else int(element.get("penalty") or 0),
        )


def _time(element: Element) -> Time:
    return Time(
        from_text(element.get("weeks")),
        from_text(element.get("days")),
        int(element.get("start")),
        int(element.get("length")),
    )


def parse(content: bytes) -> Problem:
    try:
        return _Reader(_root(content, "problem")).problem()
    except (KeyError, TypeError) as wrong:
        raise FormatError(f"something is missing or not known: {wrong}") from wrong


def parse_solution(problem: Problem, content: bytes) -> Timetable:
    """A timetable of the problem; a time or room that is not a choice of its lesson is kept and priced."""
    root = _root(content, "solution")
    rooms = {room.name: number for number, room in enumerate(problem.rooms)}
    lessons = {lesson.name: number for number, lesson in enumerate(problem.lessons)}
    students = {student.name: number for number, student in enumerate(problem.students)}
    placed: dict[int, Placed] = {}
    attends: list[set[int]] = [set() for _ in problem.students]
    try:
        for element in root.iterfind("class"):
            number = lessons[element.get("id")]
            placed[number] = _placed(problem, number, element, rooms)
            for student in element.iterfind("student"):
                attends[students[student.get("id")]].add(number)
    except (KeyError, TypeError) as wrong:
        raise FormatError(f"not known to {problem.name}: {wrong}") from wrong
    missing = [lesson.name for number, lesson in enumerate(problem.lessons) if number not in placed]
    if missing:
        raise FormatError(f"classes without a time: {', '.join(missing[:10])} ({len(missing)})")
    return Timetable(
        tuple(placed[number] for number in range(len(problem.lessons))), tuple(map(frozenset, attends))
    )


def _placed(problem: Problem, number: int, element: Element, rooms: dict[str, int]) -> Placed:
    weeks, days = from_text(element.get("weeks")), from_text(element.get("days"))
    start = int(element.get("start"))
    # The format leaves the length out: it is that of the choice, or of the first one.
    lengths = [
        choice.time.length
        for choice in problem.lessons[number].times
        if (choice.time.weeks, choice.time.days, choice.time.start) == (weeks, days, start)
    ] or [problem.lessons[number].times[0].time.length]
    room = element.get("room")
    return Placed(Time(weeks, days, start, lengths[0]), NO_ROOM if room is None else rooms[room])


def write_solution(problem: Problem, timetable: Timetable, *, seconds: float = 0, cores: int = 1) -> bytes:
    root = etree.Element(
        "solution", name=problem.name, runtime=f"{seconds:.1f}", cores=str(cores), technique="Yanta",
        author="Yanta", institution="Yanta", country="China",
    )  # fmt: skip
    present: dict[int, list[str]] = {}
    for student, lessons in zip(problem.students, timetable.attends, strict=False):
        for lesson in lessons:
            present.setdefault(lesson, []).append(student.name)
    for number, (held, at) in enumerate(zip(problem.lessons, timetable.placed, strict=True)):
        element = etree.SubElement(
            root, "class", id=held.name, days=to_text(at.time.days, problem.days),
            start=str(at.time.start), weeks=to_text(at.time.weeks, problem.weeks),
        )  # fmt: skip
        if at.room != NO_ROOM:
            element.set("room", problem.rooms[at.room].name)
        for name in present.get(number, ()):
            etree.SubElement(element, "student", id=name)
    return bytes(etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="UTF-8"))
