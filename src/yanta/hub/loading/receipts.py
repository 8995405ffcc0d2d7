"""Where a roster lands and the account of one landing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Landing:
    """The database, its table, the table of held-back rows, and what the work may use."""

    address: str
    table: str = "hub_rosterentry"
    rejects: str = "hub_rosterreject"
    memory: str = "1GB"
    threads: int = 2


@dataclass
class Counts:
    """What was read and what became of it; the parts add up."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    quarantined: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def adds_up(self) -> bool:
        return self.read == self.new + self.changed + self.unchanged + self.quarantined

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
