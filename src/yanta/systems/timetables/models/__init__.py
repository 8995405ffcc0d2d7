"""Periods of the day, versions of a term's timetable, placements and their adjustments, and what matters more."""

from yanta.systems.timetables.models.adjustments import Adjustment
from yanta.systems.timetables.models.placements import Placement, Weekday
from yanta.systems.timetables.models.preferences import Preference
from yanta.systems.timetables.models.versions import Period, Version

__all__ = ["Adjustment", "Period", "Placement", "Preference", "Version", "Weekday"]
