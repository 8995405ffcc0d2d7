"""Tables of codes, of numbers, and of the element dictionary."""

from yanta.kernel.codes.models.changes import Proposal, Revision
from yanta.kernel.codes.models.dictionary import DataElement
from yanta.kernel.codes.models.mapping import Crosswalk, CrosswalkEntry
from yanta.kernel.codes.models.numbers import NumberCounter, NumberReservation, NumberRule
from yanta.kernel.codes.models.sets import Alias, Code, CodeSet

__all__ = [
    "Alias",
    "Code",
    "CodeSet",
    "Crosswalk",
    "CrosswalkEntry",
    "DataElement",
    "NumberCounter",
    "NumberReservation",
    "NumberRule",
    "Proposal",
    "Revision",
]
