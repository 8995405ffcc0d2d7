"""What the registry asks about a person: who it is by the rules, and what applications are told."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.conf import settings
from django.db.models import BigIntegerField, DateField, Q

from yanta.kernel.access.actors import actor_of
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.access.roles import ROLES
from yanta.kernel.base.fixed import Fixed, Given
from yanta.kernel.identity.models import Account
from yanta.kernel.people.models import Affiliation
from yanta.sso.applications import catalogue
from yanta.sso.applications.models import Application, AttributeRelease, PairwiseId
from yanta.sso.applications.rules import Who

Value = str | list[str]

# eduPerson's words for what somebody is to the school; the more general word goes with the special one.
EDU_PERSON: Mapping[str, tuple[str, ...]] = {
    "undergraduate": ("student", "member"), "postgraduate": ("student", "member"),
    "staff": ("employee", "staff", "member"), "retired": ("affiliate",), "alumni": ("alum",),
    "admitted": ("affiliate",), "other": ("affiliate",),
}  # fmt: skip
_FACTS = (RoleGrant.Source.ENROLMENT, RoleGrant.Source.APPOINTMENT)
_STUDENT = ("undergraduate", "postgraduate")
# What publishers mean by a member of the school (eduPersonEntitlement of MACE).
_LIBRARY_TERMS = "urn:mace:dir:entitlement:common-lib-terms"
_ON = Given("on", DateField())
_AFFILIATIONS = Fixed(
    lambda: (
        Affiliation.objects.filter(
            Q(valid_from=None) | Q(valid_from__lte=_ON),
            Q(valid_to=None) | Q(valid_to__gte=_ON),
            person_id=Given("person", BigIntegerField()),
        )
        .select_related("org_unit")
        .only("person_id", "role", "number", "org_unit__path")
        .order_by("pk")
    )
)
_RELEASES = Fixed(
    lambda: (
        AttributeRelease.objects.filter(application_id=Given("application", BigIntegerField()))
        .only("application_id", "attribute", "alias", "purpose", "approved_at")
        .order_by("pk")
    )
)


@dataclass(frozen=True)
class Holder:
    """An account with what can be known of its person on a day; every question is asked once."""

    account: Account
    on: date

    @cached_property
    def affiliations(self) -> list[Affiliation]:
        person = self.account.person_id
        return _AFFILIATIONS.all(person=person, on=self.on) if person else []

    @cached_property
    def roles(self) -> list[str]:
        return sorted({grant.role for grant in actor_of(self.account).grants})

    @cached_property
    def who(self) -> Who:
        person = self.account.person
        units = [one.org_unit for one in self.affiliations] + [person.home_unit if person else None]
        grants = [grant.path for grant in actor_of(self.account).grants if grant.path]
        return Who(
            frozenset(self.roles), tuple({unit.path for unit in units if unit} | set(grants)),
            frozenset(one.role for one in self.affiliations), self.account.person_id,
        )  # fmt: skip

    def recently(self, days: int) -> tuple[Who, date] | None:
        """Who the person was while the last facts held, with the day on which the grace for that is over.

        None where no fact ended of late. Only what enrolments and appointments gave counts, never what people gave.
        """
        since = self.on - timedelta(days=days)
        facts = RoleGrant.objects.filter(
            source__in=_FACTS, account=self.account, valid_to__range=(since, self.on)
        )
        rows = list(facts.exclude(valid_to=self.on).select_related("org_unit"))
        ended = Affiliation.objects.filter(person_id=self.account.person_id, valid_to__range=(since, self.on))
        past = list(ended.exclude(valid_to=self.on)) if self.account.person_id else []
        if not rows and not past:
            return None
        last = max(one.valid_to for one in (*rows, *past))
        now = self.who
        was = Who(
            now.roles | {row.role for row in rows},
            (*now.unit_paths, *(row.org_unit.path for row in rows if row.org_unit)),
            now.affiliations | {one.role for one in past}, now.person_id,
        )  # fmt: skip
        return was, last + timedelta(days=days)

    def numbers(self, kinds: Iterable[str]) -> list[str]:
        return [one.number for one in self.affiliations if one.role in kinds and one.number]

    def value(self, attribute: str) -> Value:
        return _VALUES[attribute](self)

    def words(self, attribute: str) -> str:
        """The value as its person reads it."""
        if attribute == "affiliation":
            return "、".join(dict.fromkeys(one.get_role_display() for one in self.affiliations))
        if attribute == "roles":
            return "、".join(dict.fromkeys(ROLES[code].title for code in self.roles))
        value = self.value(attribute)
        return "、".join(value) if isinstance(value, list) else value

    @property
    def scoped_affiliations(self) -> list[str]:
        return [f"{word}@{settings.SSO_SCOPE}" for word in self.edu_person]

    @property
    def entitlements(self) -> list[str]:
        return [_LIBRARY_TERMS] if "member" in self.edu_person else []

    @property
    def edu_person(self) -> list[str]:
        return sorted({word for one in self.affiliations for word in EDU_PERSON[one.role]})


def _of_person(name: str) -> Callable[[Holder], Value]:
    return lambda holder: str(getattr(holder.account.person, name, "") or "")


def _of_unit(name: str) -> Callable[[Holder], Value]:
    def value(holder: Holder) -> Value:
        person = holder.account.person
        return str(getattr(person.home_unit, name, "")) if person and person.home_unit else ""

    return value


_VALUES: Mapping[str, Callable[[Holder], Value]] = {
    "username": lambda holder: holder.account.username,
    "name": lambda holder: holder.account.name,
    "latin_name": _of_person("latin_name"),
    "number": _of_person("number"),
    "student_number": lambda holder: holder.numbers(_STUDENT),
    "staff_number": lambda holder: holder.numbers(("staff",)),
    "unit_code": _of_unit("code"),
    "unit_name": _of_unit("name"),
    "affiliation": lambda holder: holder.edu_person,
    "scoped_affiliation": lambda holder: holder.scoped_affiliations,
    "principal_name": lambda holder: f"{holder.account.username}@{settings.SSO_SCOPE}",
    "entitlement": lambda holder: holder.entitlements,
    "home_organization": lambda holder: settings.SSO_SCOPE,
    "roles": lambda holder: holder.roles,
    "email": _of_person("email"),
    "phone": _of_person("phone"),
}


def releases_of(application: Application) -> list[AttributeRelease]:
    """What the application is told, as far as it is approved."""
    return [one for one in _RELEASES.all(application=application.pk) if one.is_effective]


def values_for(holder: Holder, attributes: Iterable[str]) -> dict[str, Value]:
    """The values that are there, by the attribute's own code."""
    found = {code: holder.value(code) for code in attributes}
    return {code: value for code, value in found.items() if value}


def named_for_cas(holder: Holder, releases: Iterable[AttributeRelease]) -> dict[str, Value]:
    """The same by the names that a CAS client knows, or was given."""
    names = {one.attribute: one.alias or catalogue.ATTRIBUTES[one.attribute].cas for one in releases}
    return {names[code]: value for code, value in values_for(holder, names).items()}


def subject_for(application: Application, account: Account) -> str:
    """What the application knows the account by."""
    naming = application.naming
    if naming == Application.Naming.PAIRWISE:
        return pairwise_id(application, account)
    if naming == Application.Naming.USERNAME:
        return account.username
    if naming == Application.Naming.NUMBER and account.person is not None:
        return account.person.number
    return str(account.pk)


def stable_subject_for(application: Application, account: Account) -> str:
    """The same where a protocol forbids names that may change: the id that is never given to anybody else."""
    return (
        pairwise_id(application, account)
        if application.naming == Application.Naming.PAIRWISE
        else str(account.pk)
    )


def pairwise_id(application: Application, account: Account) -> str:
    """What this application alone knows the account by, for good."""
    known = (
        PairwiseId.objects.filter(application=application, account=account)
        .values_list("value", flat=True)
        .first()
    )
    if known is None:
        made, _new = PairwiseId.objects.get_or_create(
            application=application, account=account, defaults={"value": secrets.token_urlsafe(24)}
        )
        known = made.value
    return str(known)
