"""Faults, jobs, workers and materials on screen."""

from __future__ import annotations

from typing import Any

from yanta.kernel.base import Actor
from yanta.kernel.resource import Column, Related, Resource, Section, Sheet, register
from yanta.kernel.resource.declare import further_pages
from yanta.masterdata.models import Room
from yanta.systems.repairs import services
from yanta.systems.repairs.models import Category, Follower, Job, Material, Order, Used, Worker

READERS = {"engineer": "view", "auditor": "view", "leader": "view"}
KEEPING = {"owner": "*", "head": "view", **READERS}


@register
class OrderResource(Resource):
    model = Order
    title = "报修单"
    icon = "tool"
    hint = "还没有报修。扫门上的码，或点“报修”选房间。"
    columns = [
        Column("number", "单号", lambda order: order.number), "room", "category", "description", "urgency", "status", "promised_at",
        "reporter",
    ]  # fmt: skip
    filters = ["status", "urgency", "category", "category__trade", "room__building", "reported_at"]
    search = ["description", "room__number", "room__name", "reporter__name"]
    facts = [
        Section("哪里坏了", ["room__building", "room", "spot", "category", "description", "photo"]),
        Section("报修人", ["reporter", "department", "phone", "visit"]),
        Section("进度", ["status", "urgency", "reported_at", "promised_at", "mended_at", "closed_at"]),
        Section("结果", ["reworks", "cost"]),
    ]
    related = [
        Related(
            "派工", Job, "order", ["worker", "status", "assigned_by", "assigned_at", "finished_at", "result"]
        )
    ]
    actions = [
        services.report, services.dispatch, services.reassign, services.mend, services.hand_back, services.confirm, services.rework,
        services.cancel,
    ]  # fmt: skip
    access = {
        "student": "view", "teacher": "view", "counsellor": "view", "clerk": "view", "owner": "view export", "head": "view export",
        **READERS,
    }  # fmt: skip

    def rows(self) -> Any:
        return Order.objects.select_related("room__building", "category")


@register
class JobResource(Resource):
    model = Job
    icon = "user-share"
    columns = ["order", "worker", "status", "assigned_at", "finished_at", "result"]
    filters = ["status", "worker", "assigned_at"]
    search = ["order__description", "worker__person__name"]
    facts = [
        Section("派工", ["order", "worker", "status", "assigned_by", "assigned_at"]),
        Section("结果", ["accepted_at", "finished_at", "result", "photo"]),
    ]
    related = [Related("用料", Used, "job", ["material", "quantity", "price"])]
    actions = [services.accept, services.set_out, services.take_material, services.finish, services.give_back]
    access = {"teacher": "view", "owner": "view export", "head": "view", **READERS}


@register
class FollowerResource(Resource):
    model = Follower
    icon = "user-plus"
    in_menu = in_search = False
    columns = ["order", "person", "created_at"]
    filters = ["order"]
    actions = [services.follow]
    access = {"student": "view", "teacher": "view", "owner": "view export", **READERS}


@register
class UsedResource(Resource):
    model = Used
    icon = "package"
    in_menu = in_search = False
    columns = ["job", "material", "quantity", "price"]
    filters = ["material"]
    access = {"teacher": "view", "owner": "view export", "head": "view", **READERS}


@register
class WorkerResource(Resource):
    model = Worker
    icon = "users"
    columns = ["person", "department", "trade", "second_trade", "campus", "is_on_duty"]
    filters = ["trade", "campus", "is_on_duty"]
    search = ["person__name"]
    form = [
        Section("维修人员", ["person", "department"]),
        Section("分工", ["trade", "second_trade", "campus", "is_on_duty"]),
    ]
    access = KEEPING


@register
class CategoryResource(Resource):
    model = Category
    icon = "category"
    columns = ["name", "trade", "hours", "urgent_hours", "is_urgent"]
    filters = ["trade", "is_urgent"]
    search = ["name"]
    form = [Section("类别", ["name", "trade"]), Section("承诺", ["hours", "urgent_hours", "is_urgent"])]
    sheet = Sheet(key=["name"])
    order = ["trade", "name"]
    access = {"student": "view", "teacher": "view", **KEEPING}
    in_search = False


@register
class MaterialResource(Resource):
    model = Material
    icon = "package"
    columns = ["name", "spec", "unit", "price", "stock", "minimum"]
    filters = ["name"]
    search = ["name", "spec"]
    form = [Section("材料", ["name", "spec", "unit", "price"]), Section("库存", ["minimum"])]
    sheet = Sheet(key=["name", "spec"])
    actions = [services.stock_up]
    order = ["name", "spec"]
    access = {"teacher": "view", **KEEPING}


@further_pages
def fault_of_room(row: Any, actor: Actor) -> list[tuple[str, str]]:
    """A room leads to its faults and to the code for its door."""
    if not isinstance(row, Room):
        return []
    found = [("报修", f"/repairs/at/{row.number}/")]
    return found + (
        [("门上的报修码", f"/repairs/door/{row.number}/")] if actor.may(services.dispatch.permission) else []
    )
