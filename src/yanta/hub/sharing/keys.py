"""Keys of grants, and proofs that a request comes from who holds one.

The secret is shown once. What is kept is its SHA-256, sealed: it recognises a bearer and verifies signatures, and
cannot be turned back. Signed is `METHOD`, path with query, time, nonce and digest of the body, each on a line.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from yanta.kernel.base import ciphers

KEY_PREFIX = "yk_"
LATE = timedelta(minutes=5)
SHA256, SM3 = "YANTA-HMAC-SHA256", "YANTA-HMAC-SM3"
SCHEMES = (SHA256, SM3)


@dataclass(frozen=True, slots=True)
class Proof:
    """What the `Authorization` header says."""

    scheme: str
    key_id: str
    secret: str = ""
    time: str = ""
    nonce: str = ""
    signature: str = ""

    @property
    def is_signed(self) -> bool:
        return self.scheme in SCHEMES


def new_key() -> tuple[str, str, str]:
    """Key number, the secret, and what is kept of it."""
    secret = secrets.token_urlsafe(32)
    return KEY_PREFIX + secrets.token_hex(8), secret, kept_of(secret)


def kept_of(secret: str) -> str:
    """The digest with which signatures are made and verified."""
    return hashlib.sha256(secret.encode()).hexdigest()


def proof_of(header: str) -> Proof | None:
    """The header read; None when it is none of ours."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        key_id, dot, secret = rest.strip().partition(".")
        return Proof("bearer", key_id, secret) if dot else None
    if scheme not in SCHEMES:
        return None
    parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
    return Proof(
        scheme,
        parts.get("key", ""),
        "",
        parts.get("time", ""),
        parts.get("nonce", ""),
        parts.get("signature", ""),
    )


def signed_text(
    method: str, target: str, time: str, nonce: str, body: bytes, *, scheme: str = SHA256
) -> bytes:
    """What is signed; `target` is path and query as sent."""
    digest = ciphers.sm3_hex(body) if scheme == SM3 else hashlib.sha256(body).hexdigest()
    return "\n".join([method, target, time, nonce, digest]).encode()


def signature_of(kept: str, text: bytes, *, scheme: str = SHA256) -> str:
    """HMAC over the text with the kept digest as key, in hex."""
    key = bytes.fromhex(kept)
    if scheme == SM3:
        made = HMAC(key, hashes.SM3())
        made.update(text)
        return made.finalize().hex()
    return hmac.digest(key, text, "sha256").hex()


def is_true(proof: Proof, kept: str, text: bytes) -> bool:
    """Whether whoever sent this holds the secret."""
    if proof.scheme == "bearer":
        return hmac.compare_digest(kept_of(proof.secret), kept)
    return hmac.compare_digest(proof.signature, signature_of(kept, text, scheme=proof.scheme))


def is_fresh(proof: Proof, *, at: datetime) -> bool:
    """Whether the signed time is within five minutes of ours."""
    try:
        said = float(proof.time)
    except ValueError:
        return False
    return abs(at.timestamp() - said) <= LATE.total_seconds() and 8 <= len(proof.nonce) <= 60
