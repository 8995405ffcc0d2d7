"""What the plans know of a student: the courses passed or credited."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from yanta.kernel.base.elements import Answers, Element, Known, elements
from yanta.systems.curricula.models import CreditRecord

COURSES = Element(
    "student.courses", "已获学分的课程", "rows", owner="教务处",
    aliases=("课程", "成绩", "修读课程", "所学课程", "课程成绩", "学习情况"),
    columns=(
        Element("code", "课程号", aliases=("课程代码", "课程编号")),
        Element("course", "课程名称", aliases=("课程", "课程名")),
        Element("credits", "学分", "number", aliases=("获得学分",)),
        Element("term", "学期", aliases=("修读学期", "开课学期", "学年学期")),
        Element("kind", "修读方式", aliases=("方式", "获得方式")),
    ),
)  # fmt: skip
TOTAL = Element(
    "student.credits",
    "已获学分",
    "number",
    owner="教务处",
    aliases=("合计学分", "总学分", "学分合计", "已修学分", "累计学分"),
)


@elements(COURSES, TOTAL)
def of_courses(person_ids: Collection[int], names: Collection[str], *, on: date) -> Answers:
    """In the order of terms; a person with several enrolments has the courses of all."""
    rows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    totals: dict[int, Decimal] = defaultdict(Decimal)
    records = CreditRecord.objects.filter(student__person__in=person_ids).select_related(
        "course", "term", "student"
    )
    for one in records.order_by("term__starts_on", "course__code"):
        totals[one.student.person_id] += one.credits
        rows[one.student.person_id].append({
            "code": one.course.code, "course": one.course.name, "credits": one.credits,
            "term": one.term.code if one.term else "", "kind": one.get_kind_display(),
        })  # fmt: skip
    return {
        person: {
            "student.courses": Known(
                found, f"{len(found)} 门", "学分记录", "教务处", "curricula.CreditRecord"
            ),
            "student.credits": Known(
                totals[person],
                f"{totals[person].normalize():f}",
                "学分记录",
                "教务处",
                "curricula.CreditRecord.credits",
            ),
        }
        for person, found in rows.items()
    }
