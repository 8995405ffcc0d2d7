"""Declaring processes, relations and named service tasks: in a system's `workflows.py`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yanta.kernel.base.elements import Element, Known

if TYPE_CHECKING:
    from yanta.kernel.base.models import Record

# The subject, in; the person ids who stand in this relation to it, out.
Relation = Callable[[Any], Collection[int]]
Service = Callable[..., Mapping[str, Any] | None]


def _nothing(_subject: Any) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Answers:
    """Of services drawn in the browser, which share a subject and a process: the subject's service, what that asks, what was said."""

    service: Callable[[Any], str]
    asked: Callable[[str], Iterable[Element]]
    said: Callable[[Any], Mapping[str, Known]]


@dataclass(frozen=True, slots=True)
class Declared:
    """A process as its system declares it.

    `data` names what conditions may read, `applicant` whose matter it is, `link` where the subject is shown. `owner` is
    the department that answers for it; without `tells_applicant` the system itself says what became of it. `file` is
    empty where only processes drawn in the browser bring the steps. Without `answers` the subject's own fields are them.
    """

    key: str
    title: str
    subject: type[Record]
    applicant: Callable[[Any], int | None]
    data: Callable[[Any], Mapping[str, Any]] = _nothing
    link: Callable[[Any], str] | None = None
    label: Callable[[Any], str] = str
    owner: str = ""
    tells_applicant: bool = True
    file: Path | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    answers: Answers | None = None

    @property
    def xml(self) -> str:
        return self.file.read_text(encoding="utf-8") if self.file else ""


@dataclass(frozen=True, slots=True)
class NamedRelation:
    """A relation of master data, with what people call it."""

    name: str
    title: str
    find: Relation


_processes: dict[str, Declared] = {}
_relations: dict[str, NamedRelation] = {}
_services: dict[str, tuple[str, Service]] = {}
_calendar: list[Callable[[date, date], frozenset[date]]] = []
_positions: list[Callable[[Any, str], Collection[int]]] = []


def process(key: str, title: str, *, subject: type[Record], file: str = "", **options: Any) -> Declared:
    """`process("leave.absence", "请假审批", file="absence.bpmn", subject=Leave, applicant=…, data=…, link=…)`.

    The file lies in the folder `processes/` beside the declaring module. `names` says in Chinese what each name of
    `data` is, for whoever draws conditions.
    """
    if key in _processes:
        raise TypeError(f"two processes are called {key}")
    module = sys._getframe(1).f_globals["__file__"]
    path = Path(module).parent / "processes" / file if file else None
    _processes[key] = Declared(key=key, title=title, subject=subject, file=path, **options)
    return _processes[key]


def declared(key: str | None = None) -> Any:
    """The process of this key, or all of them by key."""
    if key is None:
        return dict(_processes)
    if key not in _processes:
        raise LookupError(f"no process is called {key}; declare it with yanta.kernel.workflow.process")
    return _processes[key]


def relation(name: str, title: str) -> Callable[[Relation], Relation]:
    """`@relation("counsellor", "辅导员")` on a function from the subject to the ids of the people."""

    def declare(find: Relation) -> Relation:
        if name in _relations:
            raise TypeError(f"two relations are called {name}")
        _relations[name] = NamedRelation(name, title, find)
        return find

    return declare


def relations() -> dict[str, NamedRelation]:
    return dict(_relations)


def service_task(name: str, title: str = "") -> Callable[[Service], Service]:
    """`@service_task("leave.count_days")` on `def f(subject, *, actor)`; what it answers is data for conditions."""

    def declare(function: Service) -> Service:
        if name in _services:
            raise TypeError(f"two service tasks are called {name}")
        _services[name] = (title or name, function)
        return function

    return declare


def service_tasks() -> dict[str, tuple[str, Service]]:
    return dict(_services)


def working_days(
    provider: Callable[[date, date], frozenset[date]],
) -> Callable[[date, date], frozenset[date]]:
    """Decorator: the working days from one day to another, both ends counted; Monday to Friday where nobody says."""
    _calendar[:] = [provider]
    return provider


def calendar() -> Callable[[date, date], frozenset[date]] | None:
    return _calendar[0] if _calendar else None


def position_holders(
    provider: Callable[[Any, str], Collection[int]],
) -> Callable[[Any, str], Collection[int]]:
    """Decorator on `def f(unit, post)`: the ids of the people who hold this post in this unit."""
    _positions[:] = [provider]
    return provider


def holders_of(unit: Any, post: str) -> Collection[int]:
    return _positions[0](unit, post) if _positions else ()


def decides_about(row: object) -> bool:
    """Whether any process is about such rows; a noun that none decides about costs its pages and verbs nothing."""
    return any(isinstance(row, one.subject) for one in _processes.values())
