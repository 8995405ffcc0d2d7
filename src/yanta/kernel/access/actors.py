"""From an account to the actor with all its rights, kept for a minute in the process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone

from yanta.kernel.access import roles
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base.actor import Actor, Grant

if TYPE_CHECKING:
    from yanta.kernel.identity.models import Account

# A change of rights empties the entry at once on every process that shares the cache, after this elsewhere.
KEPT_SECONDS = 60


def _key(account_id: int) -> str:
    return f"actor:{account_id}"


def grants_in_force(account_id: int, *, on: date) -> Iterable[RoleGrant]:
    """The account's grants on a day; the end of a grant is inclusive."""
    return (
        RoleGrant.objects.filter(account_id=account_id, valid_from__lte=on)
        .filter(Q(valid_to=None) | Q(valid_to__gte=on))
        .select_related("org_unit")
        .order_by("pk")
    )


def _expanded(row: RoleGrant) -> Iterator[Grant]:
    """A clerk's grant splits: what the clerk's own department owns reaches the school, the rest the unit."""
    role = roles.ROLES[row.role]
    permissions = roles.permissions_of(row.role)
    unit = row.org_unit
    common: dict[str, Any] = {
        "role": role.code, "title": role.title, "reason": row.reason, "until": row.valid_to,
        "unit_name": unit.name if unit else "", "path": unit.path if unit else "",
    }  # fmt: skip
    if role.reach != "unit":
        yield Grant(reach=role.reach, permissions=permissions, **common)
        return
    owned = frozenset(p for p in permissions if unit is None or roles.owner_of(p) == unit.name)
    if owned:
        yield Grant(reach="school", permissions=owned, **common)
    if permissions - owned:
        yield Grant(reach="unit", permissions=permissions - owned, **common)


def actor_of(account: Account, *, acting_as: str = "", on: date | None = None) -> Actor:
    """The actor of a signed-in account; `acting_as` narrows a person of several roles to one of them."""
    grants = cache.get(_key(account.pk))
    if grants is None:
        rows = grants_in_force(account.pk, on=on or timezone.localdate())
        grants = tuple(grant for row in rows for grant in _expanded(row))
        cache.set(_key(account.pk), grants, KEPT_SECONDS)
    if acting_as:
        grants = tuple(grant for grant in grants if grant.role == acting_as) or grants
    return Actor(account_id=account.pk, person_id=account.person_id, name=account.display_name, grants=grants)


def forget(account_id: int) -> None:
    """Rights changed: the next request computes them anew."""
    cache.delete(_key(account_id))
