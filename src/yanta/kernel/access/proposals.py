"""Where the three administrators are separated: the system administrator sets, the security administrator decides."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.utils import timezone

from yanta.kernel.access import delegation, events, roles
from yanta.kernel.access.models import RoleGrant, RoleProposal
from yanta.kernel.access.roles import RoleCode
from yanta.kernel.access.services import Gives, Ground, Wide
from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity.models import Account
from yanta.kernel.operation import Label, operation

State = RoleProposal.State
Opinion = Annotated[str, Label("意见")]


def _is_waiting(proposal: RoleProposal) -> bool:
    return proposal.state == State.WAITING


@operation("提请授权", model=RoleProposal, icon="user-plus")
def propose(
    *, actor: Actor, account: Account, role: Annotated[RoleCode, Label("角色")], org_unit: Wide = None,
    reason: Ground, valid_to: date | None = None, gives: Gives = "",
) -> RoleProposal:  # fmt: skip
    """Set, not yet in force: the security administrator decides."""
    if role not in roles.ROLES:
        raise Refused(f"没有“{role}”这个角色", field="role")
    if valid_to is not None and valid_to < timezone.localdate():
        raise Refused("到期日期须在今天或以后", field="valid_to")
    if actor.account_id is None:
        raise Refused("提请须由管理员本人作出")
    named = delegation.roles_named(gives)
    if named and role != delegation.LOCAL:
        raise Refused("只有单位管理员可以再授予角色", field="gives")
    delegation.check_holder(account, role, on=timezone.localdate())
    return RoleProposal.objects.create(
        account=account, role=role, org_unit=org_unit, gives=named, reason=reason, valid_to=valid_to,
        proposed_by_id=actor.account_id,
    )  # fmt: skip


@operation("批准", icon="check", when=_is_waiting)
def approve(proposal: RoleProposal, *, actor: Actor, opinion: Opinion = "同意") -> None:
    """The right is in force from today on, with both names under it."""
    _check_decider(proposal, actor)
    today = timezone.localdate()
    delegation.check_holder(proposal.account, proposal.role, on=today)
    given, is_new = RoleGrant.objects.get_or_create(
        account=proposal.account, role=proposal.role, org_unit=proposal.org_unit, circle="", reason=proposal.reason,
        defaults={
            "valid_from": today, "valid_to": proposal.valid_to, "gives": proposal.gives,
            "given_by": proposal.proposed_by, "approved_by_id": actor.account_id,
        },
    )  # fmt: skip
    if not is_new:
        raise Refused("同样的授权已有记录；请退回并写新的依据")
    proposal.grant = given
    _decide(proposal, State.GRANTED, actor, opinion)
    events.tell_of([proposal.account_id])


@operation("不批准", icon="x", danger=True, when=_is_waiting)
def turn_down(proposal: RoleProposal, *, actor: Actor, opinion: Opinion) -> None:
    """Nothing comes of it; the reason stays with it."""
    _check_decider(proposal, actor)
    _decide(proposal, State.TURNED_DOWN, actor, opinion)


def _check_decider(proposal: RoleProposal, actor: Actor) -> None:
    if not _is_waiting(proposal):
        raise Refused("这项提请已经处理过")
    if actor.account_id in (proposal.proposed_by_id, proposal.account_id):
        raise Refused("不能批准自己提请的，或给自己的权限", rule="access.separation")


def _decide(proposal: RoleProposal, state: RoleProposal.State, actor: Actor, opinion: str) -> None:
    proposal.state, proposal.decided_by_id, proposal.opinion = state, actor.account_id, opinion
    proposal.save(update_fields=["state", "decided_by", "opinion", "grant", "updated_at"])
