"""Equipment among the to-dos."""

from __future__ import annotations

from yanta.kernel.base import Actor
from yanta.kernel.portal.todos import Todo, todos
from yanta.systems.equipment import services
from yanta.systems.equipment.models import Item


@todos
def to_scrap(actor: Actor) -> list[Todo]:
    """Proposals to scrap that wait for a decision."""
    permission = services.scrap.permission
    if not actor.may(permission):
        return []
    count = Item.objects.visible_to(actor, permission).filter(status=Item.Status.TO_SCRAP).count()
    if not count:
        return []
    return [
        Todo(
            f"{count} 件设备申请报废",
            "/equipment/item/?status=to_scrap",
            kind="资产",
            icon="trash",
            count=count,
        )
    ]
