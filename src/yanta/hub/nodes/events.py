"""What nodes tell others."""

from dataclasses import dataclass
from typing import Any

from yanta.kernel.events import Event


@dataclass(frozen=True)
class PackageApplied(Event):
    """A lower node's package is in the region; `receipt_id` is our account of it."""

    wire = "nodes.package-applied"

    node_id: int
    subject: str
    receipt_id: int
    quarantined: int


@dataclass(frozen=True)
class ReportAnswered(Event):
    """An upper node judged a report of ours; `answer` is what its reporting wrote and ours reads."""

    wire = "nodes.report-answered"

    author: str
    code: str
    answer: dict[str, Any]
