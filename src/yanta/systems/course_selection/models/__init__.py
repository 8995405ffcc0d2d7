"""Rounds, places with their seats, and what became of every request."""

from yanta.systems.course_selection.models.choices import Decision, Enrolment, Sheet, Waiting
from yanta.systems.course_selection.models.facts import CourseNeed, Standing
from yanta.systems.course_selection.models.places import Place, Pool, SectionTime
from yanta.systems.course_selection.models.rounds import Round, RoundScope, Wish

__all__ = [
    "CourseNeed", "Decision", "Enrolment", "Place", "Pool", "Round", "RoundScope", "SectionTime", "Sheet", "Standing",
    "Waiting", "Wish",
]  # fmt: skip
