"""Half a year of accounts in the demo school: who signed in and from where, who has not yet, what the check finds."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Actor
from yanta.kernel.base.bulk import copy_in
from yanta.kernel.identity import handing_out
from yanta.kernel.identity.findings import check_all
from yanta.kernel.identity.models import Account, AccountFinding, OneTimeCode, SignIn
from yanta.masterdata.models import AdminClass, StaffMember, Student

SIGN_INS = ("account_id", "login", "method", "outcome", "address", "agent", "at")
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0"
OPENED_BEFORE = timedelta(days=240)


def settle(today: date) -> None:
    """Accounts are pending when the school is made; here a part of them has a past."""
    draw = random.Random(29)  # noqa: S311 - reproducible sample data
    now = timezone.now()
    active = _opened(draw, now)
    copy_in(SignIn, SIGN_INS, _visits(draw, active, now))
    _head_teachers(draw)
    _codes(now)
    _without_facts(now)
    system = Actor.system("demo")
    check_all(at=now - timedelta(minutes=20), actor=system)
    _dealt_with(now)
    check_all(at=now, actor=system)


def _without_facts(now: datetime) -> None:
    """A dozen who stand on no enrolment or appointment have had their account since spring."""
    facts = (RoleGrant.Source.ENROLMENT, RoleGrant.Source.APPOINTMENT)
    alone = Account.objects.exclude(person=None).exclude(grants__source__in=facts).filter(ends_on=None)
    keys = list(alone.order_by("pk").values_list("pk", flat=True)[:12])
    Account.objects.filter(pk__in=keys).update(created_at=now - OPENED_BEFORE)


def _dealt_with(now: datetime) -> None:
    """Since the check before: some have come back, some are explained."""
    waiting = AccountFinding.objects.filter(state=AccountFinding.State.OPEN).order_by("pk")
    back = waiting.filter(kind=AccountFinding.Kind.ZOMBIE).select_related("account")[:9]
    copy_in(SignIn, SIGN_INS, [_visit(one.account, now, "10.12.8.4", CHROME) for one in back])
    told = list(waiting.filter(kind=AccountFinding.Kind.SHARED).values_list("pk", flat=True)[:2])
    AccountFinding.objects.filter(pk__in=told).update(
        state=AccountFinding.State.EXPLAINED, explained_by="信息中心",
        explanation="出差期间使用酒店和会场网络，已与本人核实", explained_until=now.date() + timedelta(days=60),
    )  # fmt: skip


def _opened(draw: random.Random, now: datetime) -> list[Account]:
    """A fifth of the older students' accounts and half of the staff's, opened in spring; nobody knows a password."""
    before = Account.objects.filter(state=Account.State.PENDING)
    newest = Student.objects.exclude(grade=None).order_by("-grade").values_list("grade", flat=True).first()
    students = before.filter(person__enrolments__grade__lt=newest or 0).distinct().order_by("pk")
    staff = before.filter(person__employments__isnull=False).distinct().order_by("pk")
    keys = set(students.values_list("pk", flat=True)[::5]) | set(staff.values_list("pk", flat=True)[::2])
    Account.objects.filter(pk__in=keys).update(
        state=Account.State.ACTIVE, created_at=now - OPENED_BEFORE, password_changed_at=now - OPENED_BEFORE
    )
    late = students.exclude(pk__in=keys).values_list("pk", flat=True)[3::40]
    Account.objects.filter(pk__in=list(late)).update(created_at=now - OPENED_BEFORE)
    found = list(Account.objects.filter(pk__in=keys).order_by("pk"))
    draw.shuffle(found)
    return found


def _visits(draw: random.Random, active: list[Account], now: datetime) -> list[tuple[Any, ...]]:
    """Most came within the month; one in thirty not for half a year, one in a hundred never; a few went round."""
    rows = []
    for place, account in enumerate(active):
        if place % 100 == 0:
            continue
        days = range(200, 230, 10) if place % 30 == 0 else draw.sample(range(30), 3)
        home = f"10.{draw.randrange(8, 24)}.{draw.randrange(256)}.{draw.randrange(1, 255)}"
        agent = draw.choice((CHROME, PHONE))
        rows += [
            _visit(account, now - timedelta(days=day, minutes=draw.randrange(600)), home, agent)
            for day in days
        ]
    for account in active[1:8]:
        rows += _shared(account, now - timedelta(days=draw.randrange(2, 9)))
    return rows


def _visit(account: Account, at: datetime, address: str, agent: str) -> tuple[Any, ...]:
    return account.pk, account.username, "password", SignIn.Outcome.SUCCESS, address, agent, at


def _shared(account: Account, at: datetime) -> list[tuple[Any, ...]]:
    """Within one hour from six networks."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    return [
        _visit(
            account,
            hour + timedelta(minutes=7 * turn),
            f"10.{40 + turn}.3.{20 + turn}",
            (CHROME, PHONE)[turn % 2],
        )
        for turn in range(6)
    ]


def _head_teachers(draw: random.Random) -> None:
    """Every third class has one, from the staff of its college."""
    for admin_class in AdminClass.objects.order_by("pk")[::3]:
        staff = StaffMember.objects.filter(
            department__path__startswith=admin_class.department.path, status=StaffMember.Status.ACTIVE
        ).order_by("pk")[:12]  # fmt: skip
        if staff:
            AdminClass.objects.filter(pk=admin_class.pk).update(head_teacher=draw.choice(list(staff)))


def _codes(now: datetime) -> None:
    """The newest classes: every second has its slips already, and of those some have used them."""
    newest = AdminClass.objects.order_by("-grade").values_list("grade", flat=True).first()
    classes = AdminClass.objects.filter(grade=newest).order_by("pk").values_list("pk", flat=True)
    waiting = Account.objects.filter(
        Q(state=Account.State.PENDING), person__enrolments__admin_class__in=list(classes[::2])
    ).distinct()
    codes = handing_out.issue(list(waiting), by="信息中心", until=now + timedelta(days=30), at=now)
    used = [code for place, code in enumerate(codes) if place % 5 in (0, 2, 3)]
    opened = Account.objects.filter(pk__in=[code.account_id for code in used])
    opened.update(state=Account.State.ACTIVE, password_changed_at=now)
    OneTimeCode.objects.filter(pk__in=[code.pk for code in used]).update(used_at=now, code=None)
    visits = [_visit(code.account, now, "10.12.3.9", PHONE) for code in used]
    copy_in(SignIn, SIGN_INS, visits)
