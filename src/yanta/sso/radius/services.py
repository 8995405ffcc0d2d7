"""What RADIUS brings to the registry: settings, test kit, test client, the server's password."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings

from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import operation
from yanta.sso.applications import public as sso
from yanta.sso.applications.testkit import test_application
from yanta.sso.oidc.issuing import digest_of
from yanta.sso.radius import freeradius
from yanta.sso.radius.models import Door, VlanRule


@operation("生成新密码", icon="key", bulk=False, danger=True, confirm="旧密码立即失效", roles=("head",))
def new_secret(door: Door, *, actor: Actor) -> str:
    """What the RADIUS server shows here, told this once."""
    refusal = sso.refusal_to_change(door.application, actor)
    if refusal:
        raise Refused(refusal)
    secret = secrets.token_urlsafe(24)
    door.secret_digest = digest_of(secret)
    door.save(update_fields=["secret_digest", "updated_at"])
    return f"{door.application.code} 的新密码（只显示这一次）：{secret}"


def _settings(app: sso.Application) -> list[sso.Setting]:
    return [
        sso.Setting(
            "radius", "RADIUS（802.1X）", f"/radius/door/{door.pk}/",
            (("默认 VLAN", str(door.vlan or "由接入点决定")), ("VLAN 规则", f"{door.vlans.count()} 条"), ("重新认证", f"{door.minutes} 分钟")),
        )
        for door in Door.objects.filter(application=app)
    ]  # fmt: skip


def _kit(app: sso.Application) -> sso.Kit:
    issuer = settings.SITE_ADDRESS
    written = freeradius.files(issuer=issuer, code=app.code, secret="生成的密码")  # noqa: S106 - a place to fill in
    return sso.Kit(
        "RADIUS（经 FreeRADIUS）",
        (("认证地址", f"{issuer}/radius/authenticate"), ("名称", app.code)),
        tuple(sso.Sample(f"FreeRADIUS {path}", text) for path, text in written.items()),
        (
            "支持 PAP 和 EAP-TTLS/PAP；不支持 MSCHAPv2（PEAP），它要求保存可还原成登录凭据的 NT 摘要。",
            "只做认证和分网段，不收计费（accounting）。", "server.pem、server.key 是 RADIUS 服务器自己的证书，终端须固定它。",
        ),
    )  # fmt: skip


def _test_client() -> dict[str, Any]:
    """A network for everybody: staff in VLAN 20, the others in 30."""
    app = test_application("testkit-radius", "测试应用（RADIUS）")
    secret = secrets.token_urlsafe(24)
    door, _new = Door.objects.update_or_create(
        application=app, defaults={"secret_digest": digest_of(secret), "vlan": 30, "minutes": 60}
    )
    VlanRule.objects.update_or_create(door=door, order=10, defaults={"affiliation": "staff", "vlan": 20})
    issuer = settings.SITE_ADDRESS
    return {
        "url": f"{issuer}/radius/authenticate", "name": app.code, "secret": secret, "methods": ["PAP", "EAP-TTLS/PAP"],
        "vlans": {"staff": 20, "others": 30}, "freeradius": freeradius.files(issuer=issuer, code=app.code, secret=secret),
    }  # fmt: skip


sso.register(
    sso.Protocol("radius", "RADIUS", _settings, _kit, _test_client, add_url="/radius/door/new/", order=60)
)
