"""The entrance before the door: one number for each student and round, let in by one count that all processes share.

A process keeps nothing but a copy, half a second old, of how far the line has come; when it dies nobody loses a place.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from yanta.systems.course_selection.rules.line import Line

TICKET = "yanta_turn"
# Seconds: how old the copy may be, and what a decision may take before fewer are let in.
LOOKS_EVERY, SLOW = 0.5, 0.5
# The share of their time that all threads of a process may be at work; above it, requests wait outside unseen.
FULL = 0.85

ADMIT = "SELECT * FROM course_selection_admit(%s, %s)"
ENTER = "SELECT course_selection_enter(%s, %s)"
Query = Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Turn:
    """Where somebody stands; `place` 0 is inside, a `ticket` is one that the browser has to be given."""

    place: int = 0
    seconds: int | None = 0
    ticket: str = ""


class Load:
    """How much of their time the threads of this process are at work."""

    def __init__(self, now: float) -> None:
        self.since, self.busy = now, 0.0
        self.threads: set[int] = set()
        self.guard = threading.Lock()

    def worked(self, seconds: float) -> None:
        with self.guard:
            self.busy += seconds
            self.threads.add(threading.get_ident())

    def share(self, now: float) -> float:
        """Since it was last asked: 0 is idle, 1 is every thread at work all the time."""
        with self.guard:
            share = self.busy / max(now - self.since, 0.001) / max(len(self.threads), 1)
            self.since, self.busy = now, 0.0
        return share


class Entrance:
    """Who may ask for a decision now. Before a round opens and in a lottery there is no line."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.copy: tuple[float, Line | None] = (0.0, None)
        self.is_slow = False
        self.load = Load(time.monotonic())

    def turn(self, digest: str, held: str) -> Turn | None:
        """With the ticket that the browser holds, else with a number of its own; None for whoever is no student."""
        line = self.line()
        if line is None:
            return Turn()
        number = _number(line, digest, held)
        if number:
            return _stands(line, number)
        ((number,),) = self.query(ENTER, (digest, line.round_id))
        return _stands(line, number, _signed(line, digest, number)) if number else None

    def standing(self, digest: str, held: str) -> Turn:
        """The same for whoever has a number already; takes none."""
        line = self.line()
        number = _number(line, digest, held) if line else 0
        return _stands(line, number) if line and number else Turn()

    def line(self) -> Line | None:
        """How far it has come; whoever looks first after half a second moves it on for everybody."""
        now, (until, line) = time.monotonic(), self.copy
        if until < now:
            is_slow = self.load.share(now) > FULL or self.is_slow
            ((round_id, admitted, pace),) = self.query(ADMIT, (settings.YANTA_ENTRY_PACE, is_slow))
            line = Line(round_id, admitted, pace) if round_id else None
            self.copy, self.is_slow = (now + LOOKS_EVERY, line), False
        return line

    def took(self, seconds: float) -> None:
        """How long a decision lasted: when it is too long, fewer come in."""
        self.is_slow = self.is_slow or seconds > SLOW


def _stands(line: Line, number: int, ticket: str = "") -> Turn:
    place = line.place_of(number)
    return Turn(place, line.seconds_for(place), ticket)


def _signed(line: Line, digest: str, number: int) -> str:
    """A number of this round and this session: of no use to anybody else."""
    return f"{line.round_id}.{number}.{_seal(line.round_id, number, digest)}"


def _seal(round_id: int, number: int, digest: str) -> str:
    return salted_hmac(TICKET, f"{round_id}.{number}.{digest}", algorithm="sha256").hexdigest()[:32]


def _number(line: Line, digest: str, held: str) -> int:
    """What the ticket says, when it is ours and for this; else 0."""
    first, _, rest = held.partition(".")
    number, _, seal = rest.partition(".")
    if first != str(line.round_id) or not (number.isascii() and number.isdecimal() and len(number) < 19):
        return 0
    return int(number) if constant_time_compare(seal, _seal(line.round_id, int(number), digest)) else 0
