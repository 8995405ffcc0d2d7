"""Networks and their VLANs on screen."""

from __future__ import annotations

from typing import Any

from yanta.kernel.base import Actor, Refused
from yanta.kernel.resource import Related, Section, register
from yanta.sso.applications import public as sso
from yanta.sso.applications.resources import SUB_NOUNS, OfApplication
from yanta.sso.radius import services
from yanta.sso.radius.models import Door, VlanRule


@register
class DoorResource(OfApplication):
    model = Door
    icon = "wifi"
    columns = ["application", "vlan", "minutes", "updated_at"]
    filters = ["application"]
    form = [
        Section(
            "网络", ["application", "vlan", "minutes"],
            note="保存后在记录页点“生成新密码”，填进 FreeRADIUS；谁能上网由应用的准入规则决定",
        )
    ]  # fmt: skip
    facts = [Section("网络", ["application", "vlan", "minutes"])]
    related = [Related("VLAN 规则", VlanRule, "door", ["order", "role", "affiliation", "unit", "vlan"])]
    actions = [services.new_secret]
    access = SUB_NOUNS


@register
class VlanRuleResource(OfApplication):
    model = VlanRule
    icon = "route"
    columns = ["door", "order", "role", "affiliation", "unit", "vlan"]
    filters = ["door"]
    form = [
        Section("规则", ["door", "order", "vlan"], note="按次序，第一条符合的决定"),
        Section("对谁", ["role", "affiliation", "unit"], note="填了几项就须同时符合；都不填则人人符合"),
    ]
    access = SUB_NOUNS

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        refusal = sso.refusal_to_change(row.door.application, actor)
        if refusal:
            raise Refused(refusal)
        row.save()

    def refusal_to_delete(self, row: Any) -> str | None:
        return None
