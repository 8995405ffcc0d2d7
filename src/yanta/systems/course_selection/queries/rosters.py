"""Who chose a section, for whoever teaches it and for the registry."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from yanta.kernel.base import Actor
from yanta.masterdata.models import StaffMember, Student, Term
from yanta.systems.course_selection import services
from yanta.systems.course_selection.models import Enrolment, Place
from yanta.systems.offerings import public as offerings

HELD = {"chosen": "已选", "waiting": "候补中", "wished": "志愿"}


def may_see(actor: Actor, place: Place) -> bool:
    """Whoever may add students to it, and whoever teaches it."""
    return actor.may(services.add_student.permission) or place.section_id in _taught_by(actor)


def _taught_by(actor: Actor) -> set[int]:
    mine = StaffMember.objects.filter(person=actor.person_id).values_list("pk", flat=True)
    return offerings.taught_by(mine)


def places_taught_by(actor: Actor, term: Term) -> QuerySet[Place]:
    """One's own sections of a term with how many chose them."""
    mine = Place.objects.filter(term=term, section_id__in=_taught_by(actor)).select_related("course")
    return mine.annotate(students=Count("enrolments")).order_by("number")


def roster_of(place: Place) -> list[Enrolment]:
    chosen = Enrolment.objects.filter(place=place).select_related(
        "student__person", "student__department", "student__admin_class"
    )
    return list(chosen.order_by("student__number"))


def unfit_rows(place: Place) -> list[tuple[Student, str, str]]:
    """Who would not be given this section as it is now: the student, what they have of it, why not."""
    found = services.unfit_of(place)
    students = Student.objects.select_related("person").in_bulk([one.student_id for one in found])
    return [(students[one.student_id], HELD[one.held], one.words) for one in found]
