"""Which department a field belongs to, and who speaks for a department."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Q
from django.utils import timezone

from yanta.hub.subjects import Field, Subject
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Actor, Refused
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import StaffMember

SPEAKERS = ("clerk", "head")
IN_SERVICE = (StaffMember.Status.ACTIVE, StaffMember.Status.LEAVE)
# Units that look after the whole school; a college, a section or a laboratory gets its own rows.
SCHOOL_WIDE = (OrgUnit.Kind.SCHOOL, OrgUnit.Kind.OFFICE, OrgUnit.Kind.SUPPORT, OrgUnit.Kind.PARTY)


def owner_name(subject: Subject, field: Field) -> str:
    """The department that answers for a field: its element's, else the subject's."""
    return field.owner or subject.owner


def unit_named(name: str) -> OrgUnit | None:
    """The unit of today that goes by this name, short name or alias."""
    by_name = OrgUnit.objects.filter(valid_to=None).filter(Q(name=name) | Q(short_name=name)).first()
    if by_name is not None or not name:
        return by_name
    return next(
        (one for one in OrgUnit.objects.filter(valid_to=None, aliases__contains=name) if name in one.names),
        None,
    )


def fields_by_unit(subject: Subject, names: Iterable[str], *, default: OrgUnit) -> dict[OrgUnit, list[str]]:
    """Whose fields they are; what belongs to a department that does not exist here falls to the default."""
    found: dict[OrgUnit, list[str]] = {}
    known: dict[str, OrgUnit] = {}
    for name in names:
        owner = owner_name(subject, subject.field(name))
        if owner not in known:
            known[owner] = unit_named(owner) or default
        found.setdefault(known[owner], []).append(name)
    return found


def speaks_for(actor: Actor, unit: OrgUnit, *, roles: Sequence[str] = SPEAKERS) -> bool:
    """Whether the actor decides in this unit's name: by an appointment there, never by rights over the platform."""
    return actor.is_system or any(
        grant.role in roles and unit.path.startswith(grant.path) and (grant.path or grant.reach == "school")
        for grant in actor.grants
    )


def require_speaker(actor: Actor, unit: OrgUnit, what: str) -> None:
    if not speaks_for(actor, unit):
        raise Refused(f"{what}由{unit.name}办理", rule="sharing.owner")


def people_of(unit: OrgUnit, *, roles: Sequence[str] = SPEAKERS, on: date | None = None) -> list[int]:
    """The persons who speak for a unit today."""
    day = on or timezone.localdate()
    held = RoleGrant.objects.filter(role__in=roles, org_unit=unit, valid_from__lte=day)
    held = held.filter(Q(valid_to=None) | Q(valid_to__gte=day)).exclude(account__person=None)
    return list(held.values_list("account__person_id", flat=True).distinct())


def holders_of(role: str, *, on: date | None = None) -> list[int]:
    """The persons who hold a role today, wherever."""
    day = on or timezone.localdate()
    held = RoleGrant.objects.filter(role=role, valid_from__lte=day).filter(
        Q(valid_to=None) | Q(valid_to__gte=day)
    )
    return list(held.exclude(account__person=None).values_list("account__person_id", flat=True).distinct())


def is_in_service(person_id: int) -> bool:
    """Whether somebody works here: employed, and with an account that is not closed."""
    employed = StaffMember.objects.filter(person_id=person_id, status__in=IN_SERVICE)
    return employed.exclude(person__account__state="closed").exists()


def sees_own_rows_only(unit: OrgUnit) -> bool:
    return unit.kind not in SCHOOL_WIDE
