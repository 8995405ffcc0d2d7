"""Housekeeping of accounts."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.identity import handing_out
from yanta.kernel.identity.findings import check_all
from yanta.kernel.identity.models import Lockout, OneTimeCode, ProofCode, Session, SignIn
from yanta.kernel.identity.opening import open_missing_accounts
from yanta.kernel.identity.trail import logs
from yanta.kernel.jobs import Progress, job

CODES_KEPT = timedelta(days=30)


@job("清理过期会话和登录记录", schedule="20 3 * * *")
def clear_expired(progress: Progress, *, actor: Actor) -> None:
    """Sessions that ended, counters nobody needs, log entries past their time."""
    now = timezone.now()
    expired = [
        ("会话", Session.objects.filter(expires_at__lte=now)),
        ("登录限制", Lockout.objects.filter(updated_at__lte=now - timedelta(days=2))),
        ("一次性重置码", OneTimeCode.objects.filter(expires_at__lte=now - CODES_KEPT)),
        ("短信验证码", ProofCode.objects.filter(sent_at__lte=now - CODES_KEPT)),
        ("登录记录", SignIn.objects.filter(at__lte=now - logs.kept())),
    ]
    for done, (title, rows) in enumerate(expired, start=1):
        count, _by_model = rows.delete()
        progress.step(done, len(expired) + 1, f"{title}：{count} 条")
    forgotten = handing_out.forget_expired(at=now)
    progress.step(len(expired) + 1, len(expired) + 1, f"过期激活码不再可读：{forgotten} 个")


@job("为新人员开通账号", schedule="*/10 * * * *")
def open_accounts(progress: Progress, *, actor: Actor) -> None:
    """Whoever came into the school's records since the last time."""
    progress.step(1, 1, f"开通 {open_missing_accounts()} 个")


@job("账号核查", schedule="40 2 * * *")
def check_accounts(progress: Progress, *, actor: Actor) -> None:
    """Orphans, zombies, shared and weak accounts, rights without a ground; ends with a receipt."""
    done = check_all(at=timezone.now(), actor=actor, step=progress.step)
    said = f"新发现 {done.new}，再次出现 {done.reopened}，仍待处理 {done.unchanged}，已说明 {done.explained}"
    progress.finish(
        link=f"/account-checks/{done.pk}/",
        text=f"核查 {done.accounts} 个账号，发现 {done.found} 个问题：{said}；消除 {done.settled}",
        accounts=done.accounts, found=done.found, new=done.new, reopened=done.reopened, unchanged=done.unchanged,
        explained=done.explained, settled=done.settled,
    )  # fmt: skip
