"""What processes say on the home page and in the menu."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import Place, Todo, places, todos
from yanta.kernel.resource.declare import further_pages
from yanta.kernel.workflow import queries
from yanta.kernel.workflow.declare import decides_about
from yanta.kernel.workflow.models import Instance
from yanta.kernel.workflow.outside import open_of
from yanta.kernel.workflow.views import access

MOST = 20
__all__ = ["access"]  # whom the files of an opinion are read by


@todos
def asked(actor: Actor) -> list[Todo]:
    """What processes and outside systems ask; beyond a page of them, one line says how many more."""
    if actor.person_id is None:
        return []
    found = list(queries.todo_of(actor.person_id)[: MOST + 1])
    rows = [
        Todo(
            one.instance.title, f"/workflow/items/{one.pk}/", detail=one.node_title, icon="pencil-check", kind="流程",
            due_on=timezone.localdate(one.due_at) if one.due_at else None,
        )
        for one in found[:MOST]
    ]  # fmt: skip
    known = queries.count_todo(actor.person_id) if len(found) > MOST else len(found)
    more = known + open_of(actor.person_id).count() - len(rows)
    if more > 0:
        rows.append(Todo("更多待办", "/todos/", icon="checklist", kind="流程", count=more))
    return rows


@places
def pages() -> list[Place]:
    return [
        Place("流程设计", "/workflow/processes/", "平台", icon="sitemap", summary="画流程、检查、发布、比较版本", roles=("engineer", "head"), app="workflow"),
    ]  # fmt: skip


@further_pages
def trace_of(row: Any, actor: Actor) -> list[tuple[str, str]]:
    """A row that a process decides about leads to its trace."""
    if not decides_about(row):
        return []
    found = Instance.objects.filter(subject_type=row._meta.label_lower, subject_id=row.pk).order_by("-pk")
    latest = found.select_related("applicant").first()
    if latest is None or not access.may_see(latest, actor):
        return []
    return [("办理过程", f"/workflow/trace/{latest.pk}/")]
