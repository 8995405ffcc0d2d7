"""What each protocol brings to the registry: its settings of an application, its endpoints, its test client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yanta.sso.applications.models import Application


@dataclass(frozen=True, slots=True)
class Setting:
    """One protocol of an application as its page shows it: what is registered, and where it is changed."""

    protocol: str
    title: str
    url: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A configuration to copy for one common client."""

    client: str
    text: str


@dataclass(frozen=True, slots=True)
class Kit:
    """The test kit of one protocol for one application."""

    title: str
    endpoints: tuple[tuple[str, str], ...]
    samples: tuple[Sample, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Protocol:
    """`settings` and `kit` of an application; `test_client` registers one of each kind, always the same."""

    code: str
    title: str
    settings: Callable[[Application], list[Setting]]
    kit: Callable[[Application], Kit]
    test_client: Callable[[], dict[str, Any]]
    add_url: str = ""
    order: int = field(default=50)


_protocols: dict[str, Protocol] = {}


def register(protocol: Protocol) -> Protocol:
    """Called by a protocol's `services.py` or `cards.py`, which are imported when the platform starts."""
    _protocols[protocol.code] = protocol
    return protocol


def protocols() -> list[Protocol]:
    return sorted(_protocols.values(), key=lambda one: (one.order, one.code))


def title_of(code: str) -> str:
    return _protocols[code].title if code in _protocols else code


def settings_of(app: Application) -> list[Setting]:
    """What is registered for an application, of every protocol."""
    return [setting for protocol in protocols() for setting in protocol.settings(app)]


def kits_of(app: Application) -> list[tuple[Protocol, Kit]]:
    """The test kits of the protocols that the application speaks."""
    return [(protocol, protocol.kit(app)) for protocol in protocols() if protocol.settings(app)]
