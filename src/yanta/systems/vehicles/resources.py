"""Rides, runs, the fleet on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yanta.kernel.base import Actor
from yanta.kernel.resource import Related, Resource, Section, Sheet, register
from yanta.systems.vehicles import queries, services
from yanta.systems.vehicles.models import Driver, Fuel, Ride, Run, Vehicle

READERS = {"engineer": "view", "auditor": "view", "leader": "view"}
KEEPING = {"owner": "*", "head": "view", **READERS}


@register
class RideResource(Resource):
    model = Ride
    icon = "car"
    hint = "还没有用车申请。"
    columns = ["destination", "applicant", "department", "starts_at", "ends_at", "people", "status", "cost"]
    filters = ["status", "department", "starts_at", "shares"]
    search = ["purpose", "destination", "applicant__name", "run__vehicle__plate"]
    facts = [
        Section("用车", ["purpose", "origin", "destination", "starts_at", "ends_at"]),
        Section("乘车", ["applicant", "department", "people", "passengers", "goods", "phone", "shares"]),
        Section("派车", ["status", "run", "run__vehicle", "run__driver", "opinion", "decided_by", "cost"]),
    ]
    actions = [
        services.ask, services.endorse, services.plan, services.join, services.refuse, services.send_back, services.resume,
        services.withdraw,
    ]  # fmt: skip
    order = ["-starts_at"]
    access = {
        "teacher": "view", "counsellor": "view", "clerk": "view", "head": "view export", "owner": "view export", **READERS,
    }  # fmt: skip

    def rows(self) -> Any:
        return Ride.objects.select_related("run__vehicle", "run__driver__person")


@register
class RunResource(Resource):
    model = Run
    icon = "steering-wheel"
    columns = ["vehicle", "driver", "route", "starts_at", "ends_at", "status", "km_before", "km_after"]
    filters = ["status", "vehicle", "driver", "starts_at"]
    search = ["route", "vehicle__plate", "driver__person__name"]
    facts = [
        Section("出车", ["vehicle", "driver", "route", "starts_at", "ends_at", "status"]),
        Section("登记", ["km_before", "km_after", "tolls", "note"]),
    ]
    related = [
        Related(
            "乘车",
            Ride,
            "run",
            ["destination", "applicant", "department", "people", "passengers", "phone", "cost"],
        )
    ]
    actions = [services.set_out, services.come_back, services.call_off]
    order = ["-starts_at"]
    access = {"teacher": "view", "owner": "view export", "head": "view", **READERS}


@register
class VehicleResource(Resource):
    model = Vehicle
    icon = "car"
    columns = [
        "plate",
        "kind",
        "model_name",
        "seats",
        "campus",
        "mileage",
        "inspected_until",
        "insured_until",
        "status",
    ]
    filters = ["kind", "status", "campus", "inspected_until", "insured_until"]
    search = ["plate", "model_name"]
    form = [
        Section("车辆", ["plate", "kind", "model_name", "seats", "campus"]),
        Section("证照", ["inspected_until", "insured_until", "status"]),
        Section("费用", ["price_per_km", "mileage"]),
    ]
    related = [
        Related("出车", Run, "vehicle", ["route", "driver", "starts_at", "ends_at", "status", "km_after"]),
        Related("加油充电", Fuel, "vehicle", ["filled_on", "litres", "amount", "mileage", "by"]),
    ]
    sheet = Sheet(key=["plate"])
    actions = [services.fill_up]
    order = ["kind", "plate"]
    access = {"teacher": "view", **KEEPING}

    def pages_for(self, row: Any, actor: Actor) -> Sequence[tuple[str, str]]:
        return [("派车看板", "/vehicles/board/")] if queries.may_see_board(actor) else []


@register
class DriverResource(Resource):
    model = Driver
    icon = "steering-wheel"
    columns = ["person", "department", "licence", "licence_until", "phone", "is_on_duty"]
    filters = ["licence", "is_on_duty", "licence_until"]
    search = ["person__name"]
    form = [
        Section("司机", ["person", "department", "phone"]),
        Section("驾驶证", ["licence", "licence_until", "is_on_duty"]),
    ]
    related = [Related("出车", Run, "driver", ["route", "vehicle", "starts_at", "ends_at", "status"])]
    access = KEEPING


@register
class FuelResource(Resource):
    model = Fuel
    icon = "gas-station"
    in_menu = in_search = False
    columns = ["vehicle", "filled_on", "litres", "amount", "mileage", "by"]
    filters = ["vehicle", "filled_on"]
    access = {"teacher": "view", "owner": "view export", "head": "view", **READERS}
