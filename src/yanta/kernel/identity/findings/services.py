"""What is done about a finding: each verb is one that accounts and rights have already, followed by a look anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated

from django.db.models import Q
from django.utils import timezone

from yanta.kernel.access import delegation
from yanta.kernel.access import services as rights
from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity import services
from yanta.kernel.identity.findings import terms
from yanta.kernel.identity.findings.checking import recheck
from yanta.kernel.identity.models import Account, AccountCheck, AccountFinding
from yanta.kernel.notify import send, template
from yanta.kernel.operation import Label, operation

Kind, State = AccountFinding.Kind, AccountFinding.State
REMINDED = "identity.finding"
Until = Annotated[date, Label("说明有效至", "最长一年，到期重新列为待处理")]

template(
    REMINDED,
    title="请处理您的账号问题：{{ kind }}",
    body="{{ detail }}。{{ advice }}",
    icon="user-exclamation",
    urgent=True,
)
_ADVICE = {
    Kind.ZOMBIE: "仍需要这个账号请登录一次，不再需要请告诉信息中心停用",
    Kind.SHARED: "请修改密码，不要把密码告诉他人，并在“账号与安全”退出不认识的设备",
    Kind.INITIAL: "请到“账号与安全”修改密码",
    Kind.LEAKED: "请立即修改密码，其他网站用同一密码的也请修改",
    Kind.SINGLE: "请到“账号与安全”启用手机验证器或登记通行密钥",
    Kind.GROUNDLESS: "请联系信息中心补办授权依据，或交还不再需要的权限",
}


def _is_pending(finding: AccountFinding) -> bool:
    return finding.state != State.SETTLED


def _is_about(*kinds: AccountFinding.Kind) -> Callable[[AccountFinding], bool]:
    return lambda finding: finding.state != State.SETTLED and finding.kind in kinds


def _look_again(finding: AccountFinding) -> None:
    """What was done may have settled this finding, and others of the same account."""
    recheck([finding.account_id], at=timezone.now())
    finding.refresh_from_db()


def _check_pending(finding: AccountFinding) -> None:
    if not _is_pending(finding):
        raise Refused("这个问题已经消除")


@operation("立即核查", model=AccountCheck, icon="player-play")
def check_now(*, actor: Actor) -> str:
    """All accounts of the school, in the background; the receipt is the newest of the list."""
    from yanta.kernel.identity.jobs import check_accounts
    from yanta.kernel.jobs import start

    start(check_accounts, actor=actor)
    return "已开始核查，完成后收到通知，对账单列在最前"


@operation("说明", icon="message-2", when=_is_pending)
def explain(finding: AccountFinding, *, actor: Actor, reason: str, until: Until) -> None:
    """It is so for a reason, until a day; then it is asked again."""
    _check_pending(finding)
    delegation.check_manages(finding.account, actor, explain.permission)
    if finding.account_id == actor.account_id:
        raise Refused("不能说明自己账号的问题，请上级管理员或信息中心说明")
    today = timezone.localdate()
    if not today < until <= today + terms.EXPLAINED_LONGEST:
        raise Refused("有效期须在今天之后，最长一年", field="until")
    finding.state, finding.explanation = State.EXPLAINED, reason[:200]
    finding.explained_by, finding.explained_until = actor.signature, until
    finding.save(update_fields=["state", "explanation", "explained_by", "explained_until", "updated_at"])


@operation("提醒本人", icon="bell", when=_is_about(*_ADVICE))
def remind(finding: AccountFinding, *, actor: Actor) -> str:
    """A message to the owner that says what is wrong and what to do; once a day at most."""
    _check_pending(finding)
    now, person = timezone.now(), finding.account.person_id
    if person is None or finding.kind not in _ADVICE:
        raise Refused("这个问题不能由本人处理，无法提醒")
    if finding.reminded_at is not None and now - finding.reminded_at < terms.REMINDED_EVERY:
        raise Refused("今天已经提醒过，明天再提醒")
    kind = Kind(finding.kind)
    said = {"kind": str(kind.label), "detail": finding.detail, "advice": _ADVICE[kind]}
    send(REMINDED, to=[person], context=said, link="/account/")
    finding.reminded_at = now
    finding.save(update_fields=["reminded_at", "updated_at"])
    return f"已提醒{finding.account.name}"


@operation("补发激活链接", icon="mail-forward", when=_is_about(Kind.DORMANT))
def send_activation(finding: AccountFinding, *, actor: Actor) -> str:
    """To the telephone on record, else to be handed over."""
    _check_pending(finding)
    told = services.resend_activation(finding.account, actor=actor)
    finding.reminded_at = timezone.now()
    finding.save(update_fields=["reminded_at", "updated_at"])
    return told


@operation("锁定账号", icon="lock", danger=True, when=lambda finding: _is_lockable(finding))
def lock_account(finding: AccountFinding, *, actor: Actor, reason: str) -> None:
    """Nobody signs in with it until somebody unlocks it; the finding stays until its cause is gone."""
    _check_pending(finding)
    services.lock(finding.account, actor=actor, reason=reason)
    _look_again(finding)


def _is_lockable(finding: AccountFinding) -> bool:
    return _is_pending(finding) and finding.account.state in (Account.State.ACTIVE, Account.State.PENDING)


@operation("停用账号", icon="user-off", danger=True, when=_is_about(Kind.ORPHAN, Kind.ZOMBIE, Kind.DORMANT))
def close_account(finding: AccountFinding, *, actor: Actor, reason: str) -> None:
    """The account is over; its name and its traces stay its own."""
    _check_pending(finding)
    services.close(finding.account, actor=actor, reason=reason)
    _look_again(finding)


@operation("收回权限", icon="user-minus", danger=True, when=_is_about(Kind.GROUNDLESS, Kind.ORPHAN))
def end_rights(finding: AccountFinding, *, actor: Actor, reason: str) -> str:
    """Every right that people gave this account ends today; what follows from facts stays."""
    _check_pending(finding)
    today = timezone.localdate()
    given = finding.account.grants.filter(source="delegation", valid_from__lte=today)
    held = list(given.filter(Q(valid_to=None) | Q(valid_to__gte=today)).select_related("org_unit"))
    if not held:
        raise Refused("这个账号没有他人授予的权限")
    for one in held:
        rights.withdraw(one, actor=actor, reason=reason)
    _look_again(finding)
    return f"收回 {len(held)} 项：{'、'.join(str(one) for one in held)[:200]}"


@operation("要求二次验证", icon="shield-check", when=_is_about(Kind.SINGLE))
def ask_factor(finding: AccountFinding, *, actor: Actor, reason: str = "") -> None:
    """The owner enrols a second factor before anything else, from the next page on."""
    _check_pending(finding)
    services.ask_factor(finding.account, actor=actor, reason=reason)


@operation("结束全部会话", icon="logout", danger=True, when=_is_about(Kind.SHARED, Kind.LEAKED))
def end_sessions(finding: AccountFinding, *, actor: Actor, reason: str) -> None:
    """Every browser is out; whoever goes on needs the password again."""
    _check_pending(finding)
    services.end_sessions(finding.account, actor=actor, reason=reason)


@operation("要求修改密码", icon="password-user", when=_is_about(Kind.SHARED, Kind.LEAKED, Kind.INITIAL))
def ask_password(finding: AccountFinding, *, actor: Actor, reason: str = "") -> None:
    """The owner sets a new password before anything else, from the next page on."""
    _check_pending(finding)
    services.ask_password(finding.account, actor=actor, reason=reason)
