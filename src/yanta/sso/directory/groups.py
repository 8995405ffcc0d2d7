"""Groups: units, classes and roles as the facts have them, and groups that an application made for itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, CharField, F, Max, Min, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat

from yanta.kernel.access.models import RoleGrant
from yanta.kernel.access.roles import ROLES
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import AdminClass, Student
from yanta.sso.applications import public as sso
from yanta.sso.directory.people import accounts_of, in_force
from yanta.sso.scim.models import OwnGroup

FACTS = (RoleGrant.Source.ENROLMENT, RoleGrant.Source.APPOINTMENT)
IN_SCHOOL = ("01", "02", "05", "12", "13")
_COLUMNS = ("gid", "title", "made_at", "changed_at")


@dataclass(frozen=True, slots=True)
class Group:
    """`key` is `u7` (unit), `c7` (class), `r.teacher` (role) or `g7` (the application's own)."""

    key: str
    title: str
    made_at: datetime
    changed_at: datetime
    external_id: str = ""

    @property
    def is_own(self) -> bool:
        return self.key.startswith("g")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of group: its rows with `gid`, `title`, `made_at`, `changed_at`, and who belongs to which."""

    letter: str
    rows: Callable[[sso.Application], QuerySet[Any]]
    # Pairs of (what follows the letter, account) among these accounts.
    pairs: Callable[[Any, date], Iterable[tuple[Any, int]]]


def _keyed(rows: QuerySet[Any], letter: str, title: str) -> QuerySet[Any]:
    return rows.annotate(
        gid=Concat(Value(letter), Cast("pk", CharField())), title=Cast(title, CharField()), made_at=F("created_at"),
        changed_at=F("updated_at"),
    )  # fmt: skip


def _units(app: sso.Application) -> QuerySet[Any]:
    return _keyed(OrgUnit.objects.filter(valid_to=None).order_by(), "u", "name")


def _classes(app: sso.Application) -> QuerySet[Any]:
    return _keyed(AdminClass.objects.order_by(), "c", "name")


def _roles(app: sso.Application) -> QuerySet[Any]:
    titles = Case(*(When(role=one.code, then=Value(one.title)) for one in ROLES.values()), default=F("role"), output_field=CharField())  # fmt: skip
    grouped = RoleGrant.objects.order_by().values("role")
    return grouped.annotate(
        gid=Concat(Value("r."), "role"), title=titles,
        made_at=Min("created_at"), changed_at=Max("updated_at"),
    )  # fmt: skip


def _own(app: sso.Application) -> QuerySet[Any]:
    return _keyed(OwnGroup.objects.filter(application=app).order_by(), "g", "name")


def _unit_pairs(accounts: Any, on: date) -> Iterable[tuple[int, int]]:
    """By the person's unit, by a current affiliation, or by a right that an enrolment or appointment gives."""
    homes = Account.objects.filter(pk__in=accounts).exclude(person__home_unit=None)
    yield from homes.values_list("person__home_unit_id", "pk")
    with_unit = Account.objects.filter(in_force(on, "person__affiliations__"), pk__in=accounts)
    yield from with_unit.exclude(person__affiliations__org_unit=None).values_list(
        "person__affiliations__org_unit_id", "pk"
    )
    held = RoleGrant.objects.filter(in_force(on), account__in=accounts, source__in=FACTS)
    yield from held.exclude(org_unit=None).values_list("org_unit_id", "account_id")


def _class_pairs(accounts: Any, on: date) -> Iterable[tuple[int, int]]:
    rows = Student.objects.filter(person__account__in=accounts, status__in=IN_SCHOOL)
    yield from rows.exclude(admin_class=None).values_list("admin_class_id", "person__account")


def _role_pairs(accounts: Any, on: date) -> Iterable[tuple[str, int]]:
    held = RoleGrant.objects.filter(in_force(on), account__in=accounts)
    yield from held.values_list("role", "account_id")


def _own_pairs(accounts: Any, on: date) -> Iterable[tuple[int, int]]:
    members = OwnGroup.members.through.objects.filter(account__in=accounts)
    yield from members.values_list("owngroup_id", "account_id")


KINDS: Mapping[str, Kind] = {
    "u": Kind("u", _units, _unit_pairs),
    "c": Kind("c", _classes, _class_pairs),
    "r": Kind("r.", _roles, _role_pairs),
    "g": Kind("g", _own, _own_pairs),
}
_EPOCH = datetime.fromisoformat("2000-01-01T00:00:00+08:00")


def find(
    app: sso.Application, *, narrowed: Callable[[str], Q], order: Sequence[str] = ("gid",), kinds: str = "ucrg"
) -> QuerySet[Any]:  # fmt: skip
    """Rows of all kinds as one query; `narrowed(kind)` is the condition on each kind's own columns."""
    first, *rest = [KINDS[kind].rows(app).filter(narrowed(kind)).values_list(*_COLUMNS) for kind in kinds]
    return first.union(*rest, all=True).order_by(*order)


def group_of(row: Sequence[Any]) -> Group:
    gid, title, made_at, changed_at = row
    return Group(gid, title, made_at or _EPOCH, changed_at or _EPOCH)


def one(app: sso.Application, key: str) -> Group | None:
    kind = KINDS.get(key[:1])
    if kind is None or "\0" in key:
        return None
    row = next(iter(kind.rows(app).filter(gid=key).values_list(*_COLUMNS)[:1]), None)
    return group_of(row) if row else None


def memberships(app: sso.Application, account_ids: Sequence[int], *, on: date) -> dict[int, list[str]]:
    """The keys of the groups of these accounts, for this application."""
    found: dict[int, set[str]] = defaultdict(set)
    for name, kind in KINDS.items():
        pairs = set(kind.pairs(list(account_ids), on))
        if name == "g":
            mine = set(OwnGroup.objects.filter(application=app).values_list("pk", flat=True))
            pairs = {pair for pair in pairs if pair[0] in mine}
        for number, account_id in pairs:
            found[account_id].add(f"{kind.letter}{number}")
    return {account_id: sorted(keys) for account_id, keys in found.items()}


def titles_of(app: sso.Application, keys: Iterable[str]) -> dict[str, str]:
    wanted = set(keys)
    if not wanted:
        return {}
    rows = find(app, narrowed=lambda kind: Q(gid__in=wanted))
    return {row[0]: row[1] for row in rows}


def members_of(app: sso.Application, key: str, *, on: date) -> QuerySet[Account]:
    """The accounts in a group that the application sees."""
    letter, number = key[:1], key[2:] if key.startswith("r.") else key[1:]
    accounts = accounts_of(app, on=on)
    if letter == "r":
        held = RoleGrant.objects.filter(in_force(on), role=number)
        return accounts.filter(pk__in=held.values("account_id"))
    if not number.isdecimal() or len(number) > 18:
        return accounts.none()
    if letter == "u":
        return accounts.filter(Q(pk__in=_in_unit(int(number), on)))
    if letter == "c":
        enrolled = Student.objects.filter(admin_class_id=number, status__in=IN_SCHOOL)
        return accounts.filter(person__in=enrolled.values("person_id"))
    return accounts.filter(own_groups__pk=number, own_groups__application=app)


def _in_unit(unit: int, on: date) -> QuerySet[Any]:
    by_home = Q(person__home_unit_id=unit)
    held = RoleGrant.objects.filter(in_force(on), org_unit_id=unit, source__in=FACTS)
    from yanta.kernel.people.models import Affiliation

    belong = Affiliation.objects.filter(in_force(on), org_unit_id=unit)
    return Account.objects.filter(
        by_home | Q(pk__in=held.values("account_id")) | Q(person__in=belong.values("person_id"))
    ).values("pk")
