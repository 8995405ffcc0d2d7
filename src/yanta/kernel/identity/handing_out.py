"""Codes for the first activation, handed out to a whole class on paper; each opens one account once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.circles import people_of
from yanta.kernel.identity.models import Account, OneTimeCode
from yanta.kernel.notify import send, template
from yanta.kernel.operation import Label, operation

# Read from paper and typed on a phone: no letter that looks like a digit. 31^10 is close to 50 bits.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 10
LONGEST_DAYS = 60
DUE = "identity.activation_due"
ACTIVATION = OneTimeCode.Purpose.ACTIVATION

template(
    DUE,
    title="【雁塔】您的校园账号还没有激活，请用学号和激活码（由班级发放）或证件号后六位激活：{{ address }}",
    channels=("sms",),
    icon="user-check",
)
Circle = Annotated[str, Label("人群", "如 class:12")]
Days = Annotated[int, Label("有效天数", f"最长 {LONGEST_DAYS} 天")]


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of a hand-out: asked = issued + kept + active + beyond."""

    asked: int
    issued: int
    kept: int
    active: int
    beyond: int

    def __str__(self) -> str:
        said = f"{self.asked} 人：新发激活码 {self.issued}，已有未用的 {self.kept}，已经激活 {self.active}"
        return f"{said}，权限超出您的范围 {self.beyond}" if self.beyond else said


def digest_of(account_id: int, code: str) -> str:
    """Bound to the account, so that a code opens nothing under another number."""
    typed = code.upper().replace("-", "").replace(" ", "")
    return hmac.digest(
        settings.SECRET_KEY.encode(), f"activation:{account_id}:{typed}".encode(), hashlib.sha256
    ).hex()


def _fresh() -> str:
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{drawn[:5]}-{drawn[5:]}"


def alive(at: datetime) -> Q:
    """Codes that still open their account."""
    return Q(purpose=ACTIVATION, used_at=None, voided_at=None, expires_at__gt=at)


def issue(accounts: Collection[Account], *, by: str, until: datetime, at: datetime) -> list[OneTimeCode]:
    """A new code each; what they held before opens nothing any more."""
    held = OneTimeCode.objects.filter(account__in=accounts, purpose=ACTIVATION, used_at=None, voided_at=None)
    held.update(voided_at=at, code=None)
    rows = []
    for account in accounts:
        code = _fresh()
        rows.append(
            OneTimeCode(
                account=account, purpose=ACTIVATION, digest=digest_of(account.pk, code), code=code, issued_by=by,
                expires_at=until,
            )
        )  # fmt: skip
    return OneTimeCode.objects.bulk_create(rows, batch_size=1000)


def _within(actor: Actor, permission: str, accounts: Iterable[Account]) -> list[Account]:
    """Without those who may more than the part that the actor administers."""
    from yanta.kernel.access.delegation import check_manages

    kept = []
    for account in accounts:
        try:
            check_manages(account, actor, permission)
        except Refused:
            continue
        kept.append(account)
    return kept


def _of(circle: str, actor: Actor, permission: str) -> QuerySet[Account]:
    people = people_of(circle) if ":" in circle and circle.partition(":")[2].isdecimal() else ()
    found: QuerySet[Account] = Account.objects.visible_to(actor, permission).filter(person__in=people)
    return found


@operation("发放激活码", model=OneTimeCode, icon="ticket")
def hand_out(*, actor: Actor, circle: Circle, days: Days = 30) -> str:
    """A code for everybody of a class whose account still waits; whoever holds one keeps it."""
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused(f"有效天数应在 1 到 {LONGEST_DAYS} 之间", field="days")
    at, found = timezone.now(), _of(circle, actor, hand_out.permission)
    accounts = list(found.order_by("username"))
    if not accounts:
        raise Refused("这个班级没有您可以发放激活码的人", field="circle")
    return str(_handed(accounts, actor, at=at, until=at + timedelta(days=days)))


def _handed(accounts: list[Account], actor: Actor, *, at: datetime, until: datetime) -> Handed:
    waiting = [one for one in accounts if one.state == Account.State.PENDING]
    holding = set(
        OneTimeCode.objects.filter(alive(at), account__in=waiting).values_list("account_id", flat=True)
    )
    without = [one for one in waiting if one.pk not in holding]
    mine = _within(actor, hand_out.permission, without)
    issue(mine, by=actor.signature, until=until, at=at)
    beyond = len(without) - len(mine)
    return Handed(len(accounts), len(mine), len(holding), len(accounts) - len(waiting), beyond)


@operation("打印激活码", model=OneTimeCode, icon="printer")
def read_codes(*, actor: Actor, circle: Circle) -> list[OneTimeCode]:
    """The codes of a class that still open an account, to be printed or put into a sheet; who read them is kept."""
    accounts = _of(circle, actor, read_codes.permission)
    held = OneTimeCode.objects.visible_to(actor, read_codes.permission).filter(
        alive(timezone.now()), account__in=accounts
    )
    mine = {
        one.pk for one in _within(actor, read_codes.permission, accounts.filter(state=Account.State.PENDING))
    }
    return [one for one in held.select_related("account") if one.account_id in mine]


@operation("重新发放", icon="refresh", bulk=False, when=lambda code: code.used_at is None)
def reissue(code: OneTimeCode, *, actor: Actor, days: Days = 7) -> str:
    """The slip was lost: another code, and the lost one opens nothing."""
    account = code.account
    if account.state != Account.State.PENDING:
        raise Refused("这个账号已经激活，不需要激活码")
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused(f"有效天数应在 1 到 {LONGEST_DAYS} 之间", field="days")
    if not _within(actor, reissue.permission, [account]):
        raise Refused("这个账号的权限超出您的管理范围，请上级管理员或信息中心发放", rule="access.delegation")
    at = timezone.now()
    (made,) = issue([account], by=actor.signature, until=at + timedelta(days=days), at=at)
    return f"{account.name} 的新激活码：{made.code}（{days} 天内有效，只显示这一次；原码已作废）"


@operation("作废", icon="ban", danger=True, when=lambda code: code.used_at is None and code.voided_at is None)
def void(code: OneTimeCode, *, actor: Actor, reason: str) -> None:
    """It opens nothing from now on."""
    if code.used_at is not None:
        raise Refused("这个激活码已经用过")
    code.voided_at, code.code = timezone.now(), None
    code.save(update_fields=["voided_at", "code", "updated_at"])


@operation("提醒激活", model=OneTimeCode, icon="message")
def remind(*, actor: Actor, circle: Circle) -> str:
    """A text to everybody of a class whose account still waits; once a day at most."""
    waiting = _of(circle, actor, remind.permission).filter(state=Account.State.PENDING)
    people = list(waiting.values_list("person", flat=True))
    if not people:
        raise Refused("这个班级的账号都已激活")
    said = {"address": f"{settings.SITE_ADDRESS}/activate/"}
    sent = send(DUE, to=people, context=said, once=f"{timezone.localdate()}")
    if not sent:
        raise Refused("今天已经提醒过，明天再提醒")
    return f"已提醒 {sent} 人"


def of_code(account: Account | None, typed: str, *, at: datetime) -> OneTimeCode | None:
    """The living code of this account that was typed, or None."""
    if account is None or not typed:
        return None
    found: OneTimeCode | None = OneTimeCode.objects.filter(
        alive(at), account=account, digest=digest_of(account.pk, typed)
    ).first()
    return found


def spend(key: int, *, at: datetime) -> None:
    """Of two people with the same slip only the first goes on; to be called within the transaction of the password."""
    if not OneTimeCode.objects.filter(alive(at), pk=key).update(used_at=at, code=None):
        raise Refused("这个激活码已经用过或已过期，请联系发放的老师重新领取", rule="identity.code")


def clear(account: Account, *, at: datetime) -> None:
    """The account is open: its codes have nothing left to do."""
    held = OneTimeCode.objects.filter(account=account, purpose=ACTIVATION, used_at=None, voided_at=None)
    held.update(voided_at=at, code=None)


def forget_expired(*, at: datetime) -> int:
    """Codes past their time become unreadable; returns how many."""
    with transaction.atomic():
        over = OneTimeCode.objects.filter(purpose=ACTIVATION, expires_at__lte=at).exclude(code=None)
        return int(over.update(code=None))
