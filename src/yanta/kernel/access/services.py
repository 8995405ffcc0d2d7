"""Giving and ending roles by hand; most grants follow facts and are never touched."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from django.utils import timezone

from yanta.kernel.access import roles
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity.models import Account
from yanta.kernel.operation import Label, operation
from yanta.kernel.organisation.models import OrgUnit


def _may_give(actor: Actor, role: str, org_unit: OrgUnit | None) -> bool:
    """One gives only what one has: the same rights or fewer, in the same reach or less."""
    wanted = roles.permissions_of(role)
    for permission in wanted:
        reach = actor.reach(permission)
        inside = org_unit is not None and any(org_unit.path.startswith(path) for path in reach.paths)
        own_only = roles.ROLES[role].reach == "own" and not reach.nothing
        if not (reach.everything or inside or own_only):
            return False
    return True


@operation("授权", model=RoleGrant, icon="user-plus")
def grant(
    *, actor: Actor, account: Account, role: Annotated[str, Label("角色代码")],
    org_unit: Annotated[OrgUnit | None, Label("管理范围", "留空为全校")] = None,
    reason: Annotated[str, Label("依据", "如 任命文件号")], valid_to: date | None = None,
) -> RoleGrant:  # fmt: skip
    """A role for an account, for a reason, until a day."""
    if role not in roles.ROLES:
        raise Refused(f"没有“{role}”这个角色", field="role")
    if (
        not actor.has_role(roles.ENGINEER.code)
        and not actor.is_system
        and not _may_give(actor, role, org_unit)
    ):
        raise Refused("只能授予自己拥有的权限和范围", field="role")
    return RoleGrant.objects.create(
        account=account, role=role, org_unit=org_unit, reason=reason, valid_from=timezone.localdate(),
        valid_to=valid_to, source=RoleGrant.Source.DELEGATION,
    )  # fmt: skip


@operation("收回", icon="user-minus", danger=True, when=lambda grant: grant.valid_to is None)
def withdraw(given: RoleGrant, *, actor: Actor, reason: str) -> None:
    """The role ends today; the entry stays as evidence."""
    yesterday = timezone.localdate() - timedelta(days=1)
    given.valid_to = max(given.valid_from, yesterday)
    if given.valid_from > yesterday:
        given.delete()
        return
    given.save(update_fields=["valid_to", "updated_at"])
