"""Codes by text message: proof that somebody holds the telephone which the school has on record."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from yanta.kernel.base import Refused
from yanta.kernel.base.texts import masked
from yanta.kernel.identity.models import Account, ProofCode
from yanta.kernel.notify import gateways

DIGITS = 6
VALID_FOR = timedelta(minutes=5)
PAUSE = timedelta(minutes=1)
A_DAY = 10
TRIES = 5
WRONG = "验证码不正确或已过期"
Purpose = ProofCode.Purpose


def phone_of(account: Account) -> str:
    """The telephone on record, if texts can be sent at all."""
    return (account.person.phone or "") if account.person and gateways.texts() else ""


def shown(phone: str) -> str:
    return masked(phone, head=3, tail=4)


def send_code(account: Account, purpose: Purpose, *, at: datetime) -> None:
    """A fresh code; earlier ones of this purpose die. Refuses haste, and more than ten a day."""
    way, phone = gateways.texts(), phone_of(account)
    if way is None or not phone:
        raise Refused("学校没有登记您的手机号，请联系信息中心", rule="identity.text")
    code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        sent = account.proof_codes.filter(sent_at__gt=at - timedelta(days=1)).order_by("-sent_at")
        _check_pace(list(sent.values_list("sent_at", flat=True)), at=at)
        account.proof_codes.filter(purpose=purpose, used_at=None).update(used_at=at)
        ProofCode.objects.create(account=account, purpose=purpose, digest=_digest(account, code), sent_at=at)
    minutes = VALID_FOR // timedelta(minutes=1)
    way.send(phone, f"【雁塔】验证码 {code}，用于{purpose.label}，{minutes} 分钟内有效，请勿告诉他人。")


def _check_pace(sent: list[datetime], *, at: datetime) -> None:
    if sent and at - sent[0] < PAUSE:
        wait = int((PAUSE - (at - sent[0])).total_seconds()) + 1
        raise Refused(f"刚发过验证码，请 {wait} 秒后再试", rule="identity.text")
    if len(sent) >= A_DAY:
        raise Refused("今天发送的验证码太多了，请明天再试", rule="identity.text")


def use_code(account: Account, purpose: Purpose, typed: str, *, at: datetime) -> None:
    """Each code opens once, has five tries, and dies after five minutes."""
    live = account.proof_codes.filter(
        purpose=purpose, used_at=None, sent_at__gt=at - VALID_FOR, tries__lt=TRIES
    ).order_by("-sent_at")
    found = live.first()
    if found is None:
        raise Refused(WRONG, field="code", rule="identity.text")
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    told = [_digest(account, "".join(typed.split()), key) for key in keys]
    same = any(hmac.compare_digest(found.digest, one) for one in told)
    untouched = ProofCode.objects.filter(pk=found.pk, used_at=None, tries__lt=TRIES)
    if not same:
        untouched.update(tries=F("tries") + 1)
        raise Refused(WRONG, field="code", rule="identity.text")
    if not untouched.update(used_at=at):
        raise Refused(WRONG, field="code", rule="identity.text")


def _digest(account: Account, code: str, key: str = "") -> str:
    secret = (key or settings.SECRET_KEY).encode()
    return hmac.digest(secret, f"{account.pk}:{code}".encode(), "sha256").hex()
