"""The timetable of this term, published, and a second version with a few changes."""

from __future__ import annotations

from datetime import date, time

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress
from yanta.masterdata import weeks
from yanta.masterdata.models import AdminClass, Campus, StaffMember, Student, Term
from yanta.systems.offerings import public as offerings
from yanta.systems.timetables import services
from yanta.systems.timetables.models import Adjustment, Period, Placement, Version
from yanta.systems.timetables.queries import occurring
from yanta.systems.timetables.services import following

BELLS = (
    ("08:00", "08:45"), ("08:50", "09:35"), ("09:55", "10:40"), ("10:45", "11:30"), ("14:00", "14:45"), ("14:50", "15:35"),
    ("15:55", "16:40"), ("16:45", "17:30"), ("19:00", "19:45"), ("19:50", "20:35"), ("20:45", "21:30"), ("21:35", "22:20"),
)  # fmt: skip


def fill(today: date) -> None:
    """Periods, a timetable without conflicts, published; some meetings of coming weeks asked to be moved."""
    Period.objects.bulk_create(
        Period(
            campus=campus,
            number=number,
            starts_at=time.fromisoformat(since),
            ends_at=time.fromisoformat(until),
        )
        for campus in Campus.objects.order_by("code")
        for number, (since, until) in enumerate(BELLS, start=1)
    )
    term = Term.objects.filter(starts_on__lte=today).order_by("-starts_on").first()
    if term is None or offerings.teaching_of(term.pk) is None:
        return
    version = Version.objects.create(term=term, name="初排")
    services.arrange(version.pk, seconds=0, progress=Progress())
    Version.objects.filter(pk=version.pk).update(
        status=Version.Status.PUBLISHED, published_by="教务处", published_at=timezone.now()
    )
    version.refresh_from_db()
    services.copy(version, actor=Actor.system("demo"), name="下半学期微调")
    _ask(version, term.week_of(today) + 1)


def _ask(version: Version, week: int) -> None:
    """A few applications wait for the registry."""
    rows = (
        Placement.objects.filter(version=version, weekday__isnull=False)
        .select_related("version__term")
        .order_by("pk")
    )
    reasons = ("参加学术会议", "带学生外出实习", "身体不适")
    asked = [row for row in rows[:400:40] if weeks.has(row.weeks, week)][: len(reasons)]
    for row, reason in zip(asked, reasons, strict=False):
        one = Adjustment(
            placement=row, kind="move", week=week, new_week=week, new_weekday=row.weekday, new_period=9, new_room=row.room,
            reason=reason,
        )  # fmt: skip
        if not occurring.clashes_of(one):
            one.save()


def settle(today: date) -> None:
    """The timetables name those who teach now, and a visitor who is a student has one."""
    for version in Version.objects.exclude(status=Version.Status.VOID):
        following.synchronise(version)
    _join_a_class()


def _join_a_class() -> None:
    """The student whom a visitor signs in as came with a roster without classes: joins one that is taught this term.

    The class gets the counsellor who has accounts of the college anyway, so that whom the student asks stays the same.
    """
    student = Student.objects.filter(person__account__username="student", admin_class=None).first()
    taught = Placement.objects.filter(version__status=Version.Status.PUBLISHED, weekday__isnull=False)
    if student is None:
        return
    classes = {key for keys in taught.values_list("classes", flat=True) for key in keys}
    here = AdminClass.objects.filter(department=student.department_id, pk__in=classes)
    group = (
        here.filter(grade=student.grade).order_by("code").first() or here.order_by("-grade", "code").first()
    )
    if group is None:
        return
    counsellor = StaffMember.objects.filter(person__account__username="counsellor").first()
    if counsellor is not None:
        AdminClass.objects.filter(pk=group.pk).update(counsellor=counsellor)
    Student.objects.filter(pk=student.pk).update(admin_class=group)
