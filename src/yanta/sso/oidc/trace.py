"""Why a request to a token endpoint ended as it did, from the validator to the log."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

_kept: ContextVar[Trace | None] = ContextVar("oidc_trace", default=None)


@dataclass
class Trace:
    """What became known on the way."""

    client: Any = None
    account: Any = None
    reason: str = ""
    rule: str = ""


def begin() -> Trace:
    trace = Trace()
    _kept.set(trace)
    return trace


def note(**known: Any) -> None:
    """Add what is known; the first reason is the one that counts."""
    trace = _kept.get()
    if trace is None:
        return
    for name, value in known.items():
        if name in ("client", "account") or not getattr(trace, name):
            setattr(trace, name, value)
