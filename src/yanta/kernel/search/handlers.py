"""Scope follows the tree: units that moved take their rows' entries along."""

from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.kernel.jobs import start
from yanta.kernel.organisation.events import UnitsChanged
from yanta.kernel.search import jobs


@on(UnitsChanged)
def follow_the_tree(event: UnitsChanged, *, actor: Actor) -> None:
    start(jobs.reindex_all, actor=actor)
