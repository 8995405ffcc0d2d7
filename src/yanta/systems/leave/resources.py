"""Leave on screen: a student's own, a counsellor's and a college's to decide."""

from __future__ import annotations

from yanta.kernel.resource import Resource, Section, register
from yanta.systems.leave import services
from yanta.systems.leave.models import Leave


@register
class LeaveResource(Resource):
    model = Leave
    title = "请假"
    icon = "plane-departure"
    hint = "还没有请假。需要离校或不能上课时，在这里申请。"
    columns = ["student", "kind", "starts_on", "ends_on", "destination", "status"]
    filters = ["status", "kind", "student__department", "starts_on"]
    search = ["student__number", "student__person__name", "destination"]
    facts = [
        Section("请假", ["student", "kind", "starts_on", "ends_on", "destination", "reason", "contact"]),
        Section("审批", ["status", "opinion", "decided_by", "returned_on"]),
        Section("学生", ["student__admin_class", "student__department", "student__person__phone"]),
    ]
    actions = [
        services.ask, services.endorse, services.grant, services.permit, services.refuse, services.send_back, services.reconsider,
        services.withdraw, services.report_back,
    ]  # fmt: skip
    order = ["-starts_on"]
    access = {
        "student": "view", "counsellor": "view export", "head": "view export", "clerk": "view export",
        "engineer": "view", "auditor": "view", "leader": "view",
    }  # fmt: skip
