"""What the information centre sets up for scanning."""

from __future__ import annotations

from typing import Annotated

from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity.scanning import simulating
from yanta.kernel.identity.scanning.models import GateCheck, ScanApp, ScanLink
from yanta.kernel.operation import Label, operation

Secret = Annotated[str, Label("应用密钥", "只保存密文，不再显示")]


@operation("保存应用密钥", icon="key", bulk=False)
def set_secret(app: ScanApp, *, actor: Actor, secret: Secret) -> None:
    """Kept sealed and shown to nobody; from now on the vendor's own pages are used."""
    if len(secret.strip()) < 16:
        raise Refused("密钥至少 16 个字符", field="secret")
    app.secret, app.is_simulated = secret.strip(), False
    app.save(update_fields=["secret", "is_simulated", "updated_at"])


@operation("启用", icon="plug", bulk=False, when=lambda app: not app.is_open)
def open_app(app: ScanApp, *, actor: Actor) -> None:
    """Its button stands on the sign-in page from now on."""
    if not app.secret:
        raise Refused("请先保存应用密钥")
    if app.kind == ScanApp.Kind.WECOM and not app.agent:
        raise Refused("企业微信还需要 AgentId")
    if app.is_simulated and not simulating.is_simulating():
        raise Refused("本机模拟只用于演示学校")
    app.is_open = True
    app.save(update_fields=["is_open", "updated_at"])


@operation("停用", icon="plug-off", danger=True, bulk=False, when=lambda app: app.is_open)
def close_app(app: ScanApp, *, actor: Actor, reason: str) -> None:
    """Nobody signs in this way any more; links stay for the day it is opened again."""
    app.is_open = False
    app.save(update_fields=["is_open", "updated_at"])


@operation("解除关联", icon="unlink", danger=True)
def unlink(link: ScanLink, *, actor: Actor, reason: str) -> None:
    """The app's user opens nothing here any more."""
    link.delete()


@operation("核验身份码", icon="qrcode", model=GateCheck, bulk=False)
def verify(
    *, actor: Actor, code: Annotated[str, Label("身份码")], gate: Annotated[str, Label("地点")]
) -> str:
    """By hand, as a gate does it by the interface."""
    from django.utils import timezone

    from yanta.kernel.identity.models import Account
    from yanta.kernel.identity.scanning import personal

    by = Account.objects.get(pk=actor.account_id)
    verdict = personal.check(code.strip(), gate=gate, by=by, at=timezone.now())
    if verdict.account is None or verdict.account.person is None:
        return f"无效：{verdict.reason}"
    return f"有效：{verdict.account.person.name}（{verdict.account.person.number}）"
