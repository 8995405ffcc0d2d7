"""Password hashing: Argon2id at the strength OWASP names, never more at once than the machine can bear."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher

from yanta.kernel.base import Refused

MEMORY_KIB = 19 * 1024
PASSES = 2
# At 17 ms a hash, forty in line are less than half a second of waiting on two cores.
LINE_PER_SLOT = 20
PATIENCE_SECONDS = 5.0


class Busy(Refused):
    """More people sign in than the machine can hash for; the page answers 503 and asks for patience."""

    def __init__(self) -> None:
        super().__init__("现在登录的人太多，请稍等几秒再试", rule="identity.busy")


class HashPool:
    """Lets `slots` hashes run at once and `line` wait; whoever comes after that is sent away at once."""

    def __init__(self, *, slots: int, line: int, patience: float = PATIENCE_SECONDS) -> None:
        self.patience = patience
        self._running = threading.BoundedSemaphore(slots)
        self._inside = threading.BoundedSemaphore(slots + line)

    @contextmanager
    def slot(self) -> Iterator[None]:
        if not self._inside.acquire(blocking=False):
            raise Busy
        try:
            if not self._running.acquire(timeout=self.patience):
                raise Busy
            try:
                yield
            finally:
                self._running.release()
        finally:
            self._inside.release()


def _slots() -> int:
    return int(os.environ.get("YANTA_HASH_SLOTS", "") or os.cpu_count() or 1)


pool = HashPool(slots=_slots(), line=_slots() * LINE_PER_SLOT)


class PooledArgon2Hasher(Argon2PasswordHasher):
    """17 ms and 19 MiB a hash; stored hashes of other strengths are renewed when their owner signs in."""

    time_cost = PASSES
    memory_cost = MEMORY_KIB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with pool.slot():
            return str(super().encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        with pool.slot():
            return bool(super().verify(password, encoded))


class PooledPBKDF2Hasher(PBKDF2PasswordHasher):
    """Reads the hashes that came from another Django system."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        with pool.slot():
            return str(super().encode(password, salt, iterations))

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing: these hashes are dearer than ours already."""
