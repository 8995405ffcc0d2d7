"""Trips and their standards on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yanta.kernel.resource import Resource, Section, Sheet, register
from yanta.systems.trips import services
from yanta.systems.trips.models import Allowance, Trip

READERS = {"engineer": "view", "auditor": "view", "leader": "view"}


@register
class TripResource(Resource):
    model = Trip
    icon = "briefcase"
    hint = "还没有出差。"
    columns = [
        "traveller",
        "department",
        "kind",
        "place",
        "starts_on",
        "ends_on",
        "estimate",
        "clashes",
        "status",
    ]
    filters = ["status", "kind", "department", "starts_on", "allowance", "country"]
    search = ["purpose", "place", "traveller__name", "budget"]
    facts = [
        Section("出差", ["traveller", "department", "kind", "purpose", "companions"]),
        Section("行程", ["allowance", "country", "place", "starts_on", "ends_on", "transport"]),
        Section("费用", ["estimate", "level", "fare", "advance", "budget", "spent"]),
        Section("安排", ["clashes", "handover"]),
        Section("审批", ["status", "opinion", "decided_by", "returned_on", "report"]),
    ]
    actions = [
        services.ask, services.endorse, services.countersign, services.grant, services.refuse, services.send_back,
        services.report_back, services.call_off, services.withdraw,
    ]  # fmt: skip
    order = ["-starts_on"]
    access = {
        "teacher": "view", "counsellor": "view", "clerk": "view export", "head": "view export", "owner": "view export", **READERS,
    }  # fmt: skip

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("冲突的课", f"/trips/trip/{row.pk}/classes/")] if row.clashes else []


@register
class AllowanceResource(Resource):
    model = Allowance
    icon = "coin"
    owner = "财务处"
    columns = ["place", "months", "first", "second", "third", "meals", "transport", "source"]
    filters = ["place"]
    search = ["place"]
    form = [
        Section("目的地", ["place", "months"]), Section("住宿", ["first", "second", "third"]),
        Section("补助", ["meals", "transport", "source"]),
    ]  # fmt: skip
    sheet = Sheet(key=["place", "months"])
    order = ["pk"]
    access = {"owner": "*", "teacher": "view", "clerk": "view", "head": "view", **READERS}
    in_search = False
