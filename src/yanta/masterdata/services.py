"""Rights and accounts that follow from enrolments and appointments: given, kept and ended by the facts alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from yanta.kernel.access import roles
from yanta.kernel.access.events import tell_of
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base.bulk import copy_in
from yanta.kernel.base.circles import named
from yanta.kernel.identity.models import Account, Session
from yanta.masterdata import rules
from yanta.masterdata.models import AdminClass, FactChange, StaffMember, Student

# Account, role, unit or none, circle or "", reason.
Right = tuple[int, str, int | None, str, str]
_FACTS = (RoleGrant.Source.ENROLMENT, RoleGrant.Source.APPOINTMENT)
_COLUMNS = ("account_id", "role", "org_unit_id", "circle", "reason", "source", "valid_from")
OVER = "学籍和任职均已结束，宽限期已满"


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of the rights that facts give: due = new + reopened + unchanged."""

    due: int
    new: int
    reopened: int
    unchanged: int
    ended: int
    accounts_ended: int = 0
    accounts_reopened: int = 0


def _due(people: Collection[int] | None) -> Iterator[tuple[Right, str]]:
    """Every right that a fact gives today, with the kind of fact."""
    students = _of(Student.objects.exclude(person__account=None), "person", people)
    for account, unit, name, class_name, status in students.values_list(
        "person__account", "department", "department__name", "admin_class__name", "status"
    ):
        if right := rules.student_right(status, class_name or name):
            yield (account, right[0], unit, "", right[1]), RoleGrant.Source.ENROLMENT
    staff = _of(StaffMember.objects.exclude(person__account=None), "person", people)
    for account, unit, name, status in staff.values_list(
        "person__account", "department", "department__name", "status"
    ):
        if right := rules.staff_right(status, name):
            yield (account, right[0], unit, "", right[1]), RoleGrant.Source.APPOINTMENT
    for right_of_class in _of_classes(people):
        yield right_of_class, RoleGrant.Source.APPOINTMENT


def _of_classes(people: Collection[int] | None) -> Iterator[Right]:
    """Counsellors in their college; they and head teachers look after the accounts of exactly their classes."""
    for link, title in (("counsellor", "辅导员"), ("head_teacher", "班主任")):
        working = AdminClass.objects.filter(**{f"{link}__status": StaffMember.Status.ACTIVE})
        held = working.exclude(**{f"{link}__person__account": None})
        account = f"{link}__person__account"
        for key, holder, unit, name, grade, class_name in (
            _of(held, f"{link}__person", people)
            .order_by()
            .values_list("pk", account, "department", "department__name", "grade", "name")
        ):
            if link == "counsellor":
                yield holder, roles.COUNSELLOR.code, unit, "", f"因担任{name}{grade}级辅导员"
            yield holder, roles.LOCAL_ADMIN.code, None, named(rules.CLASS, key), f"因担任{class_name}{title}"


def _of(rows: Any, path: str, people: Collection[int] | None) -> Any:
    return rows if people is None else rows.filter(**{f"{path}__in": people})


def follow_facts(*, on: date, people: Collection[int] | None = None) -> Followed:
    """Bring rights and accounts (of these people, or of the whole school) into step with the facts.

    Grants given by people are never touched.
    """
    due = dict(_due(people))
    with transaction.atomic():
        if people is not None:
            _follow_units(people)
        rows = RoleGrant.objects.filter(source__in=_FACTS)
        if people is not None:
            rows = rows.filter(account__person__in=people)
        held = {
            (account, role, unit, circle, reason): (key, until)
            for key, account, role, unit, circle, reason, until in rows.values_list(
                "pk", "account_id", "role", "org_unit_id", "circle", "reason", "valid_to"
            )
        }
        fresh = [right for right in due if right not in held]
        new = copy_in(RoleGrant, _COLUMNS, ((*right, due[right], on) for right in fresh))
        back = {right: key for right, (key, until) in held.items() if right in due and until is not None}
        over = {right: key for right, (key, until) in held.items() if right not in due and until is None}
        RoleGrant.objects.filter(pk__in=back.values()).update(valid_to=None)
        RoleGrant.objects.filter(pk__in=over.values(), valid_from=on).delete()
        ended = RoleGrant.objects.filter(pk__in=over.values()).update(valid_to=on - timedelta(days=1))
        accounts = _follow_accounts({right[0] for right in due}, people, on=on)
        tell_of(right[0] for right in (*fresh, *back, *over))
    return Followed(len(due), new, len(back), len(due) - new - len(back), ended, *accounts)


# Where somebody belongs is said by the employment, for those without one by the enrolment; the most recent one counts.
_UNITS = """
WITH facts AS (
    SELECT person_id, number, 'staff' AS kind, department_id, status = 'active' AS lasts, 0 AS rank, id
    FROM masterdata_staffmember WHERE person_id = ANY(%(people)s)
    UNION ALL
    SELECT person_id, number, 'student', department_id, status = ANY(%(studying)s), 1, id
    FROM masterdata_student WHERE person_id = ANY(%(people)s)
), homes AS (
    SELECT DISTINCT ON (person_id) person_id, department_id FROM facts WHERE lasts ORDER BY person_id, rank, id DESC
), moved AS (
    UPDATE people_person p SET home_unit_id = h.department_id, updated_at = now()
    FROM homes h WHERE h.person_id = p.id AND p.home_unit_id IS DISTINCT FROM h.department_id
)
UPDATE people_affiliation a SET org_unit_id = f.department_id, updated_at = now()
FROM facts f
WHERE f.lasts AND a.person_id = f.person_id AND a.number = f.number AND a.org_unit_id IS DISTINCT FROM f.department_id
  AND (a.role = 'staff') = (f.kind = 'staff')
"""


def _follow_units(people: Collection[int]) -> None:
    """The unit of a person and of each affiliation is the one of the employment or enrolment behind it."""
    studying = [status for status, (role, _) in rules.STUDENT_STANDINGS.items() if role == "student"]
    with connection.cursor() as cursor:
        cursor.execute(_UNITS, {"people": list(people), "studying": studying})


def follow_changes(*, on: date) -> Followed | None:
    """The same for whoever's facts changed since the last time; None when nobody's did."""
    with transaction.atomic():
        waiting = FactChange.objects.select_for_update(skip_locked=True).values_list("pk", "person_id")
        changed = dict(waiting)
        if not changed:
            return None
        done = follow_facts(on=on, people=set(changed.values()))
        FactChange.objects.filter(pk__in=changed).delete()
    return done


def _follow_accounts(entitled: set[int], people: Collection[int] | None, *, on: date) -> tuple[int, int]:
    """Accounts that end with the last fact, after a time of grace, and open again with the next one."""
    given = RoleGrant.objects.filter(source=RoleGrant.Source.DELEGATION, valid_from__lte=on)
    held_by_hand = given.filter(Q(valid_to=None) | Q(valid_to__gte=on)).values("account_id")
    accounts = Account.objects.exclude(person=None).exclude(pk__in=held_by_hand)
    if people is not None:
        accounts = accounts.filter(person__in=people)
    reopened = _reopen(accounts.filter(pk__in=entitled))
    _announce(accounts.filter(ends_on=None, ended_by_facts=False).exclude(pk__in=entitled), on=on)
    return _close(accounts.filter(ends_on__lt=on, ended_by_facts=False)), reopened


def _reopen(accounts: QuerySet[Account]) -> int:
    accounts.exclude(ends_on=None).filter(ended_by_facts=False).update(ends_on=None)
    back = accounts.filter(ended_by_facts=True)
    pending = back.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    states = {"ended_by_facts": False, "ends_on": None, "state_reason": ""}
    return pending.update(state=Account.State.PENDING, **states) + back.update(
        state=Account.State.ACTIVE, **states
    )


def _announce(accounts: QuerySet[Account], *, on: date) -> None:
    """Only who once was somebody comes to an end: freshly found people wait for their facts."""
    ended = RoleGrant.objects.filter(source__in=_FACTS, account__in=accounts).values("account_id")
    strict = Student.objects.filter(person__account__in=accounts, status__in=rules.WITHOUT_GRACE)
    accounts.filter(pk__in=strict.values("person__account")).update(ends_on=on - timedelta(days=1))
    accounts.filter(pk__in=ended, ends_on=None).update(ends_on=on + rules.GRACE)


def _close(accounts: QuerySet[Account]) -> int:
    closing = list(accounts.values_list("pk", flat=True))
    Session.objects.filter(account__in=closing).delete()
    return Account.objects.filter(pk__in=closing).update(
        state=Account.State.CLOSED, ended_by_facts=True, state_reason=OVER
    )
