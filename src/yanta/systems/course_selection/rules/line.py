"""The line at the entrance of a round: what a number means, without a database or a clock."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Seconds between two questions of somebody who waits: never a storm, and back in time for one's turn.
SOONEST, LATEST = 1, 15


@dataclass(frozen=True, slots=True)
class Line:
    """Numbers up to `admitted` are inside; `per_second` more follow, none while the round is paused."""

    round_id: int
    admitted: int
    per_second: float

    def place_of(self, number: int) -> int:
        """How many turns until this number's own; 0 is inside."""
        return max(0, number - self.admitted)

    def seconds_for(self, place: int) -> int | None:
        """How long that takes at the present pace; nobody knows while nobody is let in."""
        return math.ceil(place / self.per_second) if self.per_second else None


def pause_for(seconds: int | None) -> int:
    """When to ask again: at one's turn, or sooner to hear how it goes on."""
    return LATEST if seconds is None else min(LATEST, max(SOONEST, seconds))
