"""A room's faults behind the code on its door, the worker's phone, the dispatcher's board."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage
from yanta.masterdata.models import Room
from yanta.systems.hall import public as hall
from yanta.systems.repairs import queries, rules, services
from yanta.systems.repairs.models import Job, Order

APPLY = "/hall/service/repair/apply/"
MONTHS = timedelta(days=180)


def _lit(order: Order, now: Any) -> dict[str, Any]:
    tone = rules.light(reported_at=order.reported_at, promised_at=order.promised_at, now=now)
    return {"order": order, "tone": tone}


class AtView(PortalPage):
    """What is already reported of this room; then one joins, or reports something else."""

    template = "repairs/at.html"

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        room = get_object_or_404(Room.objects.select_related("building__campus"), number=number)
        now, mine = timezone.now(), self.actor.person_id
        lines = [
            _lit(one, now) | {"is_mine": one.reporter_id == mine, "is_followed": one.followers.filter(person=mine).exists()}
            for one in queries.open_in(room.pk)
        ]  # fmt: skip
        return self.page(room=room, lines=lines, apply=f"{APPLY}?room={room.pk}")

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        services.follow(actor=self.actor, number=request.POST.get("number", ""))
        return redirect(request.path)


class DoorView(PortalPage):
    """A sheet for the door, with the code."""

    template = "repairs/door.html"

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        if not self.actor.may(services.dispatch.permission):
            raise NotAllowed("门上的码由后勤处打印", rule=services.dispatch.permission)
        room = get_object_or_404(Room.objects.select_related("building__campus"), number=number)
        address = request.build_absolute_uri(f"/repairs/at/{room.number}/")
        return self.page(room=room, address=address, code=segno.make(address, error="m").svg_inline(scale=6))


class JobsView(PortalPage):
    """What the worker has in hand, the most pressing first."""

    template = "repairs/jobs.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        own = Job.objects.filter(worker__person_id=self.actor.person_id)
        live = own.filter(status__in=Job.LIVE).select_related(
            "order__category", "order__room__building__campus", "order__reporter"
        )
        done = own.filter(status=Job.Status.FINISHED, finished_at__gte=now - timedelta(days=30))
        jobs = [_lit(job.order, now) | {"job": job} for job in live.order_by("order__promised_at")]
        return self.page(jobs=jobs, done=done.count(), is_worker=own.exists())


class BoardView(PortalPage):
    """What waits, who is busy, how well it goes."""

    template = "repairs/board.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.actor.may("repairs.job.view") or not self.actor.may("repairs.order.view"):
            raise NotAllowed("维修看板面向后勤处和校领导", rule="repairs.job.view")
        now = timezone.now()
        orders: Any = Order.objects.visible_to(self.actor)
        mended = queries.mended(orders, since=now - MONTHS)
        late = (
            orders.filter(status__in=Order.OPEN)
            .select_related("category", "room__building")
            .order_by("promised_at")[:30]
        )
        categories = queries.shares(mended, "category")
        keys = [one.pk for one in mended]
        return self.page(
            figures=queries.figures(orders, now=now), said=queries.opinions({"": keys}).get(""), open=[_lit(one, now) for one in late], workers=queries.loads(),
            praise=queries.opinions_of_workers(keys), least=hall.LEAST_RATINGS,
            categories=categories, buildings=queries.shares(mended, "building")[:12], chart=_chart(categories),
            may_dispatch=self.actor.may(services.dispatch.permission),
        )  # fmt: skip


def _chart(shares: list[queries.Share]) -> dict[str, Any]:
    shown = shares[:10]
    return {
        "type": "bar", "unit": "小时", "labels": [one.name for one in shown],
        "series": [{"name": "修好用时中位数", "values": [round(one.hours, 1) for one in shown]}],
    }  # fmt: skip
