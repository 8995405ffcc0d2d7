"""Where the three administrators are separated: the system administrator sets, the security administrator decides."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from django.db import models
from django.utils import timezone

from yanta.kernel import workflow
from yanta.kernel.access import delegation, events, roles, separation
from yanta.kernel.access.models import RoleGrant, RoleProposal
from yanta.kernel.access.roles import RoleCode
from yanta.kernel.access.services import Gives, Ground, Wide
from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity.models import Account
from yanta.kernel.operation import Label, operation
from yanta.kernel.organisation.models import OrgUnit

LONGEST = timedelta(days=400)
PROCESS = "access.rights"
State = RoleProposal.State
Where = Annotated[OrgUnit, Label("管哪个单位的事")]
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


class Wanted(models.TextChoices):
    """What people ask for themselves; all else follows from an appointment."""

    CLERK = roles.CLERK.code, roles.CLERK.title
    COUNSELLOR = roles.COUNSELLOR.code, roles.COUNSELLOR.title


@operation("申请权限", model=RoleProposal, icon="key", roles=("teacher", "counsellor", "clerk"))
def ask(
    *, actor: Actor, role: Annotated[Wanted, Label("要什么权限")], org_unit: Where,
    reason: Annotated[str, Label("依据", "写明做什么工作、谁安排的，如“接任学院教务秘书，院办发〔2026〕8号”")],
    valid_to: Annotated[date, Label("用到哪一天", "到期自动收回，还需要可以再申请")],
) -> RoleProposal:  # fmt: skip
    """For oneself, with a term: the unit's head says that it is so, the information centre gives it."""
    account = Account.objects.filter(pk=actor.account_id).first()
    today = timezone.localdate()
    if account is None:
        raise Refused("请用本人账号申请")
    if not today < valid_to <= today + LONGEST:
        raise Refused(f"期限在明天到 {today + LONGEST:%Y-%m-%d} 之间，到期可以再申请", field="valid_to")
    held = RoleGrant.objects.filter(account=account, role=role, org_unit=org_unit).exclude(valid_to__lt=today)
    if held.exists():
        raise Refused("您已有这个单位的这项权限", field="role")
    if RoleProposal.objects.filter(
        account=account, role=role, org_unit=org_unit, state=State.WAITING
    ).exists():
        raise Refused("同样的申请正在办理", field="role")
    delegation.check_holder(account, role, on=today)
    proposal = RoleProposal.objects.create(
        account=account, role=role, org_unit=org_unit, reason=reason, valid_to=valid_to, proposed_by=account
    )
    workflow.start(PROCESS, subject=proposal, actor=actor)
    return proposal


@operation(
    "撤回", icon="arrow-back-up", bulk=False, roles=("teacher", "counsellor", "clerk"), when=_is_waiting
)
def take_back(proposal: RoleProposal, *, actor: Actor) -> None:
    """By whoever asked, before it is decided."""
    if not _is_waiting(proposal):
        raise Refused("这项提请已经处理过")
    if actor.account_id != proposal.proposed_by_id:
        raise Refused("只有申请人可以撤回")
    _decide(proposal, State.TAKEN_BACK, actor, "")


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
            "given_by_id": _giver(proposal, actor), "approved_by_id": actor.account_id,
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


def _giver(proposal: RoleProposal, actor: Actor) -> int | None:
    """Nobody gives themself a right: what people ask for is given by whoever approves."""
    own = proposal.proposed_by_id == proposal.account_id
    return actor.account_id if own else proposal.proposed_by_id


def _check_decider(proposal: RoleProposal, actor: Actor) -> None:
    if not _is_waiting(proposal):
        raise Refused("这项提请已经处理过")
    if actor.account_id in (proposal.proposed_by_id, proposal.account_id):
        raise Refused("不能批准自己提请的，或给自己的权限", rule="access.separation")
    if separation.is_on() and not actor.has_role(roles.SECURITY.code):
        raise Refused("三员分立：授权由安全管理员批准", rule="access.separation")


def _decide(proposal: RoleProposal, state: RoleProposal.State, actor: Actor, opinion: str) -> None:
    proposal.state, proposal.decided_by_id, proposal.opinion = state, actor.account_id, opinion
    proposal.save(update_fields=["state", "decided_by", "opinion", "grant", "updated_at"])
