"""How a target is spoken to; a door brings one wire for its protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

from yanta.sso.scim.models import Target


class Trouble(Exception):  # noqa: N818 - a state of affairs at the other end
    """It did not work; `lasting` when trying again cannot help until somebody changes something."""

    def __init__(self, said: str, *, lasting: bool = False) -> None:
        super().__init__(said)
        self.lasting = lasting


class Line(Protocol):
    """A conversation with one target. Keys are ours, remote ids theirs."""

    def put(self, noun: str, key: str, remote_id: str, content: dict[str, Any]) -> str:
        """Create it, or replace what is there; returns the remote id."""

    def end(self, noun: str, key: str, remote_id: str, *, delete: bool) -> None:
        """Deactivate or delete; what is gone already is no trouble."""

    def held(self, noun: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Everything that is there: remote id and content, as far as it can be compared."""

    def differs(self, noun: str, held: dict[str, Any], sent: dict[str, Any]) -> bool:
        """Whether what is there is not what was sent, in what both sides know."""


Opener = Callable[[Target], AbstractContextManager[Line]]
_openers: dict[str, Opener] = {}


def wire(code: str) -> Callable[[Opener], Opener]:
    """`@wire("scim")`: opens a line to a target of this kind."""

    def declare(opener: Opener) -> Opener:
        _openers[code] = opener
        return opener

    return declare


def line_to(target: Target) -> AbstractContextManager[Line]:
    return _openers[target.wire](target)
