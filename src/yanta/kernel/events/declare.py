"""Declaring events and the handlers that listen to them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Self, TypeVar

from pydantic import TypeAdapter

E = TypeVar("E", bound="Event")
Reaction = Callable[..., None]

_classes: dict[str, type[Event]] = {}
_handlers: dict[str, list[Handler]] = defaultdict(list)
_by_name: dict[str, Handler] = {}


def label_of(module: str) -> str:
    """`yanta.systems.awards.handlers` belongs to `awards`, `yanta.hub.runs.jobs` to `hub`."""
    _, _, inside = module.partition("yanta.")
    storey, _, rest = (inside or module).partition(".")
    return rest.split(".")[0] if storey in ("kernel", "systems") else storey


def _wire_name(cls: type[Event]) -> str:
    words = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
    return f"{label_of(cls.__module__)}.{words}"


@dataclass(frozen=True)
class Event:
    """Something that happened. Subclasses are frozen dataclasses named in the past tense.

    `wire` is the name outside the process (`awards.award-revoked`); set it to keep a renamed class's name.
    """

    wire: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.wire = vars(cls).get("wire") or _wire_name(cls)
        known = _classes.get(cls.wire)
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"two events are called {cls.wire}: {known.__module__} and {cls.__module__}")
        _classes[cls.wire] = cls

    def payload(self) -> dict[str, Any]:
        """The event's fields as JSON can carry them."""
        values: dict[str, Any] = _adapter(self.wire).dump_python(self, mode="json")
        return values

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Self:
        value: Self = _adapter(cls.wire).validate_python(payload)
        return value


@cache
def _adapter(wire: str) -> TypeAdapter[Any]:
    return TypeAdapter(_classes[wire])


@dataclass(frozen=True, slots=True)
class Handler:
    """One reaction to one kind of event; `name` is `finance.reclaim`."""

    name: str
    label: str
    event: str
    react: Reaction


def event_class(wire: str) -> type[Event] | None:
    return _classes.get(wire)


def handlers_of(wire: str) -> tuple[Handler, ...]:
    return tuple(_handlers[wire]) if wire in _handlers else ()


def handler_named(name: str) -> Handler | None:
    return _by_name.get(name)


def on(event: type[E]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register `def handler(event, *, actor)`; it runs after the commit, in a transaction of its own."""

    def register(react: Callable[..., None]) -> Callable[..., None]:
        label = label_of(react.__module__)
        handler = Handler(f"{label}.{react.__name__}", label, event.wire, react)
        if handler.name in _by_name:
            raise TypeError(f"two handlers are called {handler.name}")
        _by_name[handler.name] = handler
        _handlers[event.wire].append(handler)
        return react

    return register
