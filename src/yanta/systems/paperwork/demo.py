"""A handful of forms in force, some portraits, one batch."""

from __future__ import annotations

import io
from dataclasses import asdict
from datetime import date, timedelta
from importlib.resources import files

from PIL import Image, ImageDraw

from yanta.kernel.base import Actor
from yanta.kernel.documents import open_form
from yanta.kernel.files import store
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import Student
from yanta.systems.paperwork import rules
from yanta.systems.paperwork.models import Edition, Form
from yanta.systems.paperwork.services import library, mapping

SYSTEM = Actor.system("demo")
# Forms that are the paper of a service, and the cell of theirs that asks for two days.
SERVICES, PERIOD = {"leave.docx": "leave"}, "请假时间"
# File, title, owner's name begins with, audience, basis, in force.
LIBRARY = (
    ("student-registration.docx", "学生登记表", "学生", "student", "《普通高等学校学生管理规定》（教育部令第 41 号）", True),
    ("scholarship.docx", "国家奖学金申请审批表", "学生", "student", "财科教〔2019〕19 号", True),
    ("transcript.docx", "学生修读成绩单", "教务", "student", "校教字〔2025〕12 号", True),
    ("status-card.xlsx", "学籍卡", "教务", "student", "《学籍管理办法》第八条", True),
    ("graduation.docx", "高等学校毕业生登记表", "学生", "student", "教育部统一样式", True),
    ("cadre-appointment.docx", "干部任免审批表", "人事", "staff", "中组部统一样式", True),
    ("annual-review.xlsx", "年度考核登记表", "人事", "staff", "《事业单位工作人员考核规定》", True),
    ("title-review.docx", "专业技术职务评审表", "人事", "staff", "人社部统一样式", False),
    ("leave.docx", "学生请假审批单", "学生", "student", "《学生请假管理办法》", True),
)  # fmt: skip


def fill(today: date) -> None:
    """Nine forms; one still waits for somebody to confirm its cells, one is the paper of a service."""
    folder = files("yanta.systems.paperwork") / "forms"
    offices = list(OrgUnit.objects.filter(valid_to=None).exclude(kind=OrgUnit.Kind.SCHOOL).order_by("path"))
    for number, (file, title, owner, audience, basis, in_force) in enumerate(LIBRARY, start=1):
        unit = next((one for one in offices if one.name.startswith(owner)), offices[0])
        form = Form.objects.create(
            code=f"bg-{number:02d}", title=title, owner=unit, audience=audience, basis=basis, service=SERVICES.get(file, ""),
            is_self_service=file not in SERVICES,
        )  # fmt: skip
        _edition(form, file, (folder / file).read_bytes(), today if in_force else None)


def _edition(form: Form, file: str, content: bytes, today: date | None) -> None:
    kind = file.rpartition(".")[2]
    kept = store(f"{form.title}.{kind}", content, actor=SYSTEM, purpose="制式表格", allow=(kind,), held=True)
    slots = open_form(content, kind).slots()
    guesses = library.suggested(form, slots)
    edition = Edition.objects.create(
        form=form, name="2026 版", file=kept, kind=kind, slots=[asdict(one) for one in slots],
        bindings=[rules.kept_binding(one.binding, trust=one.trust) for one in guesses.values()],
    )  # fmt: skip
    if today is not None:
        for slot, name in zip(
            [one for one in slots if one.label == PERIOD], ("starts_on", "ends_on"), strict=False
        ):
            mapping.bind(edition, actor=SYSTEM, slot=slot.key, element=f"application.{name}")
        mapping.confirm_all(edition, actor=SYSTEM)
        Edition.objects.filter(pk=edition.pk).update(status="in_force", valid_from=today - timedelta(days=60))


def settle(today: date) -> None:
    """Portraits of two classes, drawn, so that forms with a photo show one."""
    people = Student.objects.filter(left_on=None).order_by("-number").values_list("person_id", flat=True)[:60]
    for number, person in enumerate(people):
        store(
            "证件照.jpg",
            _portrait(number),
            actor=SYSTEM,
            purpose="person.photo",
            allow=("jpg",),
            held=True,
            owner_id=person,
        )


def _portrait(number: int) -> bytes:
    """A head and shoulders on blue."""
    image = Image.new("RGB", (295, 413), (96, 150, 206))
    draw = ImageDraw.Draw(image)
    draw.ellipse((95, 90, 200, 225), fill=(236, 205 - number % 20, 178))
    draw.pieslice((90, 70, 205, 200), 180, 360, fill=(40, 34, 30 + number % 20))
    draw.rounded_rectangle((50, 250, 245, 460), 60, fill=(50 + number % 60, 60, 90))
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=85)
    return kept.getvalue()
