"""What other systems may ask of the selection, and what they may tell it; ids only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from yanta.systems.course_selection.models import Enrolment, Place, SectionTime
from yanta.systems.course_selection.rules import weeks

# Student ids → pairs of student and passed course.
Passed = Callable[[list[int]], Iterable[tuple[int, int]]]
_sources: list[Passed] = []


def passed(source: Passed) -> Passed:
    """Decorator: a function that knows which courses students have passed."""
    _sources.append(source)
    return source


def passed_courses(student_ids: list[int]) -> Iterator[tuple[int, int]]:
    """From every source that is installed."""
    for source in _sources:
        yield from source(student_ids)


def students_of(section_ids: Iterable[int]) -> dict[int, list[int]]:
    """Section id → the students who chose it."""
    found: dict[int, list[int]] = {}
    rows = Enrolment.objects.filter(place__section_id__in=set(section_ids)).order_by("pk")
    for section, student in rows.values_list("place__section_id", "student_id"):
        found.setdefault(section, []).append(student)
    return found


def set_times(section_id: int, times: Iterable[tuple[int, int, int, str, str]]) -> bool:
    """A timetable publishes a section's times anew: weekday, first and last period, weeks, room. False if not a place."""
    place = Place.objects.filter(section_id=section_id).first()
    if place is None:
        return False
    place.times.all().delete()
    SectionTime.objects.bulk_create(
        SectionTime(
            place=place, weekday=day, first_period=first, last_period=last, weeks=text,
            week_bits=weeks.bits(text), room=room,
        )
        for day, first, last, text, room in times
    )  # fmt: skip
    return True
