"""From an account to the actor with all its rights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from yanta.kernel.access import roles, separation
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base.actor import Actor, Grant

if TYPE_CHECKING:
    from yanta.kernel.identity.models import Account

ACTORS_KEPT, SETS_KEPT = 20_000, 1024
# Who looks after the people of a class looks after their accounts, and hands on nothing of what else they may.
HANDING_ON = frozenset({"access.rolegrant.grant", "access.rolegrant.appoint"})


def grants_in_force(account_id: int, *, on: date) -> Iterable[RoleGrant]:
    """The account's grants on a day; the end of a grant is inclusive."""
    return (
        RoleGrant.objects.filter(account_id=account_id, valid_from__lte=on)
        .filter(Q(valid_to=None) | Q(valid_to__gte=on))
        .select_related("org_unit")
        .order_by("pk")
    )


@lru_cache(maxsize=SETS_KEPT)
def _without(permissions: frozenset[str], others: frozenset[str]) -> frozenset[str]:
    """One set for everybody whose rights are the same, however many they are."""
    return permissions - others


def _expanded(row: RoleGrant) -> Iterator[Grant]:
    """A clerk's grant splits: what the clerk's own department owns reaches the school, the rest the unit."""
    role = roles.ROLES[row.role]
    permissions = separation.kept(row.role, roles.permissions_of(row.role))
    if row.circle and not row.gives:
        permissions = _without(permissions, HANDING_ON)
    unit = row.org_unit
    common: dict[str, Any] = {
        "role": role.code, "title": role.title, "reason": row.reason, "until": row.valid_to,
        "unit_name": unit.name if unit else "", "path": unit.path if unit else "",
    }  # fmt: skip
    if row.circle:
        yield Grant(
            reach="circle", permissions=permissions, **{**common, "circle": row.circle, "unit_name": row.part}
        )
        return
    if role.reach != "unit":
        yield Grant(reach=role.reach, permissions=permissions, **common)
        return
    if unit is None:
        yield Grant(reach="school", permissions=permissions, **common)
        return
    owned = roles.owned_by(unit.names, role.code)
    if owned:
        yield Grant(reach="school", permissions=owned, **common)
    if others := _without(permissions, owned):
        yield Grant(reach="unit", permissions=others, **common)


@lru_cache(maxsize=ACTORS_KEPT)
def _grants(account_id: int, version: int, on: date, separated: bool) -> tuple[Grant, ...]:
    """The version is part of the key, and a trigger raises it with every change: nothing stale is ever read.

    Where the three administrators are separated, who holds two of their roles has neither.
    """
    rows = list(grants_in_force(account_id, on=on))
    void = separation.mixed({row.role for row in rows})
    return tuple(grant for row in rows if row.role not in void for grant in _expanded(row))


def actor_of(account: Account, *, acting_as: str = "", address: str = "", request_id: str = "") -> Actor:
    """The actor of a signed-in account; `acting_as` narrows a person of several roles to one of them."""
    grants = _grants(account.pk, account.rights_version, timezone.localdate(), separation.is_on())
    if acting_as:
        grants = tuple(grant for grant in grants if grant.role == acting_as) or grants
    return Actor(
        account_id=account.pk, person_id=account.person_id, name=account.name, grants=grants, address=address,
        request_id=request_id,
    )  # fmt: skip
