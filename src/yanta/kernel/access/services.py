"""Giving and ending roles by hand; most grants follow facts and are never touched."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from django.db.models import Value
from django.db.models.functions import Least
from django.utils import timezone

from yanta.kernel.access import delegation, events, roles, separation
from yanta.kernel.access.delegation import Part
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.access.roles import RoleCode
from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity.models import Account
from yanta.kernel.operation import Label, operation
from yanta.kernel.organisation.models import OrgUnit

Wide = Annotated[OrgUnit | None, Label("管理范围", "留空为全校")]
Unit = Annotated[OrgUnit, Label("管理单位", "含下属单位")]
Ground = Annotated[str, Label("依据", "如 任命文件号")]
Gives = Annotated[str, Label("可授予的角色", "用顿号分开，如 辅导员、业务经办人；留空则只管账号")]


@operation("授权", model=RoleGrant, icon="user-plus")
def grant(
    *, actor: Actor, account: Account, role: Annotated[RoleCode, Label("角色")], org_unit: Wide = None,
    reason: Ground, valid_to: date | None = None,
) -> RoleGrant:  # fmt: skip
    """A role for an account, for a reason, until a day. Who administers a part gives what is theirs to give."""
    if role not in roles.ROLES:
        raise Refused(f"没有“{role}”这个角色", field="role")
    if role == delegation.LOCAL:
        raise Refused("单位管理员请用“委派单位管理员”，写明可以授予哪些角色", field="role")
    return give(actor, account, role, Part(org_unit), reason=reason, valid_to=valid_to)


@operation("委派单位管理员", model=RoleGrant, icon="user-shield")
def appoint(
    *, actor: Actor, account: Account, org_unit: Unit, reason: Ground,
    valid_to: date, gives: Gives = "",
) -> RoleGrant:  # fmt: skip
    """Somebody who manages the accounts of one unit and, there, gives the named roles."""
    named = delegation.roles_named(gives)
    return give(
        actor, account, delegation.LOCAL, Part(org_unit), reason=reason, valid_to=valid_to, gives=named
    )


def give(
    actor: Actor, account: Account, role: str, part: Part, *, reason: str, valid_to: date | None,
    gives: list[str] | None = None,
) -> RoleGrant:  # fmt: skip
    """Checks giver, holder and term, and writes the grant with who gave it and on what it rests."""
    today, support = timezone.localdate(), None
    if not delegation.is_chief(actor):
        support = delegation.support_for(actor, role, part, gives=gives or (), on=today)
        delegation.check_within(account, actor, delegation.GRANT)
        valid_to = delegation.last_day(valid_to, support, on=today)
        if account.pk == actor.account_id:
            raise Refused("不能给自己授权", field="account", rule="access.delegation")
    delegation.check_holder(account, role, on=today)
    _check_new(account, role, part, reason)
    events.tell_of([account.pk])
    return RoleGrant.objects.create(
        account=account, role=role, org_unit=part.unit, circle=part.circle, reason=reason, valid_from=today,
        valid_to=valid_to, source=RoleGrant.Source.DELEGATION, gives=gives or [], given_by_id=actor.account_id,
        rests_on=support,
    )  # fmt: skip


def _check_new(account: Account, role: str, part: Part, reason: str) -> None:
    known = RoleGrant.objects.filter(
        account=account, role=role, org_unit=part.unit, circle=part.circle, reason=reason
    )
    if known.exists():
        raise Refused("同样的授权已有记录；再次授予请写新的依据", field="reason")


@operation(
    "收回", icon="user-minus", danger=True, when=lambda grant: grant.valid_to is None or grant.given_by_id
)
def withdraw(given: RoleGrant, *, actor: Actor, reason: str) -> None:
    """The role ends today, with all that was handed on by it; the entry stays as evidence."""
    if not (delegation.is_chief(actor) or actor.has_role(roles.SECURITY.code)):
        _check_taker(given, actor)
    if separation.is_on() and given.role in separation.THREE and given.account_id == actor.account_id:
        raise Refused("三员分立：不能收回自己的管理员角色，请另一位管理员处理")
    end_grant(given)


def _check_taker(given: RoleGrant, actor: Actor) -> None:
    """Who administers a part takes back what people gave there, not what facts or the school gave."""
    if given.source != RoleGrant.Source.DELEGATION:
        raise Refused("这项权限来自学籍或任职，随之变动，不能收回", rule="access.delegation")
    mine = delegation.own_grants(actor, on=timezone.localdate())
    if given.rests_on_id not in {row.pk for row in mine} and given.given_by_id != actor.account_id:
        raise Refused("这项权限不是您授予的，请由授予人或上级管理员收回", rule="access.delegation")


def end_grant(given: RoleGrant) -> None:
    """Yesterday was the last day, also of what began today; the history tells what it was."""
    yesterday = timezone.localdate() - timedelta(days=1)
    RoleGrant.objects.filter(pk=given.pk).update(
        valid_from=Least("valid_from", Value(yesterday)), valid_to=yesterday
    )
    events.tell_of([given.account_id])
