"""The library on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yanta.kernel.resource import Column, Related, Resource, Section, register
from yanta.systems.paperwork import services
from yanta.systems.paperwork.models import Batch, Edition, Form, Issued

READERS = {"engineer": "view", "auditor": "view", "leader": "view"}


@register
class FormResource(Resource):
    model = Form
    icon = "file-text"
    columns = ["title", "code", "owner", "audience", "is_self_service", "basis"]
    filters = ["audience", "owner"]
    search = ["title", "code", "basis"]
    facts = [
        Section("表格", ["title", "code", "owner", "audience"]),
        Section("依据", ["basis", "note", "is_self_service", "service"]),
    ]
    related = [Related("版本", Edition, "form", ["name", "kind", "status", "valid_from", "valid_to"])]
    actions = [services.upload, services.add_edition, services.connect]
    order = ["title"]
    hint = "上级和各部门下发的表，原样上传，确认一次对应，此后自动填写"
    access = {
        "clerk": "view upload add_edition connect",
        "head": "view upload add_edition connect",
        "counsellor": "view",
        **READERS,
    }


@register
class EditionResource(Resource):
    model = Edition
    icon = "versions"
    columns = ["form", "name", "kind", "status", "valid_from", "valid_to"]
    filters = ["status", "kind", "form__owner", "form__audience"]
    search = ["form__title", "form__code", "name"]
    facts = [
        Section("版本", ["form", "name", "kind", "status"]),
        Section("使用", ["valid_from", "valid_to", "file"]),
    ]
    related = [
        Related(
            "批量生成", Batch, "edition", ["title", "read", "filled", "with_gaps", "refused", "finished_at"]
        )
    ]
    actions = [services.bind, services.confirm_all, services.put_in_force, services.retire]
    order = ["form__title", "-pk"]
    access = {
        "clerk": "view bind confirm_all put_in_force retire",
        "head": "view put_in_force retire",
        **READERS,
    }

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [
            ("对应", f"/paperwork/editions/{row.pk}/map/"),
            ("试填", f"/paperwork/editions/{row.pk}/try/"),
        ]


@register
class BatchResource(Resource):
    model = Batch
    icon = "stack-2"
    columns = ["edition", "title", "read", "filled", "with_gaps", "refused", "finished_at"]
    filters = ["edition__form", "output", "unit"]
    search = ["edition__form__title", "title", "purpose"]
    facts = [
        Section("名单", ["edition", "unit", "title", "purpose", "output"]),
        Section("对账", ["read", "filled", "with_gaps", "refused", "finished_at"]),
        Section("结果", ["archive", "report"]),
    ]
    actions = [services.start_batch]
    order = ["-pk"]
    access = {
        "clerk": "view start_batch",
        "head": "view start_batch",
        "counsellor": "view start_batch",
        **READERS,
    }

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("对账单", f"/paperwork/batches/{row.pk}/")]


@register
class IssuedResource(Resource):
    model = Issued
    icon = "file-check"
    columns = [
        "person", "edition", "is_complete", "made_on", "made_by",
        Column("gaps", "缺项", value=lambda row: len(row.problems), kind="number"),
    ]  # fmt: skip
    filters = ["edition__form", "is_complete", "made_on"]
    search = ["person__name", "edition__form__title", "digest"]
    facts = [
        Section("文件", ["edition", "person", "batch", "instance", "file", "printed"]),
        Section("生成", ["made_on", "made_by", "is_complete", "digest"]),
    ]
    order = ["-pk"]
    in_menu = False
    access = {
        "clerk": "view",
        "head": "view",
        "counsellor": "view",
        "student": "view",
        "teacher": "view",
        **READERS,
    }

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("各格来源", f"/paperwork/issued/{row.pk}/source/")]
