"""What engineers and security administrators do to accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity import activation, factors, lockout, proofs, tokens
from yanta.kernel.identity.models import Account, ApiToken, Session
from yanta.kernel.identity.rules import CODE_VALID_FOR
from yanta.kernel.notify import gateways
from yanta.kernel.operation import Label, operation

State = Account.State
IdTail = Annotated[str, Label("证件号后六位", "请本人出示身份证件，照证件填写")]


def _check_reach(account: Account, actor: Actor, permission: str) -> None:
    """Who administers a part leaves alone whoever may more than that part."""
    from yanta.kernel.access.delegation import check_manages

    check_manages(account, actor, permission)


def _is_usable(account: Account) -> bool:
    return account.state in (State.ACTIVE, State.PENDING)


@operation("锁定", icon="lock", danger=True, when=_is_usable)
def lock(account: Account, *, actor: Actor, reason: str) -> None:
    """Nobody signs in with it any more, and whoever is signed in is out at once."""
    if account.pk == actor.account_id:
        raise Refused("不能锁定自己的账号")
    _stop(account, State.LOCKED, reason)


@operation("停用", icon="user-off", danger=True, when=lambda account: account.state != State.CLOSED)
def close(account: Account, *, actor: Actor, reason: str) -> None:
    """The owner has left. The account stays, so that its name and its traces are nobody else's."""
    if account.pk == actor.account_id:
        raise Refused("不能停用自己的账号")
    _stop(account, State.CLOSED, reason)


def _stop(account: Account, state: Account.State, reason: str) -> None:
    account.state, account.state_reason = state, reason
    account.save(update_fields=["state", "state_reason", "updated_at"])
    account.sessions.all().delete()


@operation("解锁", icon="lock-open", when=lambda account: not _is_usable(account))
def unlock(account: Account, *, actor: Actor, reason: str) -> None:
    """Open again as it was; failures counted so far are forgiven."""
    _check_reach(account, actor, unlock.permission)
    if account.ended_by_facts:
        raise Refused("账号因身份结束停用，学籍或任职恢复后自动恢复，不能手工解锁")
    account.state = State.ACTIVE if account.has_usable_password() else State.PENDING
    account.state_reason = ""
    account.save(update_fields=["state", "state_reason", "updated_at"])
    lockout.forgive(account.pk)


@operation("重置二次验证", icon="shield-off", danger=True, bulk=False)
def reset_second_factor(account: Account, *, actor: Actor, reason: str) -> None:
    """The owner lost the phone and the recovery codes, and has shown who they are."""
    factors.remove(account)
    account.sessions.all().delete()


@operation(
    "要求二次验证", icon="shield-check", when=lambda account: account.is_active and not account.is_service
)
def ask_factor(account: Account, *, actor: Actor, reason: str = "") -> None:
    """From the next page on the owner enrols a second factor before anything else."""
    if account.is_service:
        raise Refused("服务账号没有人可以出示二次验证")
    if factors.is_enrolled(account):
        raise Refused("这个账号已经启用二次验证")
    account.must_enrol_factor = True
    account.save(update_fields=["must_enrol_factor", "updated_at"])


@operation(
    "要求修改密码", icon="password-user", when=lambda account: account.is_active and not account.is_service
)
def ask_password(account: Account, *, actor: Actor, reason: str = "") -> None:
    """From the next page on the owner sets a new password before anything else."""
    _check_reach(account, actor, ask_password.permission)
    if not account.has_usable_password():
        raise Refused("这个账号没有密码，请补发激活链接或重置密码")
    account.must_change_password = True
    account.save(update_fields=["must_change_password", "updated_at"])


@operation("结束全部会话", icon="logout", danger=True)
def end_sessions(account: Account, *, actor: Actor, reason: str) -> None:
    """Every browser signed in with it is out at once."""
    _check_reach(account, actor, end_sessions.permission)
    account.sessions.all().delete()


@operation("重置密码", icon="key", danger=True, bulk=False, when=_is_usable)
def reset_password(account: Account, *, actor: Actor, reason: str) -> str:
    """A link that sets a new password once within a day; the old password stops working."""
    if account.is_service:
        raise Refused("服务账号没有密码，请签发令牌")
    account.set_unusable_password()
    account.save(update_fields=["password", "updated_at"])
    account.sessions.all().delete()
    return f"{settings.SITE_ADDRESS}{activation.issue_code(account, at=timezone.now())}"


@operation("凭证件重置密码", icon="id", danger=True, bulk=False, when=_is_usable)
def reset_by_document(account: Account, *, actor: Actor, id_tail: IdTail, reason: str) -> str:
    """The owner stands there with a document: its number is compared with what the school knows before the link."""
    _check_reach(account, actor, reset_by_document.permission)
    if not activation.is_tail_of(account, id_tail):
        raise Refused("证件号后六位与学校登记的不一致，未重置", field="id_tail", rule="identity.document")
    account.set_unusable_password()
    account.save(update_fields=["password", "updated_at"])
    account.sessions.all().delete()
    return f"{settings.SITE_ADDRESS}{activation.issue_code(account, at=timezone.now())}"


@operation(
    "补发激活链接", icon="mail-forward", bulk=False, when=lambda account: account.state == State.PENDING
)
def resend_activation(account: Account, *, actor: Actor) -> str:
    """A link that opens the account, by text to the telephone on record, else to be handed over."""
    _check_reach(account, actor, resend_activation.permission)
    if account.state != State.PENDING or account.is_service:
        raise Refused("账号已经激活过，忘记密码请用“凭证件重置密码”")
    link = f"{settings.SITE_ADDRESS}{activation.issue_code(account, at=timezone.now())}"
    way, phone = gateways.texts(), proofs.phone_of(account)
    if way is None or not phone:
        return link
    hours = int(CODE_VALID_FOR.total_seconds() // 3600)
    way.send(phone, f"【雁塔】请在 {hours} 小时内激活您的校园账号 {account.username}：{link}")
    return f"已发送到 {proofs.shown(phone)}，{hours} 小时内有效"


@operation("结束会话", icon="logout", danger=True)
def end_session(session: Session, *, actor: Actor) -> None:
    """This one browser is out at once."""
    if session.account is not None:
        _check_reach(session.account, actor, end_session.permission)
    session.delete()


@operation("新建服务账号", model=Account, icon="robot")
def open_service_account(
    *,
    actor: Actor,
    username: Annotated[str, Label("登录名")],
    name: Annotated[str, Label("用途")],
    reason: str,
) -> Account:
    """An account for a program: no person, no password, only tokens and the roles it is granted."""
    if Account.objects.filter(username=username).exists():
        raise Refused("这个登录名已经有人用过，登录名不重复使用", field="username")
    return Account.objects.create(
        username=username, name=name, state=State.ACTIVE, password=make_password(None)
    )


@operation("签发令牌", icon="key", bulk=False, when=lambda account: account.is_service and account.is_active)
def issue_token(
    account: Account, *, actor: Actor, name: Annotated[str, Label("用途")],
    scope: Annotated[ApiToken.Scope, Label("权限")] = ApiToken.Scope.READ,
    days: Annotated[int, Label("有效天数", "最长 366 天")] = 90,
) -> str:  # fmt: skip
    """A key for a program, shown once. People issue theirs themselves under 账号与安全."""
    if not account.is_service:
        raise Refused("个人令牌由本人在“账号与安全”中签发")
    _token, secret = tokens.issue(
        account, name=name, scope=scope, valid_for=timedelta(days=days), at=timezone.now()
    )
    return secret


@operation("吊销", icon="key-off", danger=True, when=lambda token: token.revoked_at is None)
def revoke_token(token: ApiToken, *, actor: Actor, reason: str) -> None:
    """The program is refused from this moment on."""
    tokens.revoke(token, at=timezone.now())
