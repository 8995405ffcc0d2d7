"""Person matching made for Chinese names and identity numbers. Pure: rows in, people out."""

from .engine import Decision, match
from .explaining import reasons, sentence
from .results import MatchResult
from .settings import DEFAULT, Settings

__all__ = ["DEFAULT", "Decision", "MatchResult", "Settings", "match", "reasons", "sentence"]
