"""Files, loans and looks, on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yanta.kernel.access import roles
from yanta.kernel.resource import Related, Resource, Section, register
from yanta.systems.dossiers import services
from yanta.systems.dossiers.models import Dossier, Entry, Inspection, Loan, Reading

for role in services.borrow.roles:
    roles.allow(role, [services.borrow.permission])
KEEPERS = {"counsellor": "view", "clerk": "view export", "head": "view export", "auditor": "view"}


@register
class DossierResource(Resource):
    model = Dossier
    title = "个人档案"
    icon = "folders"
    hint = "还没有档案。每天夜里自动归集，人员办成的事也会马上归档。"
    columns = [
        "person",
        "number",
        "kind",
        "unit",
        "state",
        "entries_count",
        "missing",
        "is_sound",
        "collected_at",
    ]
    filters = ["kind", "unit", "is_sound", "has_left", "inspected_at"]
    search = ["number", "person__name"]
    facts = [
        Section("档案", ["person", "number", "kind", "unit", "state"]),
        Section("归档", ["entries_count", "missing", "collected_at", "inspected_at", "is_sound", "head"]),
    ]
    related = [
        Related("检测", Inspection, "dossier", ["created_at", "by", "is_sound", "entries_count"]),
        Related("借阅", Loan, "dossier", ["borrower", "purpose", "state", "ends_on"]),
        Related("查看记录", Reading, "dossier", ["created_at", "reader", "basis", "what"]),
    ]
    actions = [services.inspect]
    order = ["number"]
    access = KEEPERS

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return (("打开档案", f"/dossiers/{row.pk}/"),)


@register
class EntryResource(Resource):
    model = Entry
    icon = "file-text"
    in_menu = in_search = False
    columns = ["dossier", "serial", "period", "range_title", "title", "happened_on", "owner", "keep_until"]
    filters = ["range_key", "period", "happened_on", "keep_until"]
    search = ["title"]
    order = ["dossier", "serial"]
    # The entries are read on the file's own page, where every look is noted.
    access = {"auditor": "view"}


@register
class InspectionResource(Resource):
    model = Inspection
    icon = "shield-check"
    in_menu = in_search = False
    columns = ["dossier", "created_at", "by", "is_sound", "entries_count", "manifest_digest"]
    filters = ["is_sound", "created_at"]
    search = ["dossier__number"]
    access = KEEPERS


@register
class LoanResource(Resource):
    model = Loan
    icon = "book"
    hint = "还没有借阅。要看别人的档案，先在“借阅档案”里申请。"
    columns = ["dossier", "borrower", "purpose", "days", "state", "ends_on", "decided_by", "created_at"]
    filters = ["state", "dossier__unit", "created_at"]
    search = ["borrower__name", "dossier__number", "purpose"]
    facts = [
        Section("借阅", ["dossier", "borrower", "purpose", "days", "created_at"]),
        Section("审批", ["state", "ends_on", "opinion", "decided_by"]),
    ]
    actions = [services.grant, services.refuse, services.give_back]
    access = {"teacher": "view", "leader": "view", **KEEPERS}


@register
class ReadingResource(Resource):
    model = Reading
    title = "档案查看记录"
    icon = "eye"
    in_search = False
    columns = ["created_at", "dossier", "reader", "basis", "what", "address"]
    filters = ["created_at"]
    search = ["reader", "dossier__number", "basis"]
    access = {"student": "view", "teacher": "view", "auditor": "view export", "head": "view"}
