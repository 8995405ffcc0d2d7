"""The account under seal: opened by two envelopes together, heard by all three administrators, sealed anew after use."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Annotated

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from yanta.kernel import audit
from yanta.kernel.access import events, roles, separation
from yanta.kernel.access.models import EmergencyAccount, RoleGrant
from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity.devices import Device
from yanta.kernel.identity.models import Account
from yanta.kernel.identity.signing_in import on_service_session
from yanta.kernel.notify import send, template
from yanta.kernel.operation import Label, operation

OPEN_FOR = timedelta(hours=4)
OPENED = "access.emergency_opened"
# No letters and digits that a person under stress takes for one another.
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GROUPS, _GROUP = 3, 4
State = EmergencyAccount.State
Keeper = Annotated[str, Label("信封保管", "谁、放在哪里，如 信息中心主任，保险柜 2 号")]

template(
    OPENED,
    title="应急账号 {{ username }} 已被启用",
    body="时间 {{ at }}，地址 {{ address }}。如果您不知情，请立即在“应急账号”中重新封存。",
    icon="alarm",
    urgent=True,
)


def _half() -> str:
    groups = ("".join(secrets.choice(_SIGNS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


@operation("新建应急账号", model=EmergencyAccount, icon="lock-square")
def seal(
    *, actor: Actor, username: Annotated[str, Label("登录名")], purpose: Annotated[str, Label("用途")],
    first_keeper: Keeper, second_keeper: Keeper,
) -> str:  # fmt: skip
    """An account with the system administrator's rights; its password is told once, in two halves for two people."""
    _check_keepers(first_keeper, second_keeper)
    if Account.objects.filter(username=username).exists():
        raise Refused("这个登录名已经有人用过，登录名不重复使用", field="username")
    account = Account.objects.create(
        username=username, name="应急账号", state=Account.State.ACTIVE, password=make_password(None)
    )
    RoleGrant.objects.create(
        account=account, role=roles.ENGINEER.code, reason=f"应急账号：{purpose}"[:200], given_by_id=actor.account_id,
        valid_from=timezone.localdate(), source=RoleGrant.Source.EMERGENCY,
    )  # fmt: skip
    kept = EmergencyAccount.objects.create(
        account=account, purpose=purpose, first_keeper=first_keeper, second_keeper=second_keeper,
        sealed_at=timezone.now(), sealed_by=actor.signature,
    )  # fmt: skip
    events.tell_of([account.pk])
    return _sealed(kept)


@operation("重新封存", icon="lock", bulk=False, when=lambda kept: kept.state != State.RETIRED)
def reseal(
    kept: EmergencyAccount, *, actor: Actor, first_keeper: Keeper, second_keeper: Keeper, reason: str
) -> str:
    """After use, and whenever an envelope was opened: a new password, and whoever is in is out."""
    if kept.state == State.RETIRED:
        raise Refused("这个应急账号已经注销")
    if kept.account_id == actor.account_id:
        raise Refused("请用管理员自己的账号重新封存")
    _check_keepers(first_keeper, second_keeper)
    kept.first_keeper, kept.second_keeper, kept.serial = first_keeper, second_keeper, kept.serial + 1
    kept.state, kept.sealed_at, kept.sealed_by = State.SEALED, timezone.now(), actor.signature
    kept.save()
    return _sealed(kept)


@operation("注销", icon="trash", danger=True, bulk=False, when=lambda kept: kept.state != State.RETIRED)
def retire(kept: EmergencyAccount, *, actor: Actor, reason: str) -> None:
    """Nobody gets in by it any more; its name stays spent."""
    if kept.state == State.RETIRED:
        raise Refused("这个应急账号已经注销")
    kept.state = State.RETIRED
    kept.save(update_fields=["state", "updated_at"])
    _shut(kept, Account.State.CLOSED, f"应急账号注销：{reason}")


def _check_keepers(first: str, second: str) -> None:
    if first.strip() == second.strip():
        raise Refused("两个信封须由两个人分别保管", field="second_keeper", rule="access.emergency")


def _sealed(kept: EmergencyAccount) -> str:
    """A fresh password on the account; the sentence is the only place where it is ever written."""
    first, second = _half(), _half()
    account = kept.account
    account.password, account.state, account.state_reason = (
        make_password(f"{first}-{second}"),
        Account.State.ACTIVE,
        "",
    )
    account.password_changed_at = timezone.now()
    account.save(update_fields=["password", "state", "state_reason", "password_changed_at", "updated_at"])
    account.sessions.all().delete()
    return (
        f"应急账号 {account.username} 第 {kept.serial} 次封存，密码只显示这一次。"
        f"甲信封（{kept.first_keeper}）：{first}；乙信封（{kept.second_keeper}）：{second}。"
        "请分别打印装封；启用时先输入甲信封的字符，接一个连字符，再输入乙信封的字符。"
    )


@on_service_session
def note_use(account: Account, device: Device) -> None:
    """Somebody came in by it: the three administrators hear at once, and the audit trail keeps it."""
    kept = EmergencyAccount.objects.filter(account=account).first()
    if kept is None:
        return
    now = timezone.now()
    if kept.state == State.SEALED:
        kept.state, kept.opened_at = State.OPENED, now
    kept.opened_from = f"{device.address or '未知'}"[:100]
    kept.save(update_fields=["state", "opened_at", "opened_from", "updated_at"])
    audit.record(
        "access.emergencyaccount.open", actor=Actor.system("access"), subject=kept, summary="应急账号被启用",
        data={"address": device.address or "", "agent": device.agent},
    )  # fmt: skip
    said = {
        "username": account.username, "at": f"{timezone.localtime(now):%Y-%m-%d %H:%M}",
        "address": device.address or "未知",
    }  # fmt: skip
    send(OPENED, to=administrators(), context=said, link=f"/access/emergencyaccount/{kept.pk}/")


def administrators() -> list[int]:
    """The people who hold one of the three roles today."""
    today = timezone.localdate()
    held = RoleGrant.objects.filter(role__in=separation.THREE, valid_from__lte=today).exclude(
        valid_to__lt=today
    )
    return sorted(set(held.exclude(account__person=None).values_list("account__person_id", flat=True)))


def shut_overdue() -> int:
    """Four hours after it was opened it is shut until somebody seals it anew; returns how many."""
    overdue = EmergencyAccount.objects.filter(state=State.OPENED, opened_at__lte=timezone.now() - OPEN_FOR)
    found = list(overdue.filter(account__state=Account.State.ACTIVE).select_related("account"))
    for kept in found:
        _shut(kept, Account.State.LOCKED, "应急账号启用已满四小时，请重新封存")
    return len(found)


def _shut(kept: EmergencyAccount, state: Account.State, why: str) -> None:
    kept.account.state, kept.account.state_reason = state, why[:200]
    kept.account.save(update_fields=["state", "state_reason", "updated_at"])
    kept.account.sessions.all().delete()
