"""Equipment on screen."""

from __future__ import annotations

from typing import Any

from yanta.kernel.base import Actor
from yanta.kernel.codes import numbers
from yanta.kernel.resource import Resource, Section, Sheet, register
from yanta.systems.equipment import services
from yanta.systems.equipment.models import Item


@register
class ItemResource(Resource):
    model = Item
    icon = "microscope"
    hint = "设备验收后在这里入账，系统给出资产编号。"
    columns = ["name", "number", "model_name", "department", "keeper__person", "room", "price", "status"]
    filters = ["status", "category", "department", "condition", "bought_on"]
    search = ["name", "number", "model_name", "serial", "maker"]
    form = [
        Section("设备", ["name", "category", "model_name", "maker", "serial", "condition"]),
        Section("归属", ["department", "keeper", "room"]),
        Section("账面", ["price", "bought_on", "warranty_until"]),
    ]
    sheet = Sheet(key=["serial", "model_name", "maker"])
    actions = [
        services.transfer, services.set_idle, services.put_to_use, services.send_to_repair,
        services.propose_scrapping, services.scrap,
    ]  # fmt: skip
    order = ["-number"]

    def refusal_to_edit(self, row: Any) -> str | None:
        return "已报废的设备不能修改" if row.status == Item.Status.SCRAPPED else None

    def refusal_to_delete(self, row: Any) -> str | None:
        return "入账的设备不能删除，请走报废"

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        if adding:
            rule = numbers.rule_of("asset-number")
            values = {"year": row.bought_on.year, "category": row.category}
            (row.number,) = numbers.reserve(rule, values=values, by=actor.name)
        row.save()
