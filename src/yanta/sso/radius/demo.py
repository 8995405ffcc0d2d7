"""The demo school: the campus network, its VLANs by what somebody is."""

from __future__ import annotations

from datetime import date, timedelta

from yanta.kernel.organisation.models import OrgUnit
from yanta.sso.applications.models import AccessRule, Application
from yanta.sso.radius.models import Door, VlanRule

VLANS = ((10, "staff", 20), (20, "postgraduate", 30), (30, "undergraduate", 40))


def fill(today: date) -> None:
    owner = next((unit for unit in OrgUnit.objects.all() if "信息中心" in unit.names), None)
    if owner is None:
        return
    app = Application.objects.create(
        code="campus-net", name="校园无线网", summary="连接校园 Wi-Fi，按身份分网段", home_url="https://net.yanta.example/", owner=owner,
        contact_words="信息中心办公室", state=Application.State.ACTIVE, audience=Application.Audience.EVERYONE,
        asking=Application.Asking.NEVER, review_on=today + timedelta(days=120), opinion="同意接入",
    )  # fmt: skip
    AccessRule.objects.create(application=app, effect=AccessRule.Effect.DENY, affiliation="admitted")
    door = Door.objects.create(application=app, vlan=90, minutes=480)
    VlanRule.objects.bulk_create(
        VlanRule(door=door, order=order, affiliation=kind, vlan=vlan) for order, kind, vlan in VLANS
    )
