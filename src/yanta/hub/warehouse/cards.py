"""The warehouse on the home page, among the to-dos and in the menu."""

from __future__ import annotations

from yanta.hub.warehouse import boards, reading
from yanta.hub.warehouse.models import Board, Disagreement
from yanta.hub.warehouse.sight import VIEW, Sight
from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, CardRow, Figure, Place, Todo, card, places, todos

AREA = "决策支持"
ASK = "warehouse.export.view"
FIGURES = 5


@places
def own_pages() -> list[Place]:
    """Pages that no noun leads to."""
    return [
        Place("看板", "/warehouse/boards/", AREA, icon="layout-dashboard", summary="结论在前，每个数字都能点到行和口径", permission=VIEW),
        Place("综合查询", "/warehouse/ask/", AREA, icon="zoom-question", summary="选主题、字段和条件，自己查、自己分组、导出", permission=ASK),
        Place("我的查询", "/warehouse/questions/", AREA, icon="bookmarks", summary="存下来的、共享给我的查询", permission=ASK),
    ]  # fmt: skip


def _content(actor: Actor, code: str) -> CardContent | None:
    if not actor.may(VIEW):
        return None
    board = Board.objects.filter(code=code).first()
    if board is None or not board.items:
        return None
    sight = Sight(actor)
    unit = boards.unit_of(board, sight, "")
    indicators = {one.code: one for one in reading.open_indicators() if one.code in board.items}
    found = reading.readings(unit, [indicators[item] for item in board.items if item in indicators])
    query = f"?unit={unit.code}" if unit.depth > 1 else ""
    figures = [
        Figure(one.indicator.name, one.shown, one.indicator.unit_label, f"/warehouse/figures/{one.indicator.code}/{query}", one.change)
        for one in found[:FIGURES] if one.value is not None
    ]  # fmt: skip
    rows = [
        CardRow(one.sentence, f"/warehouse/figures/{one.indicator.code}/{query}", icon="alert-triangle", tone=one.tone)
        for one in found if one.tone in ("danger", "warning")
    ]  # fmt: skip
    return CardContent(
        rows[:3], figures, more_url=f"/warehouse/boards/{code}/", more="打开看板", empty="还没有算出指标"
    )


@card(title="一分钟看学校", order=5, for_roles=("leader",), icon="chart-histogram")
def school_at_a_glance(actor: Actor) -> CardContent | None:
    """The leader's five figures, and what is red among them."""
    return _content(actor, boards.LEADER)


@card(title="本单位要数", order=8, for_roles=("head",), icon="chart-histogram")
def unit_at_a_glance(actor: Actor) -> CardContent | None:
    """The head's own college beside its past."""
    return _content(actor, boards.DEAN)


@todos
def disagreements_to_settle(actor: Actor) -> list[Todo]:
    """Differences whose figures the actor's department owns."""
    if not actor.may("warehouse.disagreement.explain"):
        return []
    pending = Disagreement.objects.filter(state=Disagreement.State.PENDING)
    if not actor.has_role("engineer"):
        pending = pending.filter(owner__in=Sight(actor).own_names)
    number = pending.count()
    if not number:
        return []
    return [
        Todo(
            f"{number} 处数字不一致",
            "/warehouse/disagreement/?state=pending",
            "同一数字在两处不同，请核对",
            "arrows-diff",
            "数据",
            count=number,
        )
    ]
