"""Passwords at the rate of binds: Argon2 once, then a keyed digest in memory for a few minutes. See decision 0020."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

KEPT_SECONDS = 300.0
MOST = 50_000


@dataclass(frozen=True, slots=True)
class _Proof:
    digest: bytes
    until: float


class Verifier:
    """Remembers that a password was right for one stored hash; the key never leaves the process.

    A proof is worth nothing once the stored hash changed (it is part of what is digested), is never prolonged by being
    used, and only ever says yes: whatever it does not confirm is asked of Argon2, so a wrong password costs what it
    always costs.
    """

    def __init__(
        self, *, kept: float = KEPT_SECONDS, most: int = MOST, clock: Callable[[], float] = monotonic
    ) -> None:
        self._key, self._kept, self._most, self._clock = secrets.token_bytes(32), kept, most, clock
        self._proofs: OrderedDict[int, _Proof] = OrderedDict()
        self._lock = Lock()

    def _digest(self, account_id: int, encoded: str, password: str) -> bytes:
        said = b"\0".join((str(account_id).encode(), encoded.encode(), password.encode()))
        return hashlib.blake2b(said, key=self._key, digest_size=32).digest()

    def confirms(self, account_id: int, encoded: str, password: str) -> bool:
        proof = self._proofs.get(account_id)
        if proof is None or proof.until <= self._clock():
            return False
        return hmac.compare_digest(proof.digest, self._digest(account_id, encoded, password))

    def remember(self, account_id: int, encoded: str, password: str) -> None:
        """After Argon2 said yes."""
        proof = _Proof(self._digest(account_id, encoded, password), self._clock() + self._kept)
        with self._lock:
            self._proofs.pop(account_id, None)
            self._proofs[account_id] = proof
            while len(self._proofs) > self._most:
                self._proofs.popitem(last=False)

    def forget(self, account_id: int) -> None:
        with self._lock:
            self._proofs.pop(account_id, None)
