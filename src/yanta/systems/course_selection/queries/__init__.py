"""What the pages of course selection show."""

from yanta.systems.course_selection.queries.capacities import differing
from yanta.systems.course_selection.queries.catalogue import (
    Line,
    Search,
    choices_of,
    lines_of,
    places_of,
    search_of,
    times_missing,
    totals_of,
)
from yanta.systems.course_selection.queries.drawn import WishLine, lottery_of, published, wishes_of
from yanta.systems.course_selection.queries.entrance import Queue, queue_of
from yanta.systems.course_selection.queries.limits import stray_limits
from yanta.systems.course_selection.queries.own import (
    chosen_by,
    kept_by_rules,
    present_round,
    receipts_of,
    student_of,
    term_asked,
    waiting_of,
    waits_of,
)
from yanta.systems.course_selection.queries.rosters import may_see as may_see_roster
from yanta.systems.course_selection.queries.rosters import places_taught_by, roster_of, unfit_rows
from yanta.systems.course_selection.queries.swaps import Swap, swaps_of

__all__ = [
    "Line", "Queue", "Search", "Swap", "WishLine", "choices_of", "chosen_by", "differing", "kept_by_rules",
    "lines_of", "lottery_of", "may_see_roster", "places_of", "places_taught_by", "present_round", "published", "queue_of",
    "receipts_of", "roster_of", "search_of", "stray_limits", "student_of", "swaps_of", "term_asked", "times_missing", "totals_of",
    "unfit_rows", "waiting_of", "waits_of", "wishes_of",
]  # fmt: skip
