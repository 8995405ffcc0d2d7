"""Matters under way as rows: for the clerks of a unit, for whoever answers for the platform, for one's own."""

from yanta.kernel.resource import Resource, Section, register
from yanta.kernel.resource.declare import Column
from yanta.kernel.workflow import api
from yanta.kernel.workflow.models import Instance
from yanta.kernel.workflow.views import listing

__all__ = ["api"]  # it adds its addresses to the API


@register
class InstanceResource(Resource):
    """Every matter of a unit, where it stands and what it came to; nothing is changed here."""

    model = Instance
    icon = "route"
    columns = [
        "title", "process", "applicant", "unit", Column("stands", "现在", listing.said_of), "started_at", "ended_at",
    ]  # fmt: skip
    filters = ["process", "state", "unit", "started_at"]
    search = ["title", "applicant__name"]
    facts = [
        Section("办件", ["title", "process", "state", "outcome"]),
        Section("申请", ["applicant", "started_by", "unit", "started_at", "ended_at"]),
    ]
    access = {"clerk": "view export", "head": "view export", "engineer": "view export", "auditor": "view", "leader": "view",
              "student": "view", "teacher": "view"}  # fmt: skip
    hint = "各系统提交审批的事项会在这里，点开可看走到哪一步。"

    def pages(self, row: Instance) -> list[tuple[str, str]]:
        return [("办理过程", f"/workflow/trace/{row.pk}/")]
