"""What certificates add to what is known of a person: results, ranking and income, as their departments deliver them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from django.utils import timezone

from yanta.kernel.base.archives import Piece, Range, archived
from yanta.kernel.base.elements import Answers, Element, Known, elements
from yanta.systems.certificates.models import Certificate
from yanta.systems.certificates.queries import statements, telling

__all__ = ["telling"]  # the public page of seals asks there
REGISTRY, TREASURY = "教务处", "财务处"

MARKS = Element(
    "student.marks", "课程成绩", "rows", owner=REGISTRY, aliases=("成绩单", "学习成绩", "各科成绩"),
    columns=(
        Element("term", "学期"), Element("course", "课程"), Element("code", "课程号"), Element("credits", "学分", "number"),
        Element("score", "成绩", "number", aliases=("分数",)), Element("point", "绩点", "number"),
    ),
)  # fmt: skip
STANDING = (
    Element("student.gpa", "平均学分绩点", "number", owner=REGISTRY, aliases=("绩点", "GPA")),
    Element("student.average", "加权平均分", "number", owner=REGISTRY, aliases=("平均成绩", "平均分")),
    Element("student.rank", "专业排名", "number", owner=REGISTRY, aliases=("排名", "名次")),
    Element("student.rank_of", "排名总人数", "number", owner=REGISTRY, aliases=("专业人数",)),
)
INCOME = (
    Element("staff.income", "月收入", "rows", owner=TREASURY, is_sensitive=True, columns=(
        Element("month", "月份"), Element("gross", "应发（元）", "number"), Element("net", "实发（元）", "number"),
    )),
    Element("staff.monthly_income", "近十二个月月均应发", "number", owner=TREASURY, is_sensitive=True, aliases=("月收入",)),
    Element("staff.yearly_income", "近十二个月应发合计", "number", owner=TREASURY, is_sensitive=True, aliases=("年收入",)),
)  # fmt: skip


@elements(MARKS)
def marks_of(person_ids: Collection[int], names: Collection[str], *, on: date) -> Answers:
    """The best result of every course, in the order of terms."""
    found = statements.marks_of(person_ids)
    return {
        person: {MARKS.name: Known(rows, f"{len(rows)} 门", "课程成绩", REGISTRY, "certificates.Mark")}
        for person, rows in found.items()
    }


@elements(*STANDING)
def standing_of(person_ids: Collection[int], names: Collection[str], *, on: date) -> Answers:
    """Averages over all results, and the place among those of the same programme and grade."""
    found = statements.standings_of(person_ids)
    return {
        person: {
            name: Known(value, f"{value}", "课程成绩汇总", REGISTRY, "certificates.Mark", on)
            for name, value in one.values().items()
            if name in names
        }
        for person, one in found.items()
    }


@elements(*INCOME)
def income_of(person_ids: Collection[int], names: Collection[str], *, on: date) -> Answers:
    """Twelve months, the latest last."""
    return {
        person: {
            name: Known(value, shown, "工资发放", TREASURY, "certificates.Income", on)
            for name, (value, shown) in values.items()
            if name in names
        }
        for person, values in statements.income_of(person_ids, on=on).items()
    }


KEPT = (
    Range("certificates", "开具的证明", "conduct", REGISTRY, years=10),
    Range("staff_certificates", "开具的证明", "affairs", "人事处", "staff", years=10),
)


@archived(*KEPT)
def records_of(person_ids: Collection[int]) -> Iterator[Piece]:
    """Every certificate that was sealed, with its paper, in the holder's personal file."""
    rows = (
        Certificate.objects.filter(person__in=person_ids, issued_at__isnull=False)
        .select_related("kind")
        .order_by("pk")
    )
    for one in rows:
        staff = one.kind.audience == "employed"
        on = timezone.localdate(one.issued_at)
        facts = (("证明编号", one.number or ""), ("用途", one.purpose), ("状态", one.get_state_display()))
        key = KEPT[1].key if staff else KEPT[0].key
        yield Piece(
            key, one.person_id, one.kind.name, on, f"certificates.certificate:{one.pk}", facts, one.file_id
        )
