"""Forms in the menu, on the home page and among the to-dos."""

from __future__ import annotations

from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, CardRow, card
from yanta.kernel.portal.navigation import Place, places
from yanta.kernel.portal.todos import Todo, todos
from yanta.systems.paperwork import queries, services
from yanta.systems.paperwork.models import Edition


@places
def pages() -> list[Place]:
    return [
        Place(
            "我的表格", "/paperwork/mine/", "办事", "file-text", "各类表格自动填好，缺什么一看便知",
            roles=("student", "teacher", "counsellor", "clerk", "head"),
        ),
        Place(
            "批量生成表格", "/paperwork/batches/new/", "办事", "stack-2", "整班、整院或一份名单，一次生成",
            services.start_batch.permission,
        ),
    ]  # fmt: skip


@card(title="我的表格", order=60, for_roles=("student", "teacher"), icon="file-text")
def my_forms(actor: Actor) -> CardContent | None:
    """What can be had filled at once."""
    found = list(queries.for_person(actor.person_id)[:4])
    if not found:
        return None
    rows = [CardRow(one.form.title, f"/paperwork/mine/{one.pk}/", one.form.owner.name) for one in found]
    return CardContent(rows=rows, more_url="/paperwork/mine/", more="全部表格")


@todos
def to_confirm(actor: Actor) -> list[Todo]:
    """Editions whose slots wait for a decision."""
    permission = services.confirm_all.permission
    if not actor.may(permission):
        return []
    waiting = (
        Edition.objects.visible_to(actor, permission)
        .filter(status=Edition.Status.DRAFT)
        .select_related("form")
    )
    return [
        Todo(f"确认“{one.form.title}”的对应", f"/paperwork/editions/{one.pk}/map/", f"还有 {one.unconfirmed} 格", "arrows-join", "制式表格")
        for one in waiting[:5]
    ]  # fmt: skip
