"""Records that master data and processes produce of themselves: enrolment, its changes, employment, courses, matters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from django.utils import timezone

from yanta.kernel.base.archives import Piece, Range, archived
from yanta.kernel.base.elements import declared, known
from yanta.kernel.codes import service as codes
from yanta.kernel.workflow.models import Instance
from yanta.masterdata.models import StaffMember, Student

REGISTRY, HR = "教务处", "人事处"
ENROLLED = Range("enrolment", "录取与入学登记", "admission", REGISTRY, needed="always")
CHANGED = Range("enrolment_change", "学籍异动", "study", REGISTRY)
LEFT = Range("graduation", "毕业（离校）登记", "graduation", REGISTRY, needed="left")
PASSED = Range("courses", "学期修读记录", "study", REGISTRY, needed="left")
HIRED = Range("hiring", "入职登记", "entry", HR, "staff", needed="always")
TITLED = Range("title", "专业技术职务", "title", HR, "staff")
RETIRED = Range("retirement", "离退休（离校）登记", "retirement", HR, "staff", needed="left")
MATTER = Range("matter", "办件", "conduct", "办理部门", years=10)
STAFF_MATTER = Range("staff_matter", "办件", "affairs", "办理部门", "staff", years=10)
STUDYING = frozenset({"01", "02", "05", "12", "13"})


def _facts(**said: object) -> tuple[tuple[str, str], ...]:
    return tuple((label, str(value)) for label, value in said.items() if value not in (None, ""))


@archived(ENROLLED, LEFT)
def of_enrolments(person_ids: Collection[int]) -> Iterator[Piece]:
    """The beginning and, when it came, the end of studies."""
    rows = Student.objects.filter(person__in=person_ids).select_related(
        "person", "department", "programme", "admin_class"
    )
    for one in rows:
        origin = f"masterdata.student:{one.pk}"
        if one.enrolled_on:
            yield Piece(ENROLLED.key, one.person_id, "入学登记", one.enrolled_on, origin, _facts(
                学号=one.number, 考生号=one.exam_number, 学院=one.department.name, 专业=one.programme, 年级=one.grade,
                培养层次=codes.name_of("JYT1001_PYCC", one.level),
            ))  # fmt: skip
        if one.status not in STUDYING and one.left_on:
            state = codes.name_of("JYT1001_XSDQZT", one.status)
            yield Piece(
                LEFT.key,
                one.person_id,
                f"{state}登记",
                one.left_on,
                f"{origin}:left",
                _facts(学籍状态=state, 离校日期=one.left_on),
            )


@archived(CHANGED)
def of_enrolment_changes(person_ids: Collection[int]) -> Iterator[Piece]:
    """Every change of state, college, programme or class, as the history of the enrolment has it."""
    events: Any = Student._meta.get_field("history_events").related_model
    before: dict[int, Any] = {}
    for one in events._default_manager.filter(person_id__in=person_ids).order_by("pgh_obj_id", "pgh_id"):
        last = before.get(one.pgh_obj_id)
        before[one.pgh_obj_id] = one
        changed = last and [
            (label, name) for label, name in (("学籍状态", "status"), ("学院", "department_id"), ("专业", "programme_id"), ("班级", "admin_class_id"))
            if getattr(last, name) != getattr(one, name)
        ]  # fmt: skip
        if changed:
            day = timezone.localdate(one.pgh_created_at)
            said = tuple(
                (label, f"{_named(name, getattr(last, name))} → {_named(name, getattr(one, name))}")
                for label, name in changed
            )
            title = "、".join(label for label, _ in changed) + "变动"
            yield Piece(
                CHANGED.key,
                one.person_id,
                title,
                day,
                f"masterdata.student:{one.pgh_obj_id}:{one.pgh_id}",
                said,
            )


def _named(field: str, key: Any) -> str:
    if key in (None, ""):
        return "无"
    if field == "status":
        return codes.name_of("JYT1001_XSDQZT", key)
    target: Any = Student._meta.get_field(field.removesuffix("_id")).related_model
    return str(target._default_manager.filter(pk=key).first() or key)


@archived(PASSED)
def of_courses(person_ids: Collection[int]) -> Iterator[Piece]:
    """What was passed, term by term; as whoever keeps it answers."""
    if "student.courses" not in declared():
        return
    today = timezone.localdate()
    for person, values in known(person_ids, ["student.courses"], on=today).items():
        terms: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in values["student.courses"].value if "student.courses" in values else []:
            terms[str(row.get("term") or "")].append((str(row["course"]), f"{row['credits']} 学分"))
        for term, rows in terms.items():
            if term:
                yield Piece(
                    PASSED.key, person, f"{term} 修读合格 {len(rows)} 门", _end_of(term), f"curricula.creditrecord:{person}:{term}",
                    tuple(sorted(rows)),
                )  # fmt: skip


def _end_of(term: str) -> date:
    """2025-2026-1 ends in January, -2 in July."""
    second = int(term[5:9]) if term[5:9].isdecimal() else timezone.localdate().year
    return date(second, 7, 15) if term.endswith("-2") else date(second, 1, 20)


@archived(HIRED, TITLED, RETIRED)
def of_employments(person_ids: Collection[int]) -> Iterator[Piece]:
    """The beginning, the present title, the end."""
    for one in StaffMember.objects.filter(person__in=person_ids).select_related("department"):
        origin = f"masterdata.staffmember:{one.pk}"
        if one.entered_on:
            kind = codes.name_of("JYT1001_JZGLB", one.kind) if one.kind else ""
            yield Piece(
                HIRED.key,
                one.person_id,
                "入职登记",
                one.entered_on,
                origin,
                _facts(工号=one.number, 部门=one.department.name, 类别=kind),
            )
            yield from _title_of(one)
        if one.status in ("retired", "left") and one.left_on:
            state = one.get_status_display()
            yield Piece(
                RETIRED.key, one.person_id, f"{state}登记", one.left_on, f"{origin}:left", _facts(状态=state)
            )


def _title_of(one: StaffMember) -> Iterator[Piece]:
    """The title that is held now; the day of its award is not kept anywhere yet, so it stands under the day of entry."""
    if one.title and one.entered_on:
        name = codes.name_of("GBT8561_ZYJSZW", one.title)
        origin = f"masterdata.staffmember:{one.pk}:title:{one.title}"
        yield Piece(
            TITLED.key,
            one.person_id,
            f"任{name}",
            one.entered_on,
            origin,
            _facts(专业技术职务=name, 行政职务=one.post),
        )


@archived(MATTER, STAFF_MATTER)
def of_matters(person_ids: Collection[int]) -> Iterator[Piece]:
    """Every process that came to an end, with its steps."""
    students = set(Student.objects.filter(person__in=person_ids).values_list("person_id", flat=True))
    ended = Instance.objects.filter(
        applicant__in=person_ids, state=Instance.State.ENDED, ended_at__isnull=False
    )
    for one in ended.exclude(outcome="withdrawn").prefetch_related("items__person").order_by("pk"):
        person = one.applicant_id or 0
        signed = [item for item in one.items.all() if item.state == "done" and item.person]
        steps = tuple(
            (item.node_title, f"{item.person.name} {timezone.localdate(item.acted_at)}")
            for item in signed
            if item.acted_at
        )
        outcome = dict(Instance.Outcome.choices).get(one.outcome, one.outcome)
        key = MATTER.key if person in students else STAFF_MATTER.key
        yield Piece(
            key,
            person,
            one.title,
            timezone.localdate(one.ended_at),
            f"workflow.instance:{one.pk}",
            (("结果", str(outcome)), *steps),
        )
