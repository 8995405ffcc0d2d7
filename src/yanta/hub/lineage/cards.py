"""Lineage in the menu, and who reads it."""

from __future__ import annotations

from typing import Any

from yanta.hub import subjects
from yanta.kernel.access import roles
from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import Place, places
from yanta.kernel.resource.declare import further_pages

GRAPH, HISTORY = "lineage.graph.view", "lineage.history.view"
for _role in ("engineer", "auditor", "leader", "head", "clerk"):
    roles.allow(_role, [GRAPH])
for _role in ("engineer", "auditor"):
    roles.allow(_role, [HISTORY])


@places
def lineage_pages() -> list[Place]:
    """Pages that no noun leads to."""
    return [
        Place("数据血缘", "/lineage/", "数据", "sitemap", "任一列、字段、单元格从哪里来，用到哪里去", permission=GRAPH),
        Place("历史原貌", "/lineage/then/", "数据", "calendar-time", "任一主题在过去某天是什么样，两天之间差在哪里", permission=HISTORY),
    ]  # fmt: skip


@further_pages
def past_of_record(row: Any, actor: Actor) -> list[tuple[str, str]]:
    """Every record of a subject can be seen as it was."""
    if not actor.may(GRAPH) or not getattr(row, "history", False):
        return []
    found = [one for one in subjects.all_subjects() if one.model is type(row)]
    return [("这一天是什么样", f"/lineage/then/{found[0].name}/{row.pk}/")] if found else []
