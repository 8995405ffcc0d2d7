"""The accounts that an application sees, and what can be asked and told about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from yanta.kernel.access.models import RoleGrant
from yanta.kernel.identity.models import Account
from yanta.kernel.people.models import Affiliation
from yanta.sso.applications import public as sso
from yanta.sso.applications.access import terms_of
from yanta.sso.applications.people import EDU_PERSON
from yanta.sso.applications.rules import Terms
from yanta.sso.directory.columns import Column

LIVE = (Account.State.ACTIVE, Account.State.PENDING)
_STUDENT = ("undergraduate", "postgraduate")


def in_force(on: date, prefix: str = "") -> Q:
    """Of grants and affiliations, whose last day is inclusive."""
    begun = Q(**{f"{prefix}valid_from": None}) | Q(**{f"{prefix}valid_from__lte": on})
    return begun & (Q(**{f"{prefix}valid_to": None}) | Q(**{f"{prefix}valid_to__gte": on}))


def _affiliated(on: date, condition: Q) -> Q:
    rows = Affiliation.objects.filter(in_force(on), person_id=OuterRef("person_id"))
    return Q(Exists(rows.filter(condition)))


def _granted(on: date, condition: Q) -> Q:
    return Q(Exists(RoleGrant.objects.filter(in_force(on), condition, account_id=OuterRef("pk"))))


def _fits(terms: Terms, on: date) -> Q:
    """One rule of access as a condition; what is filled in must hold together."""
    found = Q()
    if terms.role:
        found &= _granted(on, Q(role=terms.role))
    if terms.unit_path:
        under = {"org_unit__path__startswith": terms.unit_path}
        found &= (
            _affiliated(on, Q(**under))
            | _granted(on, Q(**under))
            | Q(person__home_unit__path__startswith=terms.unit_path)
        )
    if terms.affiliation:
        found &= _affiliated(on, Q(role=terms.affiliation))
    if terms.person_id is not None:
        found &= Q(person_id=terms.person_id)
    return found


def accounts_of(app: sso.Application, *, on: date) -> QuerySet[Account]:
    """Accounts of people whom the access rules let in, whatever their state; nobody else exists for the application."""
    people = Account.objects.filter(person__isnull=False, person__merged_into=None)
    terms = terms_of(app)
    for one in terms:
        if not one.allows:
            people = people.exclude(_fits(one, on))
    if app.audience != sso.Application.Audience.EVERYONE:
        allowed = Q(pk__in=[])
        for one in terms:
            if one.allows:
                allowed |= _fits(one, on)
        people = people.filter(allowed)
    found: QuerySet[Account] = people
    return found


def _edu_person(on: date) -> Column:
    """The words of eduPerson; each stands for some of our affiliations."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for role, words in EDU_PERSON.items():
        for word in words:
            kinds[word].add(role)
    return Column(
        "role",
        "exact",
        lambda q: _affiliated(on, q),
        lambda value: kinds.get(str(value).lower(), set()) or None,
    )


def _numbers(on: date, roles: Iterable[str]) -> Column:
    own = Q(role__in=list(roles)) & ~Q(number="")
    return Column("number", "text", lambda q: _affiliated(on, q & own))


def columns_of(*, on: date) -> dict[str, Column]:
    """Every attribute of the registry's catalogue that can be asked for."""
    return {
        "username": Column("username"),
        "name": Column("name"),
        "latin_name": Column("person__latin_name"),
        "number": Column("person__number"),
        "student_number": _numbers(on, _STUDENT),
        "staff_number": _numbers(on, ("staff",)),
        "unit_code": Column("person__home_unit__code"),
        "unit_name": Column("person__home_unit__name"),
        "affiliation": _edu_person(on),
        "roles": Column("role", "exact", lambda q: _granted(on, q)),
        "email": Column("person__email"),
        "phone": Column("person__phone", "sealed"),
    }


def told_columns(app: sso.Application, *, on: date) -> dict[str, Column | None]:
    """The same with nothing behind what the application is not told."""
    told = {one.attribute for one in sso.releases_of(app)}
    return {name: found if name in told else None for name, found in columns_of(on=on).items()}


SUBJECT = {
    sso.Application.Naming.USERNAME: Column("username"),
    sso.Application.Naming.NUMBER: Column("person__number"),
    sso.Application.Naming.ACCOUNT: Column("pk", "number", stored=lambda text: int(text) if str(text).isdecimal() else None),
}  # fmt: skip


def subject_column(app: sso.Application) -> Column:
    """What the application knows an account by."""
    return SUBJECT.get(sso.Application.Naming(app.naming), SUBJECT[sso.Application.Naming.ACCOUNT])


def holders_of(accounts: Iterable[Account], *, on: date) -> list[sso.Holder]:
    """What can be known of many accounts, in two queries for all of them."""
    found = list(accounts)
    known: Mapping[int, list[Affiliation]] = defaultdict(list)
    rows = Affiliation.objects.filter(in_force(on), person__in=[one.person_id for one in found])
    for affiliation in rows.select_related("org_unit").order_by("pk"):
        known[affiliation.person_id].append(affiliation)
    roles: Mapping[int, set[str]] = defaultdict(set)
    held = RoleGrant.objects.filter(in_force(on), account__in=[one.pk for one in found])
    for account_id, role in held.values_list("account_id", "role"):
        roles[account_id].add(role)
    return [_holder(one, on, known[one.person_id or 0], sorted(roles[one.pk])) for one in found]


def _holder(account: Account, on: date, affiliations: list[Affiliation], roles: list[str]) -> sso.Holder:
    holder = sso.Holder(account, on)
    known: dict[str, Any] = {"affiliations": affiliations, "roles": roles}
    # The values that the holder would otherwise ask the database for, one account after the other.
    holder.__dict__.update(known)
    return holder


def with_people(accounts: QuerySet[Account]) -> QuerySet[Account]:
    return accounts.select_related("person__home_unit")
