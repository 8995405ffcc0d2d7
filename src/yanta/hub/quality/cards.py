"""Quality among the to-dos, on the home page and in the menu."""

from __future__ import annotations

from django.utils import timezone

from yanta.hub.quality import queries, rules, services
from yanta.hub.quality.models import Exemption, Order
from yanta.hub.quality.resources import BOARD
from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, CardRow, Figure, Place, Todo, card, places, todos

AREA = "数据"


@places
def quality_pages() -> list[Place]:
    """Pages that no noun leads to."""
    return [
        Place("数据健康", "/quality/", AREA, "heartbeat", "全校数据质量得分、部门排名、整改进展", permission=BOARD),
        Place("落标情况", "/quality/standards/", AREA, "certificate", "各系统的代码值与标准相符的比例", permission=BOARD),
        Place(
            "规则建议", "/quality/suggestions/", AREA, "sparkles", "数据字典推出的质量规则，一键采纳",
            permission=services.accept.permission,
        ),
    ]  # fmt: skip


@todos
def orders_to_handle(actor: Actor) -> list[Todo]:
    """Orders of the actor's units that wait for them."""
    permission = services.take.permission
    if actor.is_system or not actor.may(permission):
        return []
    mine = Order.objects.visible_to(actor, permission).filter(
        state__in=[Order.State.OPEN, Order.State.WORKING]
    )
    due = list(mine.order_by("due_on").values_list("due_on", "is_overdue"))
    if not due:
        return []
    late = sum(overdue for _, overdue in due)
    detail = f"其中 {late} 张已超期" if late else f"最近期限 {due[0][0]:%m-%d}"
    url = "/quality/order/?state=open" if not late else "/quality/order/?is_overdue=true"
    return [Todo(f"{len(due)} 张数据整改工单", url, detail, "clipboard-check", "数据", due[0][0], len(due))]


@todos
def exemptions_to_decide(actor: Actor) -> list[Todo]:
    permission = services.grant_exemption.permission
    if actor.is_system or not actor.may(permission):
        return []
    number = Exemption.objects.visible_to(actor, permission).filter(state=Exemption.State.ASKED).count()
    if not number:
        return []
    return [
        Todo(
            f"{number} 项质量豁免待批准",
            "/quality/exemption/?state=pending",
            "",
            "shield-question",
            "数据",
            count=number,
        )
    ]


@card(title="数据健康", order=16, for_roles=("engineer", "leader", "head", "clerk"), icon="heartbeat")
def health(actor: Actor) -> CardContent | None:
    """The school's mark, and the most pressing orders of one's own."""
    if not actor.may(BOARD):
        return None
    points = queries.trend()
    mine = Order.objects.visible_to(actor, "quality.order.view").filter(state__in=Order.LIVE)
    figures = [Figure("待办工单", f"{mine.count():,}", "张", "/quality/order/?state=open")]
    if points:
        figures.insert(0, Figure("全校得分", f"{points[-1][1]}", rules.grade(points[-1][1]), "/quality/"))
    today = timezone.localdate()
    rows = [
        CardRow(
            str(one.rule), f"/quality/order/{one.pk}/", str(one.unit),
            f"超期 {-one.days_left(on=today)} 天" if one.is_overdue else f"{one.due_on:%m-%d}",
            tone="danger" if one.is_overdue else "",
        )
        for one in mine.select_related("rule", "unit").order_by("due_on")[:4]
    ]  # fmt: skip
    return CardContent(rows, figures, more_url="/quality/", more="看数据健康", empty="没有待整改的数据")
