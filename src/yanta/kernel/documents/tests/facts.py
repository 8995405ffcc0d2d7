"""A person of our own for tests, without a database."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

from PIL import Image

from yanta.kernel.base.elements import Known
from yanta.kernel.documents import Filled, Opinion, open_form
from yanta.kernel.documents.filling import fill
from yanta.kernel.documents.model import Binding
from yanta.kernel.documents.samples import Sample, build
from yanta.kernel.documents.suggesting import suggest

ON = date(2026, 11, 21)


def photo() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (295, 413), (90, 140, 200)).save(kept, "JPEG")
    return kept.getvalue()


def _text(value: str) -> Known:
    return Known(value, value, source="名册", owner="教务处", origin="x.Y.z", confirmed_on=date(2026, 9, 1))


def facts(number: int = 0, *, courses: int = 10) -> dict[str, Known]:
    """Names and places of several lengths, so that some cells want a smaller letter."""
    names = ("李雷", "欧阳修远", "阿卜杜热合曼·买买提江", "王一")
    units = ("计算机学院", "国际经济与贸易学院", "马克思主义学院", "材料科学与工程学院")
    words: dict[str, str] = {
        "person.name": names[number % 4], "person.sex": "男女"[number % 2], "person.ethnic": "汉族",
        "person.political_status": "共青团员", "person.native_place": "广东省揭阳市揭西县",
        "person.id_number": f"44522220050222{number:04d}", "person.phone": f"1380000{number:04d}",
        "person.email": f"20230121{number:02d}@stu.yanta.example", "person.bank_account": "6299288137161245936",
        "person.unit": units[number % 4], "student.number": f"20230121{number:02d}", "student.department": units[number % 4],
        "student.programme": "机械设计制造及其自动化", "student.programme_code": "080202",
        "student.class": f"机械设计制造及其自动化 2321 班{number % 7}", "student.grade": "2023级", "student.level": "本科",
        "student.status": "在读", "student.years": "4年", "student.exam_number": "23440101150001", "student.bed": "东区 3 舍 502-2",
        "student.counsellor": "周敏", "student.head_teacher": "吴越", "staff.number": f"0{number:04d}", "staff.unit": units[number % 4],
        "staff.title": "讲师（高校）", "staff.post": "实验室主任", "staff.status": "在岗", "school.name": "雁塔科技大学",
        "school.year": "2026-2027学年", "school.term": "2026-2027 学年第一学期", "student.credits": "86.5",
    }  # fmt: skip
    days = {
        "person.birth_on": date(2005, 2, 22),
        "student.enrolled_on": date(2023, 9, 1),
        "student.graduates_on": date(2027, 7, 1),
    }
    days |= {"staff.hired_on": date(2009, 7, 1), "today": ON}
    rows: list[dict[str, Any]] = [
        {
            "from": date(2023, 9, 1),
            "to": "至今",
            "period": "2023.09—至今",
            "unit": units[number % 4],
            "role": "本科生",
            "number": "1",
        }
    ]
    taken = [
        {
            "code": f"C{n:04d}",
            "course": f"高等数学（{n}）",
            "credits": Decimal("2.5"),
            "term": "2023-2024-1",
            "kind": "修读合格",
        }
        for n in range(courses)
    ]
    found = {name: _text(value) for name, value in words.items()}
    found |= {name: Known(day, f"{day.year}年{day.month}月{day.day}日", "学籍") for name, day in days.items()}
    found["person.roles"] = Known(rows, "1 条", "身份经历")
    found["student.courses"] = Known(taken, f"{courses} 门", "学分记录")
    found["person.photo"] = Known(photo(), "有照片", "证件照")
    return found


def filled(sample: Sample, number: int = 0, *, courses: int = 10) -> Filled:
    form = open_form(build(sample), sample.kind)
    slots = form.slots()
    bindings = {key: one.binding for key, one in suggest(slots, prefer=(f"{sample.audience}.",)).items()}
    opinions = [
        Opinion(one.step, "情况属实，同意申报。", "王建国", date(2026, 11, 20))
        for one in bindings.values()
        if one.step
    ]
    return fill(
        form.again(), slots, bindings, facts(number, courses=courses), opinions=opinions, title=sample.title
    )


def bound(slot: str, label: str, element: str = "", **more: Any) -> Binding:
    return Binding(slot, label, element=element, **more)
