"""What waits for people in the exchange."""

from __future__ import annotations

from yanta.hub.exchange import services
from yanta.hub.exchange.models import Connection, DriftProposal
from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import Todo, todos


@todos
def shapes_to_decide(actor: Actor) -> list[Todo]:
    if not actor.may(services.accept.permission):
        return []
    rows = DriftProposal.objects.visible_to(actor, services.accept.permission).filter(state="open")
    number, stopped = rows.count(), rows.filter(stops=True).count()
    if not number:
        return []
    detail = f"其中 {stopped} 项已使读取停止" if stopped else "读取照常，新列采纳后才读"
    return [
        Todo(
            f"{number} 项源表结构变化待处理",
            "/exchange/driftproposal/?state=open",
            detail,
            "arrows-diff",
            "数据",
            count=number,
        )
    ]


@todos
def broken_connections(actor: Actor) -> list[Todo]:
    if not actor.may(services.test.permission):
        return []
    number = Connection.objects.visible_to(actor, services.test.permission).filter(state="broken").count()
    if not number:
        return []
    return [
        Todo(
            f"{number} 个数据连接不通",
            "/exchange/connection/?state=broken",
            "测试没有通过，请核对地址与凭据",
            "plug-x",
            "数据",
            count=number,
        )
    ]
