"""What the hub keeps: sources, runs, rows, values with their provenance, corrections."""

from yanta.hub.models.landing import RosterEntry, RosterReject
from yanta.hub.models.matches import DoubtfulPair, MatchDecision, RowPerson
from yanta.hub.models.rows import QuarantinedRow, SourceRow
from yanta.hub.models.runs import Receipt, Run, RunFile
from yanta.hub.models.sources import Authority, Mapping, Source
from yanta.hub.models.values import Correction, ElementChange, ElementValue

__all__ = [
    "Authority",
    "Correction",
    "DoubtfulPair",
    "ElementChange",
    "ElementValue",
    "Mapping",
    "MatchDecision",
    "QuarantinedRow",
    "Receipt",
    "RosterEntry",
    "RosterReject",
    "RowPerson",
    "Run",
    "RunFile",
    "Source",
    "SourceRow",
]
