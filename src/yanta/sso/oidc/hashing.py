"""Client secrets are long and random, so a fast salted digest protects them as well as a slow one."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher


class SecretHasher(BasePasswordHasher):
    """Named in `PASSWORD_HASHERS` and `CLIENT_SECRET_HASHER`; never used for what people type."""

    algorithm = "client_secret"

    def encode(self, password: str, salt: str) -> str:
        return f"{self.algorithm}${salt}${self._digest(password, salt)}"

    def decode(self, encoded: str) -> dict[str, Any]:
        algorithm, salt, digest = encoded.split("$", 2)
        return {"algorithm": algorithm, "salt": salt, "hash": digest}

    def verify(self, password: str, encoded: str) -> bool:
        kept = self.decode(encoded)
        return hmac.compare_digest(self._digest(password, kept["salt"]), kept["hash"])

    def safe_summary(self, encoded: str) -> dict[Any, Any]:
        return {"algorithm": self.algorithm}

    def must_update(self, encoded: str) -> bool:
        return False

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing to even out: every check costs the same."""

    @staticmethod
    def _digest(secret: str, salt: str) -> str:
        return hashlib.sha256(f"{salt}{secret}".encode()).hexdigest()
