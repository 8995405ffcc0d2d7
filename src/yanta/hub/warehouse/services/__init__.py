"""What changes indicators, figures, boards and saved queries."""

from yanta.hub.warehouse.services.comparing import correct, explain
from yanta.hub.warehouse.services.dictionary import change_formula, close, define, reopen
from yanta.hub.warehouse.services.figures import recompute

__all__ = ["change_formula", "close", "correct", "define", "explain", "recompute", "reopen"]
