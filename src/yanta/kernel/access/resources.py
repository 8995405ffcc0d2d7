"""Grants on screen."""

from __future__ import annotations

from yanta.kernel.access import services
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.resource import Resource, register


@register
class RoleGrantResource(Resource):
    model = RoleGrant
    title = "授权"
    owner = "信息中心"
    icon = "key"
    columns = ["account", "role", "org_unit", "reason", "source", "valid_from", "valid_to"]
    filters = ["role", "org_unit", "source"]
    search = ["account__username", "account__name", "reason"]
    in_search = False
    actions = [services.grant, services.withdraw]
    access = {
        "engineer": "*",
        "security": "*",
        "auditor": "view export",
        "student": "view",
        "teacher": "view",
    }
