"""Rights follow the tree."""

from __future__ import annotations

from django.db.models import F

from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.events import UnitsChanged


@on(UnitsChanged)
def refresh_rights(event: UnitsChanged, *, actor: Actor) -> None:
    """Units moved, so what a grant's subtree is has to be looked up anew."""
    holders = RoleGrant.objects.exclude(org_unit=None).values("account_id")
    Account.objects.filter(pk__in=holders).update(rights_version=F("rights_version") + 1)
