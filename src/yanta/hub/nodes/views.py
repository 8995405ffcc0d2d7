"""Reporting upward, the region, one school."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from yanta.hub.nodes import contracts, enrolment, levels, pushing, queries, receipts, services
from yanta.hub.nodes.client import Client, Unreachable
from yanta.hub.nodes.models import HeldRow, Node, Receipt
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage

MOST_BARS = 10


class NodePage(PortalPage):
    """For those who may see nodes."""

    permission = "nodes.node.view"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(self.permission):
            raise NotAllowed("您没有节点与上报的这项权限", rule=self.permission)
        return super().dispatch(request, *args, **kwargs)


class UpwardView(NodePage):
    """How reporting stands: per upper node its streams, what waits and since when, receipts, work that came back."""

    template = "nodes/upward.html"
    permission = "nodes.stream.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        uppers = Node.objects.filter(relation=Node.Relation.UPPER)
        parts = [(upper, queries.stream_lines(upper)) for upper in uppers]
        return self.page(
            parts=parts, level=levels.own(), feedback=queries.feedback_counts(on=timezone.localdate()),
            receipts=Receipt.objects.filter(side=Receipt.Side.GOT).select_related("node")[:8],
            titles=contracts.title_of, may_push=self.actor.may(services.resume.permission),
            may_join=self.actor.may(services.join.permission), agree=services.agree, actor=self.actor,
        )  # fmt: skip


class PushView(NodePage):
    """Push now, whatever the pause; the page says what came of it."""

    permission = "nodes.stream.resume"

    def post(self, request: HttpRequest) -> HttpResponse:
        done = sum(pushing.push_node(upper, at=timezone.now(), now=True) for upper in pushing.uppers())
        messages.success(
            request, f"已上报 {done} 个包，均有回执" if done else "没有新的变化；未成的原因见各行"
        )
        return HttpResponseRedirect("/nodes/")


class CompareView(NodePage):
    """Both sides' receipts side by side."""

    template = "nodes/compare.html"
    permission = "nodes.receipt.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        upper = get_object_or_404(Node, pk=pk, relation=Node.Relation.UPPER)
        try:
            with Client(upper) as client:
                theirs = receipts.fetched(client)
        except (Refused, Unreachable) as problem:
            return self.page(upper=upper, problem=str(problem), lines=[], count=0)
        return self.page(upper=upper, problem="", lines=receipts.compare(upper, theirs), count=len(theirs))


class RegionView(NodePage):
    """The region at a glance: totals, who is fresh, what is wrong, how it is spread."""

    template = "nodes/region.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if not levels.own().collects:
            raise Http404
        lines = queries.school_lines(at=timezone.now())
        return self.page(
            level=levels.own(), lines=lines, league=sorted(lines, key=lambda line: -line.quality),
            totals={name: sum(getattr(line, name) for line in lines) for name in ("students", "staff", "area", "value", "held")},
            charts=[chart for chart in _charts() if chart["labels"]], faults=queries.worst_faults(),
            shared=queries.shared_open(), may_invite=self.actor.may(services.invite.permission),
        )  # fmt: skip


CHARTS = (
    ("student", "level", "在校生按培养层次"), ("student", "grade", "在校生按年级"), ("staff_member", "title", "教职工按专业技术职务"),
    ("building", "kind", "校舍按用途"),
)  # fmt: skip


def _charts() -> list[dict[str, Any]]:
    return [_chart(subject, dimension, title) for subject, dimension, title in CHARTS]


def _chart(subject: str, dimension: str, title: str) -> dict[str, Any]:
    found = queries.spread(subject, dimension)
    shown = sorted(found[:MOST_BARS]) if dimension == "grade" else found[:MOST_BARS]
    filled = [one for one in found if one[0]]
    leads = len(filled) > 1 and filled[0][2] > filled[1][2] and dimension != "grade"
    lead = f"{title}：{filled[0][1]}最多" if leads else title
    return {
        "id": f"{subject}-{dimension}", "title": lead, "more": f"/nodes/region/{subject}/{dimension}/",
        "labels": [name for _, name, _ in shown], "values": [rows for _, _, rows in shown],
    }  # fmt: skip


class SpreadView(NodePage):
    """One dimension over the region, and the schools behind a value."""

    template = "nodes/spread.html"

    def get(self, request: HttpRequest, subject: str, dimension: str) -> HttpResponse:
        agreed = contracts.CONTRACTS.get(subject)
        if agreed is None or dimension not in agreed.dimensions or not levels.own().collects:
            raise Http404
        values = queries.spread(subject, dimension)
        value = request.GET.get("value", values[0][0] if values else "")
        return self.page(
            level=levels.own(), subject=subject, dimension=dimension, value=value, values=values,
            noun=contracts.title_of(subject), title=contracts.field_title(subject, dimension),
            schools=queries.by_school(subject, dimension, value), dimensions=[
                (one, contracts.field_title(subject, one)) for one in agreed.dimensions
            ],
        )  # fmt: skip


class SchoolView(NodePage):
    """One node: how it stands, what is held of it, its figures, its keys."""

    template = "nodes/school.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        node = get_object_or_404(Node.objects.visible_to(self.actor).select_related("via"), pk=pk)
        holdings = queries.holdings_of(node)
        light, words = queries.freshness(
            node, max((one.applied_at for one in holdings if one.applied_at), default=None), at=timezone.now()
        )
        return self.page(
            node=node, holdings=holdings, light=light, words=words, titles=contracts.title_of,
            code=node.enrol_code if self.actor.may(services.invite.permission) else None,
            keys=enrolment.keys_of(node), faults=queries.worst_faults(node),
            held=HeldRow.objects.filter(node=node, state=HeldRow.State.OPEN)[:8],
            levels_of_students=queries.spread_of(node, "student", "level"),
            receipts=Receipt.objects.filter(node=node)[:8],
        )  # fmt: skip
