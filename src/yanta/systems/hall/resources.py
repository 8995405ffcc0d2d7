"""Matters for departments, designed services, ratings: on screen, in Excel and by the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import CharField, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from yanta.kernel.base import Actor, Refused
from yanta.kernel.resource import Column, Related, Resource, Section, register
from yanta.kernel.resource.records import FactGroup, may_do
from yanta.kernel.workflow.models import Process
from yanta.kernel.workflow.offering import declared
from yanta.systems.hall import services
from yanta.systems.hall.models import Design, Matter, Rating, Version
from yanta.systems.hall.queries import designed, mine

READERS = {"auditor": "view export", "leader": "view export", "engineer": "view export"}

# The front end brings along the icons that are named somewhere; these may be chosen.
ICONS = (
    "file-text", "id-badge", "id-badge-2", "school", "certificate", "book", "books", "bed", "door-exit", "cash", "coin", "confetti",
    "heart-handshake", "stethoscope", "mail", "at", "desk", "umbrella", "home", "building", "car", "plane", "tool", "key", "users", "user-plus",
    "calendar", "clipboard-list", "device-laptop", "printer", "wifi", "phone", "bus", "bike", "package", "truck", "flask", "microscope",
)  # fmt: skip


@register
class MatterResource(Resource):
    model = Matter
    icon = "folders"
    hint = "还没有办件。师生提交申请后，主管部门在这里看到。"
    columns = ["number", "title", "applicant", "department", "state", "handed_in_at", "due_on", "ended_at"]
    filters = ["state", "department", "title", "handed_in_at", "due_on"]
    search = ["number", "title", "applicant__name", "applicant__number"]
    facts = [
        Section("办件", ["number", "title", "department", "state", "opinion"]),
        Section("申请", ["applicant", "handed_in_by", "handed_in_at", "due_on", "ended_at"]),
        Section("少填", ["asked", "saved"], "“少填项”是学校已有、不用申请人再填的项数。"),
    ]
    actions = [services.rate]
    access = {"clerk": "view export", "head": "view export", "student": "view", "teacher": "view", **READERS}

    def further_facts(self, row: Any) -> Sequence[FactGroup]:
        return mine.facts_of(row)

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("办理进度", f"/hall/mine/{row.pk}/")]


@register
class DesignResource(Resource):
    model = Design
    icon = "forms"
    hint = "还没有自建事项。新建后设计表单，预览满意再发布，师生就能在大厅里找到。"
    columns = [
        "title", "area", "department", Column("process", "审批流程", designed.process_name), "state", "days",
        "updated_at",
    ]  # fmt: skip
    filters = ["state", "area", "department"]
    search = ["title", "key", "words"]
    form = [
        Section("事项", ["title", "key", "area", "department", "icon", "words"]),
        Section("指南", ["guide", "basis", "materials", "channel", "fee", "days"]),
        Section("谁可以办", ["students", "staff", "by_others", "opens_on", "closes_on"]),
        Section(
            "审批",
            ["process"],
            "部门直接受理，或先由辅导员、所在单位审核；另有要求的先在流程设计里画好。",
        ),
    ]
    related = [Related("表单版本", Version, "design")]
    actions = [services.publish, services.close, services.reopen]
    access = {
        "owner": "*",
        "head": "view add edit export publish close reopen",
        "engineer": "*",
        "auditor": "view",
    }

    def rows(self) -> Any:
        """With the name of a process that was drawn."""
        named = Process.objects.filter(key=OuterRef("process")).values("title")[:1]
        return Design.objects.annotate(
            drawn_title=Coalesce(Subquery(named), F("process"), output_field=CharField())
        )

    def pages_for(self, row: Any, actor: Actor) -> Sequence[tuple[str, str]]:
        drawing = [("设计表单", f"/hall/designer/{row.pk}/")] if may_do(self, row, actor, "edit") else []
        figures = [("办理情况", f"/hall/figures/{row.key}/")] if actor.may("hall.matter.export") else []
        return drawing + figures

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        if row.key in declared():
            raise Refused("这个标识已经是系统内置的事项", field="key")
        before = None if adding else Design.objects.get(pk=row.pk).key
        if before not in (None, row.key):
            raise Refused("标识定了不再改，已经提交的办件靠它找到事项", field="key")
        if row.icon not in ICONS:
            raise Refused(f"没有图标 {row.icon}；可用：{'、'.join(ICONS)}", field="icon")
        refusal = services.designing.refusal_of_process(row.process)
        if refusal:
            raise Refused(refusal, field="process")
        row.save()

    def refusal_to_delete(self, row: Any) -> str | None:
        return "发布过的事项不能删除，可以停办" if row.versions.exists() else None


@register
class VersionResource(Resource):
    model = Version
    icon = "versions"
    in_menu = False
    columns = ["design", "number", "by_name", "published_at", "note"]
    filters = ["design"]
    access = {"owner": "view", "head": "view", "engineer": "view", "auditor": "view"}


@register
class RatingResource(Resource):
    model = Rating
    icon = "star"
    hint = "还没有评价。办件办结后，申请人可以评价一次。"
    columns = ["title", "stars", "text", "rated_on", "answer", "answer_due_on", "answered_on"]
    filters = ["stars", "title", "rated_on", "answer_due_on"]
    search = ["title"]
    facts = [
        Section("评价", ["title", "stars", "text", "rated_on"], "评价不署名：部门看不到是谁评的。"),
        Section("答复", ["answer", "answered_by", "answered_on", "answer_due_on"]),
    ]
    actions = [services.answer]
    access = {"clerk": "view export", "head": "view export", **READERS}
