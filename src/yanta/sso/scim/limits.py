"""How often and how much an application may ask; a flood is refused before it costs a query."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache

REQUESTS_A_MINUTE = 600
FAILURES_A_MINUTE = 30


def _count(key: str, seconds: int, by: int = 1) -> int:
    cache.add(key, 0, seconds)
    return int(cache.incr(key, by))


def too_often(application_id: int, *, at: datetime) -> bool:
    """One more request; whether that was one too many in this minute."""
    return _count(f"scim-requests:{application_id}:{at:%H%M}", 70) > REQUESTS_A_MINUTE


def read(application_id: int, rows: int, *, at: datetime) -> int:
    """Note what was read; returns how many rows in this hour."""
    return _count(f"scim-rows:{application_id}:{at:%d%H}", 3700, rows)


def failed(address: str | None, *, at: datetime) -> bool:
    """One more request without a good token; whether this address tries too often."""
    return _count(f"scim-failures:{address}:{at:%H%M}", 70) > FAILURES_A_MINUTE


def is_shut_out(address: str | None, *, at: datetime) -> bool:
    return int(cache.get(f"scim-failures:{address}:{at:%H%M}", 0)) > FAILURES_A_MINUTE
