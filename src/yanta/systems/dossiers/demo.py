"""The demo school's files: of the visitors and of their fellows, with loans and looks."""

from __future__ import annotations

from datetime import date

from yanta.kernel.access.actors import actor_of
from yanta.kernel.base import Actor
from yanta.kernel.identity.models import Account
from yanta.masterdata.models import StaffMember, Student
from yanta.systems.dossiers import services
from yanta.systems.dossiers.models import Dossier, Loan
from yanta.systems.dossiers.services import inspecting, lending

SYSTEM = Actor.system("demo")
FELLOWS, COLLEAGUES = 200, 60


def settle(today: date) -> None:
    """When everything else is there; the night's job does the rest of the school."""
    accounts = Account.objects.filter(
        username__in=("student", "teacher", "counsellor", "dean", "clerk")
    ).select_related("person")
    people = {one.username: one for one in accounts}
    me = Student.objects.filter(person=people["student"].person_id).first() if "student" in people else None
    if me is None or "teacher" not in people:
        return
    fellows = (
        Student.objects.filter(department=me.department_id)
        .order_by("-left_on", "pk")
        .values_list("person_id", flat=True)[:FELLOWS]
    )
    colleagues = StaffMember.objects.order_by("pk").values_list("person_id", flat=True)[:COLLEAGUES]
    services.collect({*fellows, *colleagues, *(one.person_id for one in people.values() if one.person_id)})
    _lent(me, people)


def _lent(me: Student, people: dict[str, Account]) -> None:
    """The visitor's file was lent to the teacher; a fellow's is asked for."""
    dossier = (
        Dossier.objects.filter(person=me.person_id, kind="student", entries_count__gt=0)
        .select_related("person")
        .first()
    )
    if dossier is None:
        return
    teacher = actor_of(people["teacher"])
    loan = services.borrow(
        actor=teacher,
        number=dossier.number,
        purpose="推荐参加学科竞赛，核对修读情况",
        days=7,
        periods="study",
    )
    services.grant(loan, actor=SYSTEM)
    lending.note_reading(dossier, teacher, "借阅（推荐参加学科竞赛）", "查看目录：培养")
    inspecting.look_through(dossier, by="系统")
    other = (
        Dossier.objects.filter(unit=dossier.unit_id, kind="student")
        .exclude(pk=dossier.pk)
        .order_by("pk")
        .first()
    )
    if other is not None and not Loan.objects.filter(dossier=other).exists():
        services.borrow(
            actor=teacher,
            number=other.number,
            purpose="指导毕业设计，了解修读基础",
            days=14,
            periods="study,conduct",
        )
