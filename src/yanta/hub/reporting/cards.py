"""Reporting on the home page and in the menu."""

from __future__ import annotations

from django.utils import timezone

from yanta.hub.nodes import public as nodes
from yanta.hub.reporting import queries, services
from yanta.hub.reporting.models import Filing, FilingTable, ReceivedFiling
from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, CardRow, Place, Todo, card, places, todos

FILL = services.fill.permission
SIGN = services.sign.permission


@places
def pages() -> list[Place]:
    """The package list and one's own tables."""
    received = Place(
        title="收到的报表", url="/reporting/receivedfiling/", area="数据", icon="inbox",
        summary="学校报来的法定报表：核查、退回、汇总", permission="reporting.receivedfiling.view", in_menu=True,
    )  # fmt: skip
    return [
        *([received] if nodes.collects() else []),
        Place(
            title="统计上报", url="/reporting/", area="数据", icon="report-analytics",
            summary="高基表、基本状态数据：今天就能看到要报的数", permission="reporting.filing.view", in_menu=True,
        ),
        Place(
            title="我的报表", url="/reporting/mine/", area="数据", icon="table", summary="分给本部门的报表和还差的项",
            permission=FILL, in_menu=True,
        ),
    ]  # fmt: skip


@todos
def reports_to_judge(actor: Actor) -> list[Todo]:
    """What schools reported, passed the checks, and waits for a person's word."""
    if not nodes.collects() or not actor.may(services.accept.permission):
        return []
    waiting = ReceivedFiling.objects.filter(state=ReceivedFiling.State.RECEIVED)
    return [
        Todo(
            f"审核：{one}",
            f"/reporting/received/{one.pk}/",
            detail=one.receipt,
            icon="inbox",
            kind="统计上报",
        )
        for one in waiting[:20]
    ]


def _narrow(actor: Actor, permission: str) -> bool:
    """Whether the permission reaches some units only; who reaches all has an overview instead of to-dos."""
    return actor.may(permission) and not actor.reach(permission).everything


@todos
def tables(actor: Actor) -> list[Todo]:
    """Tables of one's department that are not checked, and those that wait for one's signature."""
    found: list[Todo] = []
    if _narrow(actor, SIGN):
        waiting = queries.tables_for(actor, SIGN).filter(state=FilingTable.State.CHECKED)
        found += [_todo(one, f"签字：{one.title}") for one in waiting]
    elif _narrow(actor, FILL):
        own = queries.tables_for(actor, FILL).filter(state=FilingTable.State.DRAFTING)
        found += [_todo(one, f"填报：{one.title}") for one in own]
    return found


def _todo(one: FilingTable, title: str) -> Todo:
    url = f"/reporting/filings/{one.filing_id}/tables/{one.code}/"
    return Todo(
        title, url, detail=one.filing.title, icon="report-analytics", kind="统计上报", due_on=one.due_on
    )


@card(title="统计上报", order=45, for_roles=["clerk", "head", "leader", "engineer"], icon="report-analytics")
def progress(actor: Actor) -> CardContent | None:
    """How far each open filing is, in tables signed and things still open."""
    if not actor.may("reporting.filing.view"):
        return None
    if actor.may(FILL) and _narrow(actor, FILL) and not queries.tables_for(actor, FILL).exists():
        return None
    rows = [_row(one) for one in Filing.objects.filter(state__in=Filing.OPEN).order_by("due_on")[:4]]
    return CardContent(rows=rows, more_url="/reporting/", more="全部报表") if rows else None


def _row(filing: Filing) -> CardRow:
    signed = filing.tables.filter(state=FilingTable.State.SIGNED).count()
    left = sum(queries.still_open(filing).values())
    late = filing.due_on < timezone.localdate()
    return CardRow(
        title=filing.title, url=f"/reporting/filings/{filing.pk}/", icon="report-analytics",
        detail=f"已签字 {signed}/{filing.tables.count()} 张表，还差 {left} 项", end=f"{filing.due_on:%m-%d} 截止",
        tone="danger" if late else "warning" if left else "success",
    )  # fmt: skip
