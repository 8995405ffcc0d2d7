"""Reporting on the home page, among the to-dos, in the menu; which of it is there depends on the level."""

from __future__ import annotations

from django.utils import timezone
from django.utils.timezone import localtime

from yanta.hub.nodes import levels, queries, services
from yanta.hub.nodes.models import FeedbackItem, Node, Stream
from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, CardRow, Figure, Place, Todo, card, places, todos

AREA = "数据"


@places
def own_pages() -> list[Place]:
    """A school reports; an authority looks at its region, and may report too."""
    found = []
    if levels.own().reports:
        found.append(
            Place(
                "数据上报",
                "/nodes/",
                AREA,
                "arrow-up-circle",
                "上报进度、回执与回流问题",
                "nodes.stream.view",
            )
        )
    if levels.own().collects:
        found.append(
            Place(
                "区域总览", "/nodes/region/", AREA, "map-2", "各校数据的汇总、新鲜度与质量", "nodes.node.view"
            )
        )
    return found


@todos
def feedback_to_handle(actor: Actor) -> list[Todo]:
    """What came back from above to the actor's units."""
    if not actor.may(services.explain.permission):
        return []
    rows = FeedbackItem.objects.visible_to(actor, services.explain.permission).filter(state="open")
    first = rows.exclude(due_on=None).order_by("due_on").values_list("due_on", flat=True).first()
    number = rows.count()
    if not number:
        return []
    return [
        Todo(
            f"{number} 条上级退回的数据问题", "/nodes/feedbackitem/?state=open", "改好源头数据自动重报，或说明情况",
            "message-report", "上报", first, number,
        )
    ]  # fmt: skip


@todos
def streams_to_agree(actor: Actor) -> list[Todo]:
    if not actor.may(services.agree.permission):
        return []
    number = Stream.objects.visible_to(actor, services.agree.permission).filter(state="proposed").count()
    if not number:
        return []
    return [
        Todo(
            f"{number} 项数据上报待同意",
            "/nodes/",
            "上级要求，归口部门同意后开始",
            "arrow-up-circle",
            "上报",
            count=number,
        )
    ]


@todos
def nodes_to_let_in(actor: Actor) -> list[Todo]:
    if not actor.may(services.activate.permission):
        return []
    waiting = Node.objects.filter(state=Node.State.PENDING)
    return [
        Todo(f"{node.name}申请接入", f"/nodes/schools/{node.pk}/", "核对公钥后启用", "affiliate", "上报")
        for node in waiting
    ]


@card(title="数据上报", order=18, for_roles=("engineer", "leader"), icon="arrow-up-circle")
def reporting(actor: Actor) -> CardContent | None:
    """Per upper node: how many streams are well, what waits."""
    uppers = Node.objects.filter(relation=Node.Relation.UPPER)
    if not levels.own().reports or not uppers or not actor.may("nodes.stream.view"):
        return None
    rows = []
    for upper in uppers:
        lines = queries.stream_lines(upper)
        waiting = sum(line.waiting for line in lines)
        active = sum(line.stream.state == Stream.State.ACTIVE for line in lines)
        rows.append(
            CardRow(
                upper.name, "/nodes/", f"{active} 项上报中", f"{waiting} 个包待发" if waiting else "没有积压"
            )
        )
    counts = queries.feedback_counts(on=timezone.localdate())
    figures = [Figure("待处理问题", f"{counts['open']:,}", "条", "/nodes/feedbackitem/?state=open")]
    return CardContent(rows, figures, more_url="/nodes/")


@card(title="区域数据", order=10, for_roles=("engineer", "leader", "auditor"), icon="map-2")
def region(actor: Actor) -> CardContent | None:
    """The region's totals, and the schools that have fallen silent."""
    if not levels.own().collects or not actor.may("nodes.node.view"):
        return None
    lines = queries.school_lines(at=timezone.now())
    figures = [
        Figure("学校", f"{len(lines):,}", "所"), Figure("在校生", f"{sum(line.students for line in lines):,}", "人"),
        Figure("教职工", f"{sum(line.staff for line in lines):,}", "人"),
        Figure("待更正", f"{sum(line.held for line in lines):,}", "行", "/nodes/heldrow/?state=open"),
    ]  # fmt: skip
    rows = [
        CardRow(
            line.node.name, f"/nodes/schools/{line.node.pk}/", line.words,
            f"{localtime(line.applied_at):%m-%d %H:%M}" if line.applied_at else "", tone=line.light,
        )
        for line in sorted(lines, key=lambda line: line.light == "success")[:5]
    ]  # fmt: skip
    return CardContent(rows, figures, more_url="/nodes/region/", empty="还没有学校接入")
