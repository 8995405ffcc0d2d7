"""Rows of the sign-in log for tests."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from yanta.kernel.identity.models import SignIn
from yanta.kernel.identity.trail.models import FeedReceipt, LogCheck, LogFeed

_serials = count(1)


def sign_ins(number: int, **values: Any) -> list[SignIn]:
    now = timezone.now()
    return [
        SignIn.objects.create(
            **{
                "login": f"u{next(_serials)}", "method": "password", "outcome": SignIn.Outcome.SUCCESS,
                "address": "10.1.2.3", "agent": "Firefox", "at": now + timedelta(microseconds=place), **values,
            }
        )
        for place in range(number)
    ]  # fmt: skip


def feed(**values: Any) -> LogFeed:
    known = {
        "name": f"receiver {next(_serials)}",
        "log": "sign-ins",
        "host": "127.0.0.1",
        "transport": "tcp",
        "is_open": True,
    }
    return LogFeed.objects.create(**{**known, **values})


EXAMPLES = {
    LogFeed: lambda serial: {"name": f"receiver {serial}", "log": "sign-ins", "host": "127.0.0.1"},
    LogCheck: lambda serial: {"log": "sign-ins", "finding": f"finding {serial}"},
    FeedReceipt: lambda serial: {"digest": "0" * 64},
}
