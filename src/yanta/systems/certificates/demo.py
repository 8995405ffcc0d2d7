"""The demo school's certificates: the usual kinds under their seals, results and income, and some that were issued."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from yanta.kernel.access.actors import actor_of
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.bulk import copy_in
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import Course, StaffMember, Student, Term
from yanta.sso.seals import services as seals
from yanta.sso.seals.models import Seal, SealRequest
from yanta.systems.certificates import services
from yanta.systems.certificates.models import Certificate, Income, Kind, Kiosk, Mark, OfficialName
from yanta.systems.curricula import public as curricula

SYSTEM = Actor.system("demo")
ENGLISH = {
    "雁塔科技大学": "Yanta University of Technology", "计算机科学与技术学院": "School of Computer Science and Technology",
    "计算机科学与技术": "Computer Science and Technology", "软件工程": "Software Engineering", "网络工程": "Network Engineering",
    "人工智能": "Artificial Intelligence", "物联网工程": "Internet of Things Engineering",
    "数据科学与大数据技术": "Data Science and Big Data Technology", "教务处": "Office of Academic Affairs", "本科": "undergraduate",
    "硕士": "master's", "博士": "doctoral", "高等数学": "Advanced Mathematics", "线性代数": "Linear Algebra", "大学物理": "College Physics",
    "大学物理实验": "College Physics Laboratory", "大学英语": "College English", "大学英语（提高）": "College English (Advanced)",
    "思想道德与法治": "Ethics and the Rule of Law", "中国近现代史纲要": "Outline of Modern Chinese History", "体育": "Physical Education",
    "体育（专项）": "Physical Education (Elective Sport)", "大学计算机基础": "Fundamentals of Computers",
    "程序设计基础": "Fundamentals of Programming", "军事理论": "Military Theory", "大学生心理健康": "Mental Health of Students",
    "艺术鉴赏": "Art Appreciation", "形势与政策": "Situation and Policy", "劳动教育": "Labour Education",
}  # fmt: skip
PURPOSES = ("求职", "升学", "签证", "交通卡优惠")
MATES, STAFF = 150, 60


def settle(today: date) -> None:
    """When accounts, plans and seals are there."""
    accounts = Account.objects.filter(username__in=("student", "teacher", "registry", "hr"))
    people = {one.username: one for one in accounts.select_related("person")}
    if len(people) < 4:
        return
    services.add_starters(actor=SYSTEM)
    _names()
    _authorities(people, today)
    student = (
        Student.objects.filter(person=people["student"].person_id)
        .select_related("department")
        .order_by("pk")
        .first()
    )
    if student is not None:
        _marks(student, today)
        _income(people["teacher"].person_id, today)
        _certificates(people, student)


def _names() -> None:
    """English where it belongs: units at their own source, the rest in the glossary."""
    office = OrgUnit.objects.filter(name="教务处").first()
    for unit in OrgUnit.objects.filter(name__in=ENGLISH, english_name=""):
        OrgUnit.objects.filter(pk=unit.pk).update(english_name=ENGLISH[unit.name])
    if office is not None:
        units = set(OrgUnit.objects.filter(name__in=ENGLISH).values_list("name", flat=True))
        rows = [(name, english, office.pk) for name, english in ENGLISH.items() if name not in units]
        copy_in(OfficialName, ("chinese", "english", "unit_id"), rows)
        root = office.get_root()
        root.refresh_from_db()
        office.refresh_from_db()
        closing = services.editing.closing_of(root, office, english=True)
        Kind.objects.filter(language="en", unit=office).update(closing=closing)
    Kiosk.objects.create(
        name="一号自助终端", place="学生事务大厅一层", unit=office or OrgUnit.objects.earliest("pk")
    )


def _authorities(people: dict[str, Account], today: date) -> None:
    """Each office's seal with an approved authority for certificates."""
    for office, keeper, foot in (("教务处", "registry", "学籍专用章"), ("人事处", "hr", "证明专用章")):
        unit = OrgUnit.objects.filter(name__contains=office, valid_to=None).first()
        if unit is None:
            continue
        name = services.editing.closing_of(unit.get_root(), unit, english=False)
        seal = Seal.objects.filter(name=name, foot=foot, state=Seal.State.IN_USE).first()
        seal = seal or _new_seal(name, foot, unit, people[keeper].person_id, today)
        request = seals.authorise(
            actor=SYSTEM,
            seal=seal,
            title="自助证明",
            purpose="自助证明系统即时开具",
            quota=50_000,
            valid_to=today.replace(month=12, day=31),
        )
        seals.endorse(request, actor=SYSTEM)
        seals.press(request, actor=SYSTEM)
        request.refresh_from_db()
        _put_to(request, unit)


def _new_seal(name: str, foot: str, unit: OrgUnit, keeper: int | None, today: date) -> Seal:
    seal = Seal.objects.create(
        name=name, foot=foot, kind="special", org_unit=unit, keeper_id=keeper, audience="unit", reason="自助证明用印",
        valid_from=today.replace(month=1, day=1), most_uses=50_000,
    )  # fmt: skip
    seals.approve(seal, actor=SYSTEM)
    seals.put_in_use(seal, actor=SYSTEM)
    return seal


def _put_to(request: SealRequest, unit: OrgUnit) -> None:
    """Income is certified under the seal of the same office as employment in the demo school."""
    kinds = Kind.objects.filter(unit=unit)
    kinds.update(authority=request.number)
    if "人事" in unit.name:
        Kind.objects.filter(code="SR").update(unit=unit, closing=kinds[0].closing, authority=request.number)


def _marks(student: Student, today: date) -> None:
    """Results of the visitor's fellows of the same programme and grade."""
    draw = random.Random(31)  # noqa: S311 - reproducible sample data
    fellows = Student.objects.filter(programme=student.programme_id, grade=student.grade).order_by("pk")[
        :MATES
    ]
    able = {one.pk: draw.gauss(80, 7) for one in fellows}
    points = dict(Course.objects.values_list("pk", "credits"))
    terms = list(
        Term.objects.filter(
            ends_on__lt=today, starts_on__gte=date(student.grade or today.year, 8, 1)
        ).order_by("starts_on")
    )
    if terms:
        copy_in(
            Mark, ("student_id", "course_id", "term_id", "credits", "score"),
            _scores(curricula.passed(able), able, points, [one.pk for one in terms], draw),
        )  # fmt: skip


def _scores(
    passed: list[tuple[int, int]],
    able: dict[int, float],
    points: dict[int, Decimal],
    terms: list[int],
    draw: random.Random,
) -> Iterator[tuple[int, int, int, Decimal, int]]:
    for student, course in passed:
        yield (
            student,
            course,
            terms[course % len(terms)],
            points[course],
            min(99, max(60, round(draw.gauss(able[student], 6)))),
        )


def _income(teacher: int | None, today: date) -> None:
    """A year of pay for the teacher and some others."""
    draw = random.Random(32)  # noqa: S311 - reproducible sample data
    members = list(
        StaffMember.objects.filter(status="active").order_by("pk").values_list("pk", flat=True)[:STAFF]
    )
    members += list(
        StaffMember.objects.filter(person=teacher).exclude(pk__in=members).values_list("pk", flat=True)
    )
    months = [
        date(today.year - (today.month <= back), (today.month - back - 1) % 12 + 1, 1)
        for back in range(1, 13)
    ]
    rows = []
    for member in members:
        gross = Decimal(draw.randrange(9_000, 22_000))
        rows += [
            (
                member,
                month,
                gross + draw.randrange(0, 900),
                (gross * Decimal("0.82")).quantize(Decimal("0.01")),
            )
            for month in months
        ]
    copy_in(Income, ("member_id", "month", "gross", "net"), rows)


def _certificates(people: dict[str, Account], student: Student) -> None:
    """The visitor's own: good, superseded by nobody, waiting; one is shared; a fellow's was revoked."""
    me = actor_of(people["student"])
    mine = [_try("ZD", "求职", me), _try("CJ", "升学", me)]
    _try("PM", "申请推荐免试研究生", me)
    _try("ZZ", "办理签证", actor_of(people["teacher"]))
    if mine[0] is not None:
        services.share(mine[0], actor=me, recipient="某科技公司人力资源部", days=14, most_views=5)
    fellow = (
        Student.objects.filter(programme=student.programme_id, grade=student.grade)
        .exclude(pk=student.pk)
        .order_by("pk")
        .first()
    )
    kind = Kind.objects.get(code="ZD")
    if fellow is not None and kind.authority:
        wrong = services.hand_out(kind, fellow.person_id, purpose="签证", actor=SYSTEM)
        services.revoke(wrong, actor=SYSTEM, reason="开具时姓名有误，已更正，请重新开具")


def _try(code: str, purpose: str, actor: Actor) -> Certificate | None:
    try:
        return services.ask_named(code, actor=actor, purpose=purpose)
    except Refused:  # a small demo school may lack what a kind needs
        return None
