"""What consumers of code sets hear."""

from __future__ import annotations

from dataclasses import dataclass

from yanta.kernel.events import Event


@dataclass(frozen=True)
class CodeSetPublished(Event):
    """A new revision of a set is in force; `retired` maps a retired code to its successor, or to nothing."""

    set_id: str
    revision: int
    added: list[str]
    renamed: list[str]
    retired: dict[str, str]


@dataclass(frozen=True)
class CodesRemapped(Event):
    """Live rows were rewritten from retired codes to their successors."""

    set_id: str
    rows: int
