"""One connection at a glance; one table's structure and first rows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from yanta.hub.exchange import opening, queries, services
from yanta.hub.exchange.connectors.kinds import kind_named
from yanta.hub.exchange.models import Connection, DriftProposal, Table
from yanta.kernel import audit
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.base.scope import permission_of
from yanta.kernel.portal.pages import PortalPage

VIEW = permission_of(Connection, "view")


class ExchangePage(PortalPage):
    """For those who may see connections."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(VIEW):
            raise NotAllowed("您没有数据交换的这项权限", rule=VIEW)
        return super().dispatch(request, *args, **kwargs)

    def connection(self, pk: int) -> Connection:
        return get_object_or_404(Connection.objects.visible_to(self.actor).select_related("owner"), pk=pk)


class ConnectionView(ExchangePage):
    """State, tables, what changed, how fast it was."""

    template = "exchange/connection.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.connection(pk)
        tables = list(row.tables.all())
        reads = queries.recent_reads(tables)
        last = {read.table_id: read for read in reads}
        open_ = DriftProposal.objects.filter(table__in=tables, state=DriftProposal.State.OPEN).select_related(
            "table"
        )
        return self.page(
            row=row, kind=kind_named(row.kind), rows=[(table, last.get(table.pk)) for table in tables],
            reads=reads[::-1], proposals=list(open_), chart=_chart(reads),
            sees={noun: self.actor.may(f"exchange.{noun}.view") for noun in ("driftproposal", "table", "tableread")},
            may_keep=services.register_table.offered_to(self.actor, row), may_test=services.test.offered_to(self.actor, row),
        )  # fmt: skip


def _chart(reads: list[Any]) -> dict[str, Any] | None:
    shown = [read for read in reads if read.rows and read.outcome == "done"]
    if not shown:
        return None
    labels = [timezone.localtime(read.started_at).strftime("%m-%d %H:%M") for read in shown]
    series = [{"name": "行/秒", "values": [read.rate for read in shown]}]
    return {"type": "bar", "labels": labels, "series": series, "unit": "行/秒"}


class BrowseView(ExchangePage):
    """What there is at the other end, right now: to look at before registering."""

    template = "exchange/browse.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.connection(pk)
        if not services.register_table.offered_to(self.actor):
            raise NotAllowed("只有信息中心工程师可以浏览源头", rule=services.register_table.permission)
        known = set(row.tables.values_list("name", flat=True))
        chosen = request.GET.get("table", "")
        try:
            connector = opening.opened(row)
            try:
                shapes = connector.tables()
            finally:
                connector.close()
            shape, sample = queries.preview(row, chosen) if chosen else (None, [])
        except Refused as refusal:
            return self.page(
                row=row, refusal=refusal, shapes=[], known=known, chosen="", shape=None, sample=[]
            )
        if chosen:
            audit.record(
                VIEW, actor=self.actor, subject=row, summary="查看结构与样例", data={"table": chosen}
            )
        return self.page(
            row=row, refusal=None, shapes=shapes, known=known, chosen=chosen, shape=shape, sample=sample,
            columns=queries.shape_rows(shape) if shape else [],
        )  # fmt: skip


class PreviewView(ExchangePage):
    """The structure that was accepted and some rows of now, masked."""

    template = "exchange/preview.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        table = get_object_or_404(Table.objects.visible_to(self.actor).select_related("connection"), pk=pk)
        refusal, found = None, None
        sample: list[list[str]] = []
        try:
            found, sample = queries.preview(table.connection, table.name)
            audit.record(VIEW, actor=self.actor, subject=table, summary="查看结构与样例")
        except Refused as fault:
            refusal = fault
        return self.page(
            table=table, refusal=refusal, columns=queries.shape_rows(table.accepted), sample=sample,
            names=found.names if found else (), ignored=table.ignored, aliases=table.aliases,
        )  # fmt: skip
