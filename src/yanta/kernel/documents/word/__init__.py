"""Forms of Word, read and written at the level of nodes: what is not filled stays byte by byte what it was."""

from yanta.kernel.documents.word.form import WordForm

__all__ = ["WordForm"]
