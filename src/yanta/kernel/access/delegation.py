"""Administrators of a part (school, college, department, class): what they may give, and whom they may manage."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from yanta.kernel.access import roles, separation
from yanta.kernel.access.actors import grants_in_force
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.circles import people_of
from yanta.kernel.base.scope import permission_of
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person

LONGEST = timedelta(days=366)
LOCAL = roles.LOCAL_ADMIN.code


@dataclass(frozen=True, slots=True)
class Part:
    """Where a right holds: a unit with what is below it, a circle of people, or (neither) the whole school."""

    unit: OrgUnit | None = None
    circle: str = ""

    def lies_in(self, row: RoleGrant) -> bool:
        """Whether a grant reaches this whole part."""
        if row.circle:
            return self.circle == row.circle
        if row.org_unit is None:
            return True
        if self.circle:
            people = Person.objects.filter(pk__in=people_of(self.circle))
            return not people.exclude(home_unit__path__startswith=row.org_unit.path).exists()
        return self.unit is not None and self.unit.path.startswith(row.org_unit.path)


def is_chief(actor: Actor) -> bool:
    """Who gives rights for the school itself; nothing that they give rests on a right of their own."""
    return actor.is_system or actor.has_role(roles.ENGINEER.code)


def own_grants(actor: Actor, *, on: date) -> list[RoleGrant]:
    """The actor's grants in force, as far as the actor acts in them now."""
    acted = {grant.role for grant in actor.grants}
    return [row for row in grants_in_force(actor.account_id or 0, on=on) if row.role in acted]


def support_for(actor: Actor, role: str, part: Part, *, gives: Collection[str] = (), on: date) -> RoleGrant:
    """The actor's own grant on which this right would rest; refuses what the actor has not got to give."""
    for row in own_grants(actor, on=on):
        if row.role == LOCAL and _may_hand_on(row, role, gives) and part.lies_in(row):
            return row
    for row in own_grants(actor, on=on):
        same = row.role == role and role != LOCAL and roles.ROLES[role].reach == "own"
        if same or (_covers(row, role) and part.lies_in(row)):
            return row
    raise Refused("只能授予自己拥有的权限和范围", field="role", rule="access.delegation")


def _may_hand_on(row: RoleGrant, role: str, gives: Collection[str]) -> bool:
    """A right that was given to be given on; an administrator may have deputies with no more than that."""
    if role == LOCAL:
        return LOCAL in row.gives and set(gives) <= set(row.gives)
    return role in row.gives


def _covers(row: RoleGrant, role: str) -> bool:
    wanted = roles.permissions_of(role)
    return role != LOCAL and bool(wanted) and wanted <= roles.permissions_of(row.role)


def last_day(wanted: date | None, support: RoleGrant, *, on: date) -> date:
    """Handed on for a term: never past the giver's own right, never more than a year."""
    if wanted is None:
        raise Refused("请写明到期日期，委派的权限都有期限", field="valid_to", rule="access.delegation")
    if wanted < on:
        raise Refused("到期日期须在今天或以后", field="valid_to", rule="access.delegation")
    if support.valid_to is not None and wanted > support.valid_to:
        raise Refused(
            f"不能超过您自己的期限（{support.valid_to}）", field="valid_to", rule="access.delegation"
        )
    if wanted - on > LONGEST:
        raise Refused("委派最长一年，到期可以再次委派", field="valid_to", rule="access.delegation")
    return wanted


def roles_named(text: str) -> list[str]:
    """`辅导员、业务经办人` as codes; an unknown name is refused."""
    titles = {role.title: role.code for role in roles.ROLES.values()}
    words = [word for word in text.replace("、", " ").replace("，", " ").replace(",", " ").split() if word]
    unknown = [word for word in words if word not in titles and word not in roles.ROLES]
    if unknown:
        raise Refused(f"没有“{'、'.join(unknown)}”这样的角色", field="gives")
    codes = list(dict.fromkeys(titles.get(word, word) for word in words))
    chiefs = [code for code in codes if roles.ROLES[code].reach == "school"]
    if chiefs:
        names = "、".join(roles.ROLES[code].title for code in chiefs)
        raise Refused(f"{names}是全校的角色，不能交给单位管理员授予", field="gives")
    return codes


def check_holder(account: Account, role: str, *, on: date) -> None:
    """Refuses what this account may not hold besides what it holds."""
    held = {row.role for row in grants_in_force(account.pk, on=on)}
    refusal = separation.refusal_to_hold(role, held)
    if refusal:
        raise Refused(refusal, field="account", rule="access.separation")


def check_manages(account: Account, actor: Actor, permission: str) -> None:
    """Refuses an account whose rights go beyond the part of an administrator who has no other ground than that part."""
    grounds = actor.why(permission)
    if actor.is_system or any(grant.role != LOCAL for grant in grounds):
        return
    if account.pk == actor.account_id:
        raise Refused("不能处理自己的账号，请上级管理员处理", rule="access.delegation")
    on = timezone.localdate()
    mine = [row for row in own_grants(actor, on=on) if row.role == LOCAL]
    beyond = [row for row in grants_in_force(account.pk, on=on) if not _is_below(row, mine)]
    if beyond:
        raise Refused(
            f"这个账号还有“{beyond[0]}”的权限，超出您的管理范围，请上级管理员或信息中心处理",
            rule="access.delegation",
        )


def _is_below(row: RoleGrant, mine: Iterable[RoleGrant]) -> bool:
    if roles.ROLES[row.role].reach == "own":
        return True
    part = Part(row.org_unit, row.circle)
    return any(
        row.role in one.gives and part.lies_in(one) for one in mine if row.role != LOCAL or LOCAL in one.gives
    )


def check_within(account: Account, actor: Actor, permission: str) -> None:
    """Refuses people of another part."""
    if not Account.objects.visible_to(actor, permission).filter(pk=account.pk).exists():
        raise Refused("这个人不在您的管理范围内", field="account", rule=permission)


GRANT = permission_of(RoleGrant, "grant")
