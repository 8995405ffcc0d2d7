"""Rounds, places with their seats, and what became of every request."""

from yanta.systems.course_selection.models.choices import Decision, Enrolment, Sheet, Waiting
from yanta.systems.course_selection.models.facts import CourseNeed, LanguageLevel, PlanGroup, Standing
from yanta.systems.course_selection.models.lines import Line, Turn
from yanta.systems.course_selection.models.places import Place, Pool, SectionTime
from yanta.systems.course_selection.models.rounds import GroupLimit, Round, RoundScope, Wish
from yanta.systems.course_selection.models.simulations import Simulation

__all__ = [
    "CourseNeed", "Decision", "Enrolment", "GroupLimit", "LanguageLevel", "Line", "Place", "PlanGroup", "Pool", "Round",
    "RoundScope", "SectionTime", "Sheet", "Simulation", "Standing", "Turn", "Waiting", "Wish",
]  # fmt: skip
