"""Search: one box over everything the person may see."""

from yanta.kernel.search.indexing import refresh, reindex
from yanta.kernel.search.query import Found, Group, find
from yanta.kernel.search.registry import Searchable, register

__all__ = ["Found", "Group", "Searchable", "find", "refresh", "register", "reindex"]
