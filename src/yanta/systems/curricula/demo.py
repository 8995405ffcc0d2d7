"""Plans of the demo school for the four grades on campus, and what the computing college's students have earned."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from yanta.kernel.base.bulk import copy_in, new_ids
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import Course, Programme, Student, Term
from yanta.systems.curricula.models import (
    CreditRecord,
    Group,
    Outcome,
    Plan,
    PlanCourse,
    Prerequisite,
    Replacement,
    Support,
)

COLLEGE = "10600"
# name, credits, hours, kind (1 理论 2 语言 3 实验 4 体育 5 实践 6 艺术), nature (1 必修 5 实践 8 通选), term
FURTHER = (
    ("形势与政策", 2, 32, "1", "1", 1), ("军事技能", 2, 48, "5", "5", 1), ("劳动教育", 1, 32, "5", "5", 2),
    ("创新创业基础", 2, 32, "1", "1", 3), ("大学英语（提高）", 3, 48, "2", "1", 2), ("体育（专项）", 1, 32, "4", "1", 2),
    ("金工实习", 2, 64, "5", "5", 4), ("生产实习", 4, 96, "5", "5", 7), ("毕业设计（论文）", 10, 160, "5", "5", 8),
)  # fmt: skip
GENERAL = (
    "中国文化概论", "艺术鉴赏", "逻辑与批判性思维", "科技史", "人工智能与社会", "经济学通识", "法律与生活", "摄影基础",
    "西方音乐欣赏", "环境与可持续发展", "心理学与生活", "数据素养", "写作与沟通", "博弈论入门", "茶文化", "天文学导论",
)  # fmt: skip
# When the school's common courses are taken.
COMMON_TERMS = {
    "高等数学": 1, "线性代数": 2, "概率论与数理统计": 3, "大学物理": 2, "大学物理实验": 2, "大学英语": 1, "思想道德与法治": 1,
    "中国近现代史纲要": 2, "马克思主义基本原理": 3, "体育": 1, "大学计算机基础": 1, "程序设计基础": 2, "工程制图": 3, "军事理论": 1,
    "大学生心理健康": 1, "职业生涯规划": 4,
}  # fmt: skip
OUTCOMES = (
    ("1", "工程知识"), ("2", "问题分析"), ("3", "设计与开发"), ("4", "研究"), ("5", "使用现代工具"), ("6", "工程与社会"),
    ("7", "沟通与团队"), ("8", "终身学习"),
)  # fmt: skip
COURSE_COLUMNS = (
    "code", "name", "department_id", "credits", "hours", "kind", "nature", "english_name", "is_open",
)  # fmt: skip
PLAN_COLUMNS = (
    "id", "programme_id", "grade", "kind", "version", "credits", "degree", "aims", "status", "opinion", "published_on",
    "made_from_id",
)  # fmt: skip
GROUP_COLUMNS = (
    "id", "plan_id", "code", "name", "parent_id", "position", "need", "minimum_credits", "minimum_courses",
    "minimum_groups", "accepts", "nature", "note",
)  # fmt: skip
LISTED_COLUMNS = ("group_id", "course_id", "credits", "term_number", "assessment", "is_core")
GROUPS = 7


@dataclass(slots=True)
class Catalogue:
    """The courses by what they are in a plan."""

    common: list[Course]
    practice: list[Course]
    own: dict[str, list[Course]]
    terms: dict[str, int]


def fill(today: date) -> None:
    """Sixty programmes in four grades in force, next year's computing plans on their way through approval."""
    programmes = list(Programme.objects.filter(level="3").order_by("code").select_related("department"))
    teaching = Course.objects.filter(code__startswith="G").values_list("department_id", flat=True).first()
    if not programmes or teaching is None:
        return
    _further_courses(teaching)
    catalogue = _catalogue()
    first = today.year if today.month >= 8 else today.year - 1
    plans = [(one, grade, "published") for one in programmes for grade in range(first - 3, first + 1)]
    states = ("draft", "college", "registry")
    computing = [one for one in programmes if one.department.code == COLLEGE]
    plans += [(one, first + 1, states[n % 3]) for n, one in enumerate(computing)]
    _load(plans, catalogue, today)
    _minors(computing, range(first - 3, first + 1), catalogue, today)
    _relations(catalogue)
    _outcomes(first)


def _further_courses(department: int) -> None:
    rows: list[tuple[Any, ...]] = [
        (f"P{n:05d}", name, department, points, hours, kind, nature, "", True)
        for n, (name, points, hours, kind, nature, _) in enumerate(FURTHER, start=1)
    ]
    rows += [
        (f"T{n:05d}", name, department, 2 if n % 3 else 1, 32 if n % 3 else 16, "1", "8", "", True)
        for n, name in enumerate(GENERAL, start=1)
    ]
    copy_in(Course, COURSE_COLUMNS, rows)


def _catalogue() -> Catalogue:
    courses = list(Course.objects.filter(is_open=True).order_by("code"))
    own: dict[str, list[Course]] = {}
    for course in courses:
        if course.code.startswith("Z"):
            own.setdefault(course.code[1:-2], []).append(course)
    terms = {f"P{n:05d}": line[5] for n, line in enumerate(FURTHER, start=1)}
    by_letter = {letter: [one for one in courses if one.code.startswith(letter)] for letter in "GP"}
    return Catalogue(by_letter["G"], by_letter["P"], own, terms)


def _load(plans: list[tuple[Programme, int, str]], catalogue: Catalogue, today: date) -> None:
    """Everything goes in as a draft; only then are the plans published, after which nothing may change."""
    plan_ids, group_ids = new_ids(Plan, len(plans)), new_ids(Group, len(plans) * GROUPS)
    plan_rows, group_rows, listed_rows = [], [], []
    for number, (programme, grade, _) in enumerate(plans):
        keys = group_ids[number * GROUPS : (number + 1) * GROUPS]
        groups = list(_groups(programme, grade, plan_ids[number], keys, catalogue))
        least = sum(row[7] for row, _ in groups if row[4] is None)
        plan_rows.append((
            plan_ids[number], programme.pk, grade, "major", 1, least, "学士", f"培养{programme.name}领域的高素质专门人才。", "draft",
            "", None, None,
        ))  # fmt: skip
        group_rows += [row for row, _ in groups]
        listed_rows += [line for _, lines in groups for line in lines]
    copy_in(Plan, PLAN_COLUMNS, plan_rows)
    copy_in(Group, GROUP_COLUMNS, group_rows)
    copy_in(PlanCourse, LISTED_COLUMNS, listed_rows)
    for status in ("published", "college", "registry"):
        keys = [key for key, (_, _, wanted) in zip(plan_ids, plans, strict=True) if wanted == status]
        day = {"published_on": today} if status == "published" else {}
        Plan.objects.filter(pk__in=keys).update(status=status, **day)


def _minors(programmes: list[Programme], grades: range, catalogue: Catalogue, today: date) -> None:
    """The computing programmes as minors: eight courses of the major."""
    pairs = [(one, grade) for one in programmes for grade in grades if catalogue.own.get(one.code)]
    plan_ids, group_ids = new_ids(Plan, len(pairs)), new_ids(Group, len(pairs))
    plan_rows, group_rows, listed_rows = [], [], []
    for plan, group, (programme, grade) in zip(plan_ids, group_ids, pairs, strict=True):
        courses = catalogue.own[programme.code][:8]
        total = sum((one.credits for one in courses), Decimal(0))
        plan_rows.append((plan, programme.pk, grade, "minor", 1, total, "", "", "draft", "", None, None))
        code = f"{programme.code}-{grade}F-1-01"
        group_rows.append((group, plan, code, "辅修课程", None, 1, "all", total, 0, 0, "listed", "", ""))
        listed_rows += [(group, one.pk, one.credits, 3 + n // 2, "1", True) for n, one in enumerate(courses)]
    copy_in(Plan, PLAN_COLUMNS, plan_rows)
    copy_in(Group, GROUP_COLUMNS, group_rows)
    copy_in(PlanCourse, LISTED_COLUMNS, listed_rows)
    Plan.objects.filter(pk__in=plan_ids).update(status="published", published_on=today)


Listed = list[tuple[Any, ...]]


def _groups(
    programme: Programme, grade: int, plan: int, keys: list[int], catalogue: Catalogue
) -> Iterator[tuple[tuple[Any, ...], Listed]]:
    """Seven groups, two of them below a third."""
    own = catalogue.own.get(programme.code, [])
    required, elective = own[:8], own[8:]
    place = {id(course): n for n, course in enumerate(own)}

    def row(
        n: int, name: str, courses: list[Course], *, least: Decimal | None = None, parent: int | None = None,
        accepts: str = "listed", nature: str = "", note: str = "",
    ) -> tuple[Any, ...]:  # fmt: skip
        total = sum((course.credits for course in courses), Decimal(0)) if least is None else least
        return (
            keys[n], plan, f"{programme.code}-{grade}-1-{n + 1:02d}", name, parent, n + 1,
            "all" if least is None and courses else "some", total, 0, 0, accepts, nature, note,
        )  # fmt: skip

    def lines(n: int, courses: list[Course], term: Any, *, core: bool = False) -> Listed:
        return [(keys[n], one.pk, one.credits, term(one), "1" if n < 3 else "", core) for one in courses]

    half = (sum((one.credits for one in elective), Decimal(0)) / 2).quantize(Decimal(1))
    basic = sum((one.credits for one in required), Decimal(0)) + half
    yield (
        row(0, "公共必修", catalogue.common),
        lines(0, catalogue.common, lambda c: COMMON_TERMS.get(c.name, 4)),
    )
    yield row(1, "专业教育", [], least=basic), []
    yield (
        row(2, "专业必修", required, parent=keys[1]),
        lines(2, required, lambda c: min(7, 1 + place[id(c)]), core=True),
    )
    yield (
        row(3, "专业选修", elective, least=half, parent=keys[1], note="任选"),
        lines(3, elective, lambda c: 5 + place[id(c)] % 3),
    )
    general = row(
        4, "通识选修", [], least=Decimal(6), accepts="nature", nature="8", note="任选通识课程，各模块不限"
    )
    yield general, []
    yield (
        row(5, "集中实践", catalogue.practice),
        lines(5, catalogue.practice, lambda c: catalogue.terms[c.code]),
    )
    yield row(6, "自主发展", [], least=Decimal(4), accepts="any", note="任何课程都认，如跨专业选修"), []


def _relations(catalogue: Catalogue) -> None:
    known = {course.name: course.pk for course in catalogue.common}
    pairs = [("概率论与数理统计", "高等数学", "before"), ("大学物理", "高等数学", "together"),
             ("大学物理实验", "大学物理", "together"), ("马克思主义基本原理", "思想道德与法治", "before")]  # fmt: skip
    rows = [
        (known[course], known[needs], kind, 0)
        for course, needs, kind in pairs
        if course in known and needs in known
    ]
    for own in catalogue.own.values():
        rows += [(own[n].pk, own[n - 1].pk, "before", 0) for n in (2, 4, 6) if n < len(own)]
    copy_in(Prerequisite, ("course_id", "needs_id", "kind", "alternative"), rows)
    if {"大学英语", "体育"} <= known.keys():
        further = {course.name: course.pk for course in catalogue.practice}
        replaced = [
            (known["大学英语"], further["大学英语（提高）"]),
            (known["体育"], further["体育（专项）"]),
        ]
        columns = ("course_id", "by_id", "basis")
        copy_in(Replacement, columns, [(*pair, "教学委员会会议纪要") for pair in replaced])


def _outcomes(first: int) -> None:
    """The computing college's newest drafts show the matrix."""
    plans = Plan.objects.filter(programme__department__code=COLLEGE, grade=first + 1, status="draft")
    for plan in plans:
        courses = list(
            PlanCourse.objects.filter(group__plan=plan, group__need="all").order_by("pk").values_list("course_id", flat=True)
        )  # fmt: skip
        made = [Outcome(plan=plan, code=code, title=title) for code, title in OUTCOMES]
        for number, outcome in enumerate(Outcome.objects.bulk_create(made)):
            chosen = courses[number :: len(OUTCOMES)]
            share = (Decimal(1) / len(chosen)).quantize(Decimal("0.001"))
            weights = [share] * (len(chosen) - 1) + [1 - share * (len(chosen) - 1)]
            Support.objects.bulk_create(
                Support(outcome=outcome, course_id=course, weight=weight)
                for course, weight in zip(chosen, weights, strict=True)
            )


def settle(today: date) -> None:
    """What the computing college's students have passed in the terms behind them."""
    unit = OrgUnit.objects.filter(code=COLLEGE).first()
    now = Term.objects.filter(starts_on__lte=today).order_by("-starts_on").first()
    if unit is None or now is None:
        return
    draw = random.Random(20)  # noqa: S311 - reproducible sample data
    listed: dict[tuple[int, int], list[tuple[int, Decimal, int]]] = {}
    in_force = PlanCourse.objects.filter(group__plan__status="published", group__plan__kind="major")
    rows = in_force.filter(group__plan__programme__department=unit)
    for programme, grade, course, points, number, need in rows.order_by("pk").values_list(
        "group__plan__programme_id",
        "group__plan__grade",
        "course_id",
        "credits",
        "term_number",
        "group__need",
    ):
        if need == "all" or draw.random() < 0.5:
            listed.setdefault((programme, grade), []).append((course, points, number))
    general = list(Course.objects.filter(nature="8").order_by("code").values_list("pk", "credits"))
    terms = {(term.academic_year[:4], term.half): term.pk for term in Term.objects.all()}
    students = Student.objects.filter(
        department__path__startswith=unit.path, grade__isnull=False, status="01"
    )
    ordinal = int(now.academic_year[:4]) * 2 + int(now.half)
    copy_in(
        CreditRecord, ("student_id", "course_id", "kind", "credits", "term_id", "basis"),
        _earned(students.order_by("pk").values_list("pk", "programme_id", "grade"), listed, general, terms, ordinal, draw),
    )  # fmt: skip


def _earned(
    students: Any, listed: dict[tuple[int, int], list[tuple[int, Decimal, int]]], general: list[tuple[int, Decimal]],
    terms: dict[tuple[str, str], int], ordinal: int, draw: random.Random,
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    """Nine courses of ten are passed in their term; a general elective from the second term on."""
    for student, programme, grade in students:
        past = ordinal - grade * 2
        for course, points, number in listed.get((programme, grade), ()):
            if number < past and draw.random() < 0.93:
                year, half = grade + (number - 1) // 2, (number - 1) % 2 + 1
                yield student, course, "studied", points, terms.get((str(year), str(half))), ""
        for course, points in draw.sample(general, min(len(general), max(0, past - 1) // 2)):
            yield student, course, "studied", points, None, ""
