"""Password hashing: Argon2id at the strength OWASP names, never more at once than the machine can bear."""

from __future__ import annotations

import math
import os
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import accumulate
from typing import Any, TypeVar

from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher

from yanta.kernel.base import Refused

Hash = TypeVar("Hash")

MEMORY_KIB = 19 * 1024
PASSES = 2
# At 17 ms a hash, forty in line are less than half a second of waiting on two cores.
LINE_PER_SLOT = 20
PATIENCE_SECONDS = 5.0
# Until the first hashes have been timed; and one that took longer tells of a stopped machine, not of the next hash.
FIRST_GUESS_SECONDS, LONGEST_SECONDS = 0.02, 0.5
BUCKETS = (0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0)
# A turn that comes so soon is no reason to send anybody away.
EARLY_SECONDS = 1.0


class Busy(Refused):
    """More people sign in than the machine can hash for; says when this one's turn comes."""

    def __init__(self, *, seconds: float = 5.0, place: int = 1) -> None:
        self.seconds, self.place = max(1, math.ceil(seconds)), max(1, place)
        words = f"现在登录的人太多：前面还有 {self.place} 人，大约 {self.seconds} 秒后轮到您"
        super().__init__(words, rule="identity.busy")


class Times:
    """How long hashes took, as a histogram: plain counters, for each is raised under the pool's guard."""

    def __init__(self) -> None:
        self.total, self.counts = 0.0, [0] * (len(BUCKETS) + 1)

    def add(self, seconds: float) -> None:
        self.total += seconds
        self.counts[bisect_left(BUCKETS, seconds)] += 1

    def cumulated(self) -> list[tuple[str, float]]:
        """Upper limit and how many took no longer, as Prometheus counts them."""
        limits = [*(str(limit) for limit in BUCKETS), "+Inf"]
        return [(limit, float(upto)) for limit, upto in zip(limits, accumulate(self.counts), strict=True)]


class HashPool:
    """Lets `slots` hashes run at once and `line` wait; whoever comes after that is told when to come back.

    Turns are given out one after another at the pace at which hashes get done, so those who were sent away come
    back spread out, and nobody who comes later is let in before them.
    """

    def __init__(self, *, slots: int, line: int, patience: float = PATIENCE_SECONDS) -> None:
        self.patience, self.slots = patience, slots
        self._running = threading.BoundedSemaphore(slots)
        self._inside = threading.BoundedSemaphore(slots + line)
        self._guard = threading.Lock()
        self._waiting, self._mean, self._given_until = 0, FIRST_GUESS_SECONDS, 0.0
        self.times, self.sent_away = Times(), 0
        self.staff()

    def staff(self) -> None:
        """Threads that do nothing else; a forked process needs its own."""
        self._threads = ThreadPoolExecutor(self.slots, thread_name_prefix="hash")

    def run(self, work: Callable[..., Hash], *given: Any) -> Hash:
        """When its turn has come, in a thread that keeps its memory: the caches still hold it from the last hash."""
        with self.slot():
            return self._threads.submit(work, *given).result()

    @contextmanager
    def slot(self) -> Iterator[None]:
        if not self._inside.acquire(blocking=False):
            raise self._sent_away()
        try:
            self._wait()
            begun = time.monotonic()
            try:
                yield
            finally:
                self._running.release()
                self._learn(time.monotonic() - begun)
        finally:
            self._inside.release()

    def check_turn(self, *, turn: float, now: float) -> None:
        """Raises `Busy` for whoever comes before the turn that they were given, or new while turns are given out."""
        if turn > now:
            raise Busy(seconds=turn - now, place=self._place_at(turn - now))
        if not turn and self._given_until - now > EARLY_SECONDS:
            raise self._sent_away(now)

    @property
    def waiting(self) -> int:
        """How many stand in line in this process."""
        return self._waiting

    def _wait(self) -> None:
        with self._guard:
            self._waiting += 1
        try:
            if not self._running.acquire(timeout=self.patience):
                raise self._sent_away()
        finally:
            with self._guard:
                self._waiting -= 1

    def _learn(self, seconds: float) -> None:
        with self._guard:
            self.times.add(seconds)
            self._mean += (min(seconds, LONGEST_SECONDS) - self._mean) / 20

    def _sent_away(self, now: float | None = None) -> Busy:
        now = time.time() if now is None else now
        with self._guard:
            self.sent_away += 1
            line = self._waiting * self._mean / self.slots
            self._given_until = max(self._given_until + self._mean / self.slots, now + line)
            seconds = max(self._given_until - now, 1.0)
        return Busy(seconds=seconds, place=self._place_at(seconds))

    def _place_at(self, seconds: float) -> int:
        return math.ceil(seconds * self.slots / self._mean)


def _slots() -> int:
    return int(os.environ.get("YANTA_HASH_SLOTS", "") or os.cpu_count() or 1)


def _line(slots: int) -> int:
    """Threads of a process that wait; two stay free, or nobody could be told that there is a line."""
    threads = int(os.environ.get("YANTA_THREADS", "") or 2)
    return min(slots * LINE_PER_SLOT, max(slots, threads - slots - 2))


pool = HashPool(slots=_slots(), line=_line(_slots()))
os.register_at_fork(after_in_child=pool.staff)


class PooledArgon2Hasher(Argon2PasswordHasher):
    """17 ms and 19 MiB a hash; stored hashes of other strengths are renewed when their owner signs in."""

    time_cost = PASSES
    memory_cost = MEMORY_KIB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        return pool.run(super().encode, password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        return pool.run(super().verify, password, encoded)


class PooledPBKDF2Hasher(PBKDF2PasswordHasher):
    """Reads the hashes that came from another Django system."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        return pool.run(super().encode, password, salt, iterations)

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing: these hashes are dearer than ours already."""
