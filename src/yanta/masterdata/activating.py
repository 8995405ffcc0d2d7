"""First activation of a new cohort: how far it is by college, class and counsellor, and who has not yet."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter
from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.base.circles import named
from yanta.kernel.identity import handing_out
from yanta.kernel.identity.models import Account, OneTimeCode
from yanta.masterdata import rules
from yanta.masterdata.delegation import KIND
from yanta.masterdata.models import AdminClass, Student

VIEW = "identity.onetimecode.view"
STUDYING = [status for status, (role, _) in rules.STUDENT_STANDINGS.items() if role == "student"]
# What one line of the progress is about: its key, the words for it, what stands beside them.
WAYS: dict[str, tuple[str, tuple[str, str, str]]] = {
    "college": ("学院", ("department", "department__name", "department__code")),
    "class": ("班级", ("admin_class", "admin_class__name", "department__name")),
    "counsellor": (
        "辅导员",
        ("admin_class__counsellor", "admin_class__counsellor__person__name", "admin_class__counsellor__number"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One college, class or counsellor: total = active + waiting + stopped; of the waiting some hold a code."""

    key: int | None
    title: str
    beside: str
    total: int
    active: int
    waiting: int
    holding: int

    @property
    def stopped(self) -> int:
        return self.total - self.active - self.waiting

    @property
    def without(self) -> int:
        """Who waits and has no code that opens anything."""
        return self.waiting - self.holding


def students_of(actor: Actor, grade: int) -> QuerySet[Student]:
    """The grade's students whose accounts the actor may see."""
    found: QuerySet[Student] = Student.objects.filter(
        grade=grade, status__in=STUDYING, person__account__isnull=False
    )
    if actor.reach(VIEW).everything:
        return found
    return found.filter(person__account__in=Account.objects.visible_to(actor, VIEW))


def grades(actor: Actor) -> list[int]:
    """The four newest grades with students in the actor's part."""
    seen = Student.objects.filter(status__in=STUDYING).exclude(grade=None)
    if not actor.reach(VIEW).everything:
        seen = seen.filter(person__account__in=Account.objects.visible_to(actor, VIEW))
    return list(seen.order_by("-grade").values_list("grade", flat=True).distinct()[:4])


def progress(actor: Actor, *, grade: int, way: str, college: int | None = None) -> list[Line]:
    """A line for each college, class or counsellor; who is furthest behind comes first."""
    students = students_of(actor, grade)
    if college is not None:
        students = students.filter(department=college)
    alive = OneTimeCode.objects.filter(handing_out.alive(timezone.now()), account=OuterRef("person__account"))
    waits = Q(person__account__state=Account.State.PENDING)
    counted = (
        students.annotate(holds=Exists(alive)).order_by().values_list(*WAYS[way][1]).annotate(
            total=Count("pk"), active=Count("pk", filter=Q(person__account__state=Account.State.ACTIVE)),
            waiting=Count("pk", filter=waits), holding=Count("pk", filter=waits & Q(holds=True)),
        )
    )  # fmt: skip
    lines = [Line(key, title or "未编班", beside or "", *numbers) for key, title, beside, *numbers in counted]
    return sorted(lines, key=lambda line: (-line.waiting, line.title))


@dataclass(frozen=True, slots=True)
class Member:
    """One student of a class and where the account stands."""

    number: str
    name: str
    account_id: int
    state: str
    shown: str
    code_id: int | None
    expires_at: datetime | None


def members_of(admin_class: AdminClass, actor: Actor) -> list[Member]:
    """The class as far as the actor may see it; who has not activated comes first."""
    students = students_of(actor, admin_class.grade).filter(admin_class=admin_class)
    rows = list(
        students.order_by("number").values_list(
            "number", "person__name", "person__account", "person__account__state"
        )
    )
    codes = OneTimeCode.objects.filter(
        purpose=OneTimeCode.Purpose.ACTIVATION,
        used_at=None,
        voided_at=None,
        account__in=[row[2] for row in rows],
    )
    held = {account: (key, until) for account, key, until in codes.values_list("account", "pk", "expires_at")}
    return sorted((_member(row, held) for row in rows), key=lambda one: one.state != Account.State.PENDING)


def _member(row: tuple[str, str, int, str], held: dict[int, tuple[int, datetime]]) -> Member:
    number, name, account, state = row
    code, until = held.get(account, (None, None)) if state == Account.State.PENDING else (None, None)
    return Member(number, name, account, state, str(Account.State(state).label), code, until)


def circle_of(admin_class: AdminClass) -> str:
    return named(KIND, admin_class.pk)


@dataclass(frozen=True, slots=True)
class Slip:
    """What stands on the paper that one student gets."""

    number: str
    name: str
    code: str
    until: datetime


def slips(admin_class: AdminClass, codes: Sequence[OneTimeCode]) -> list[Slip]:
    """In the order of the class list."""
    numbers = dict(Student.objects.filter(admin_class=admin_class).values_list("person_id", "number"))
    made = [
        Slip(numbers.get(one.account.person_id, one.account.username), one.account.name, str(one.code), one.expires_at)
        for one in codes
        if one.code
    ]  # fmt: skip
    return sorted(made, key=lambda slip: slip.number)


def workbook(admin_class: AdminClass, rows: Sequence[Slip]) -> bytes:
    """The same as a sheet, for whoever cuts labels from it."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False})
    sheet, head = book.add_worksheet(admin_class.name[:31]), book.add_format({"bold": True})
    sheet.write_row(0, 0, ["班级", "学号", "姓名", "激活码", "有效至", "激活地址"], head)
    for number, slip in enumerate(rows, start=1):
        until = f"{timezone.localtime(slip.until):%Y-%m-%d %H:%M}"
        cells: list[Any] = [admin_class.name, slip.number, slip.name, slip.code, until, address()]
        for column, cell in enumerate(cells):
            sheet.write_string(number, column, str(cell))
    sheet.set_column(0, 5, 18)
    sheet.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()


def address() -> str:
    """Where the slip sends its reader."""
    return f"{settings.SITE_ADDRESS}/activate/?code"
