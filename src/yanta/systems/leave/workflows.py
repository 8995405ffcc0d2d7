"""Who decides about a leave, and the service as students look for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yanta.kernel.workflow import process
from yanta.kernel.workflow.offering import Material, service
from yanta.systems.leave import services
from yanta.systems.leave.models import Leave


def _data(leave: Leave) -> Mapping[str, Any]:
    return {"days": leave.days, "kind": leave.kind, "status": leave.status}


ABSENCE = process(
    services.PROCESS, "请假审批", subject=Leave, file="absence.bpmn", data=_data, applicant=lambda leave: leave.student.person_id,
    link=lambda leave: f"/leave/leave/{leave.pk}/", label=lambda leave: f"{leave}（{leave.days} 天）", owner="学工部",
    names={"days": "天数", "kind": "类别", "status": "状态"},
)  # fmt: skip
service(
    "leave", "请假", area="学工", owner="学工部", apply=services.ask, process=services.PROCESS, who=("student",), icon="plane-departure",
    guide="需要离校或不能上课时申请。三天以内辅导员批，七天以内学院批，更长的学工部批；回来销假。姓名、学号、班级、电话学校已有，不用填。",
    basis=("《普通高等学校学生管理规定》（教育部令第 41 号）第二十条", "《学生请假管理办法》"),
    materials=(Material("医院诊断证明", note="病假返校后三天内补", required=False),), days=1, words=("销假", "病假", "事假", "离校"),
    order=10,
)  # fmt: skip
