"""Which logs are sealed and handed on: each package declares its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.conf import settings

from yanta.kernel.base.models import Record

# GB/T 22239 and the Cybersecurity Law (art. 21): network logs are kept for six months at least.
LEAST_DAYS = 180
INSTANT = """to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')"""
_logs: dict[str, Log] = {}


@dataclass(frozen=True)
class Log:
    """Rows that are only ever added, with `id`, `at` and `outcome`; `sealed` is the SQL of what the proof covers."""

    name: str
    title: str
    model: type[Record]
    sealed: str
    told: Callable[[Any], dict[str, Any]]
    joined: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()

    @cached_property
    def table(self) -> str:
        return str(self.model._meta.db_table)


def declare(log: Log) -> Log:
    """Have this log sealed, verified and offered to receivers."""
    _logs[log.name] = log
    return log


def logs() -> list[Log]:
    return list(_logs.values())


def log_named(name: str) -> Log:
    return _logs[name]


def choices() -> list[tuple[str, str]]:
    return [(log.name, log.title) for log in logs()]


def kept() -> timedelta:
    """How long rows are kept before housekeeping removes them; never less than the law asks."""
    return timedelta(days=max(settings.LOG_DAYS, LEAST_DAYS))
