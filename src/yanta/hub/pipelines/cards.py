"""Pipelines in the menu, among the to-dos and on the home page."""

from __future__ import annotations

from django.utils import timezone

from yanta.hub.pipelines import queries
from yanta.hub.pipelines.models import HeldRow, ReceiptCopy
from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, CardRow, Figure, Place, Todo, card, places, todos

WORDS = {"green": "正常", "yellow": "需留意", "red": "异常", "grey": "未启用"}


@places
def pages() -> list[Place]:
    """Pages beside the declared nouns."""
    return [
        Place("管道运行台", "/pipelines/", "数据", "git-merge", "每条管道的状态、上次与下次运行", permission="pipelines.pipeline.view"),
        Place("管道吞吐", "/pipelines/throughput/", "数据", "gauge", "每条管道的行数、速度与用时", permission="pipelines.pipeline.view"),
    ]  # fmt: skip


@todos
def rows_to_put_right(actor: Actor) -> list[Todo]:
    if not actor.may("pipelines.heldrow.correct"):
        return []
    rows = (
        HeldRow.objects.visible_to(actor, "pipelines.heldrow.correct")
        .filter(state=HeldRow.State.OPEN)
        .count()
    )
    told = "更正后重放，或注明理由不予采用"
    return (
        [
            Todo(
                f"{rows} 行管道数据被隔离",
                "/pipelines/heldrow/?state=open",
                told,
                "alert-triangle",
                "数据",
                count=rows,
            )
        ]
        if rows
        else []
    )


@todos
def accounts_to_check(actor: Actor) -> list[Todo]:
    if not actor.may("pipelines.receiptcopy.confirm") or not actor.has_role("clerk", "head"):
        return []
    mine = ReceiptCopy.objects.visible_to(actor, "pipelines.receiptcopy.confirm").filter(
        state=ReceiptCopy.State.WAITING
    )
    rows = mine.count()
    told = "与本部门系统核对后确认，不符可提出异议"
    return (
        [
            Todo(
                f"{rows} 份数据对账单待核对",
                "/pipelines/receiptcopy/?state=waiting",
                told,
                "receipt",
                "数据",
                count=rows,
            )
        ]
        if rows
        else []
    )


@card(title="数据管道", order=16, for_roles=("engineer", "leader", "auditor"), icon="git-merge")
def lights(actor: Actor) -> CardContent | None:
    """How many are well, and which are not."""
    if not actor.may("pipelines.pipeline.view"):
        return None
    found = list(queries.visible_pipelines(actor).filter(is_active=True))
    if not found:
        return None
    states = queries.lights(found, at=timezone.now())
    bad = [one for one in found if states[one.pk] in ("red", "yellow")]
    figures = [Figure("正常", str(len(found) - len(bad)), "条"), Figure("待处理", str(len(bad)), "条")]
    rows = [
        CardRow(one.title, f"/pipelines/of/{one.code}/", WORDS[states[one.pk]], one.owner.name)
        for one in bad[:5]
    ]
    return CardContent(rows, figures, more_url="/pipelines/", empty="所有管道正常")
