"""What quality keeps: rules, runs of them with their results, scores, work orders, exemptions."""

from yanta.hub.quality.models.orders import Exemption, Order
from yanta.hub.quality.models.results import FailingRow, Inspection, Result, Score, Standing, UnitResult
from yanta.hub.quality.models.rules import Handling, OnLoad, Rule, Severity, TemplateChoice

__all__ = [
    "Exemption", "FailingRow", "Handling", "Inspection", "OnLoad", "Order", "Result", "Rule", "Score", "Severity", "Standing",
    "TemplateChoice", "UnitResult",
]  # fmt: skip
