"""A fortnight of leave in the demo school, in every state."""

from __future__ import annotations

import random
from datetime import date, timedelta

from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base.bulk import copy_in
from yanta.kernel.workflow.demo import hand_in
from yanta.masterdata.models import Student
from yanta.systems.leave import services
from yanta.systems.leave.models import Leave

CASES = (
    ("illness", "在校", "发烧，校医院建议休息"), ("private", "陕西省西安市雁塔区", "家中有事"),
    ("official", "北京市海淀区", "参加全国大学生数学建模竞赛"), ("private", "陕西省渭南市临渭区", "参加亲属婚礼"),
    ("illness", "陕西省西安市碑林区", "门诊复查"), ("official", "上海市杨浦区", "企业实习面试"),
)  # fmt: skip
STATES = ("submitted", "submitted", "endorsed", "granted", "granted", "returned", "refused")
COLUMNS = (
    "student_id", "kind", "starts_on", "ends_on", "destination", "reason", "contact", "status", "opinion",
    "decided_by", "returned_on",
)  # fmt: skip


def fill(today: date) -> None:
    """Some in every college, so that each counsellor has something to decide."""
    draw = random.Random(11)  # noqa: S311 - reproducible sample data
    students = list(Student.objects.order_by("pk").values_list("pk", flat=True))
    rows = []
    for student_id in draw.sample(students, min(len(students), 220)):
        kind, destination, reason = draw.choice(CASES)
        status = draw.choice(STATES)
        start = today + timedelta(
            days=draw.randrange(-10, 0) if status == "returned" else draw.randrange(0, 12)
        )
        end = start + timedelta(days=draw.randrange(4, 8) if status == "endorsed" else draw.randrange(0, 3))
        decided = status not in ("submitted",)
        rows.append((
            student_id, kind, start, end, destination, reason, "家长 16800000000", status,
            ("情况属实" if status != "refused" else "考试周，请先与任课教师协商") if decided else "",
            "辅导员" if decided else "", end if status == "returned" else None,
        ))  # fmt: skip
    copy_in(Leave, COLUMNS, rows)


def settle(today: date) -> None:
    """Where a counsellor works, what is pending goes through the process; elsewhere it is already granted."""
    grants = RoleGrant.objects.filter(role__in=("counsellor", "head"), org_unit__isnull=False)
    held = {(role, path) for role, path in grants.values_list("role", "org_unit__path")}
    paths = [path for role, path in held if role == "counsellor" and ("head", path) in held]
    pending = Leave.objects.filter(status__in=Leave.PENDING).select_related(
        "student__department", "student__person"
    )
    for leave in pending.order_by("pk"):
        if not any(leave.student.department.path.startswith(path) for path in paths):
            Leave.objects.filter(pk=leave.pk).update(
                status=Leave.Status.GRANTED, opinion="同意", decided_by="辅导员"
            )
            continue
        steps = 1 if leave.status == Leave.Status.ENDORSED else 0
        leave.status, leave.opinion, leave.decided_by = Leave.Status.SUBMITTED, "", ""
        leave.save(update_fields=["status", "opinion", "decided_by"])
        hand_in(services.PROCESS, leave, steps=steps, opinion="情况属实")
