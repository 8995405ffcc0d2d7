"""Figures and their meaning, boards, questions."""

from yanta.hub.warehouse.models.boards import Board
from yanta.hub.warehouse.models.indicators import (
    Better,
    Clock,
    Computation,
    Indicator,
    IndicatorValue,
    IndicatorVersion,
)
from yanta.hub.warehouse.models.likeness import Disagreement, PublishedFigure, SameFigure
from yanta.hub.warehouse.models.questions import Export, Question, QuestionVersion

__all__ = [
    "Better", "Board", "Clock", "Computation", "Disagreement", "Export", "Indicator", "IndicatorValue",
    "IndicatorVersion", "PublishedFigure", "Question", "QuestionVersion", "SameFigure",
]  # fmt: skip
