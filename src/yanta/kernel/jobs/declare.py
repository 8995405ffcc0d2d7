"""Declaring jobs (work somebody waits for) and ticks (housekeeping nobody looks at)."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, get_type_hints

from croniter import croniter
from procrastinate.contrib.django import app
from pydantic import TypeAdapter

from yanta.kernel.events.declare import label_of

_jobs: dict[str, Job] = {}
# Arguments that the platform gives; all others are parameters of the run.
GIVEN = ("progress", "actor")


@dataclass(frozen=True, eq=False)
class Job:
    """A declared job. Its function must bear being run again from the start: workers die."""

    name: str
    title: str
    function: Callable[..., Any]
    schedule: str = ""
    queue: str = "default"
    parameters: tuple[str, ...] = field(default=())

    @property
    def label(self) -> str:
        return self.name.split(".", 1)[0]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def to_json(self, params: dict[str, Any]) -> dict[str, Any]:
        """The parameters as the run keeps them; an unknown or missing one is a bug of the caller."""
        inspect.signature(self.function).bind(None, actor=None, **params)
        return {name: _adapter(self, name).dump_python(value, mode="json") for name, value in params.items()}

    def from_json(self, params: dict[str, Any]) -> dict[str, Any]:
        return {name: _adapter(self, name).validate_python(value) for name, value in params.items()}


@cache
def _adapter(job: Job, parameter: str) -> TypeAdapter[Any]:
    return TypeAdapter(get_type_hints(job.function)[parameter])


def job(title: str, *, schedule: str = "", queue: str = "default") -> Callable[[Callable[..., Any]], Job]:
    """Declare `def f(progress, *, actor, **params)`; `schedule` is a cron line in the school's own time."""
    if schedule and not croniter.is_valid(schedule):
        raise ValueError(f"not a cron line: {schedule}")

    def declare(function: Callable[..., Any]) -> Job:
        name = f"{label_of(function.__module__)}.{function.__name__}"
        if name in _jobs:
            raise TypeError(f"two jobs are called {name}")
        own = tuple(p for p in inspect.signature(function).parameters if p not in GIVEN)
        _jobs[name] = Job(name, title, function, schedule, queue, own)
        return _jobs[name]

    return declare


def job_named(name: str) -> Job | None:
    return _jobs.get(name)


def scheduled_jobs() -> list[Job]:
    return [job for job in _jobs.values() if job.schedule]


def cron_of(seconds: int) -> str:
    """Six fields, the last being seconds: a tick of less, or more, than a minute."""
    if seconds < 60:
        return f"* * * * * */{seconds}"
    minutes = seconds // 60
    return f"*/{minutes} * * * *" if minutes < 60 else f"0 */{minutes // 60} * * *"


def tick(*, seconds: int) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Have the worker call `def f()` again and again; never twice at once, and no run is recorded."""

    def declare(function: Callable[[], None]) -> Callable[[], None]:
        name = f"{label_of(function.__module__)}.{function.__name__}"

        def beat(timestamp: int) -> None:
            function()

        task = app.task(name=name, queue="ticks", lock=name, queueing_lock=name)(beat)
        app.periodic(cron=cron_of(seconds), periodic_id=name)(task)
        return function

    return declare
