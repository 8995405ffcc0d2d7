"""The organisation on screen."""

from __future__ import annotations

from yanta.kernel.organisation import services
from yanta.kernel.organisation.models import OrgChange, OrgUnit, OrgUnitSpell
from yanta.kernel.resource import Related, Resource, Section, register

OWNER = "人事处"


@register
class OrgUnitResource(Resource):
    model = OrgUnit
    title = "组织机构"
    owner = OWNER
    icon = "sitemap"
    columns = ["name", "code", "short_name", "kind", "valid_from", "valid_to"]
    filters = ["kind", "valid_to"]
    search = ["name", "code", "short_name", "aliases"]
    facts = [
        Section("单位", ["code", "name", "short_name", "aliases", "english_name", "kind"]),
        Section("存续", ["valid_from", "valid_to"]),
    ]
    related = [
        Related(
            "沿革",
            OrgUnitSpell,
            "unit",
            ["name", "short_name", "parent", "valid_from", "valid_to", "document"],
        )
    ]
    actions = [
        services.establish,
        services.rename,
        services.move,
        services.merge,
        services.split,
        services.abolish,
    ]
    order = ["path"]
    access = {
        "owner": "*", "clerk": "view export", "head": "view export", "engineer": "*", "auditor": "view",
        "leader": "view export", "counsellor": "view",
    }  # fmt: skip


@register
class OrgUnitSpellResource(Resource):
    model = OrgUnitSpell
    title = "单位沿革"
    owner = OWNER
    icon = "history"
    columns = ["name", "unit", "parent", "valid_from", "valid_to", "document"]
    search = ["name", "document"]
    order = ["-valid_from"]
    in_menu = False


@register
class OrgChangeResource(Resource):
    model = OrgChange
    title = "机构调整"
    owner = OWNER
    icon = "git-merge"
    columns = ["summary", "kind", "decided_on", "document"]
    filters = ["kind", "decided_on"]
    search = ["summary", "document"]
    order = ["-decided_on"]
