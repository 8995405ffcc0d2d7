"""Leave on screen: a student's own, a counsellor's and a college's to decide."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.resource import Resource, Section, register
from yanta.systems.leave import events, rules, services
from yanta.systems.leave.models import Leave


@register
class LeaveResource(Resource):
    model = Leave
    title = "请假"
    send = "提交申请"
    icon = "plane-departure"
    hint = "还没有请假。需要离校或不能上课时，在这里申请。"
    columns = ["student", "kind", "starts_on", "ends_on", "destination", "status"]
    filters = ["status", "kind", "student__department", "starts_on"]
    search = ["student__number", "student__person__name", "destination"]
    form = [
        Section("请假", ["student", "kind", "starts_on", "ends_on"]),
        Section("去向", ["destination", "reason", "contact"]),
    ]
    facts = [
        Section("请假", ["student", "kind", "starts_on", "ends_on", "destination", "reason", "contact"]),
        Section("审批", ["status", "opinion", "decided_by", "returned_on"]),
        Section("学生", ["student__admin_class", "student__department", "student__person__phone"]),
    ]
    actions = [services.endorse, services.grant, services.refuse, services.withdraw, services.report_back]
    order = ["-starts_on"]
    access = {
        "student": "view add", "counsellor": "view export", "head": "view export", "clerk": "view export",
        "engineer": "view", "auditor": "view", "leader": "view",
    }  # fmt: skip

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        refusal = rules.refusal_reason(
            starts_on=row.starts_on, ends_on=row.ends_on, kind=row.kind, today=timezone.localdate()
        )
        if refusal:
            raise Refused(refusal, field="starts_on")
        row.save()
        if adding:
            publish(events.LeaveAsked(leave_id=row.pk))
