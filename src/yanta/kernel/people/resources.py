"""People on screen."""

from __future__ import annotations

from yanta.kernel.people.models import Affiliation, Person
from yanta.kernel.resource import Related, Resource, Section, register

OWNER = "人事处"


@register
class PersonResource(Resource):
    """Read only: people come from the hub; what is wrong is corrected at its source."""

    model = Person
    title = "人员"
    owner = OWNER
    icon = "users"
    columns = ["name", "number", "sex", "birth_on", "home_unit", "phone"]
    filters = ["home_unit", "sex", "nationality", "ethnic"]
    search = ["name", "number", "sort_name", "id_number", "phone"]
    facts = [
        Section(
            "身份", ["number", "name", "former_name", "latin_name", "sex", "birth_on", "id_type", "id_number"]
        ),
        Section("背景", ["nationality", "ethnic", "political_status", "native_place"]),
        Section("联系", ["home_unit", "phone", "email", "bank_account"]),
    ]
    related = [
        Related("身份经历", Affiliation, "person", ["role", "number", "org_unit", "valid_from", "valid_to"])
    ]
    order = ["number"]
    access = {
        "clerk": "view export", "head": "view", "counsellor": "view", "engineer": "view export", "auditor": "view",
        "leader": "view", "student": "view", "teacher": "view",
    }  # fmt: skip


@register
class AffiliationResource(Resource):
    model = Affiliation
    title = "身份经历"
    owner = OWNER
    icon = "id-badge"
    columns = ["person", "role", "number", "org_unit", "valid_from", "valid_to"]
    filters = ["role", "org_unit"]
    search = ["person__name", "number"]
    order = ["person", "valid_from"]
    in_menu = False
    access = {**PersonResource.access}
