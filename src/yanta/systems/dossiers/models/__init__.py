"""A person's file, what lies in it, who looked at it."""

from yanta.systems.dossiers.models.borrowing import Loan, Reading
from yanta.systems.dossiers.models.kept import Dossier, Entry, Inspection

__all__ = ["Dossier", "Entry", "Inspection", "Loan", "Reading"]
