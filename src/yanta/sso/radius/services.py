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
    return sso.Kit(
        "RADIUS（经 FreeRADIUS）",
        (("认证地址", f"{issuer}/radius/authenticate"), ("名称", app.code)),
        (sso.Sample("FreeRADIUS mods-enabled/rest", REST.format(issuer=issuer, code=app.code, secret="生成的密码")),),  # noqa: S106 - a place to fill in
        ("支持 PAP 和 EAP-TTLS/PAP；不支持 MSCHAPv2（PEAP），它要求保存可还原成登录凭据的 NT 摘要。",),
    )  # fmt: skip


REST = """rest {{
  connect_uri = "{issuer}"
  authenticate {{
    uri = "${{..connect_uri}}/radius/authenticate"
    method = 'post'
    body = 'json'
    auth = 'basic'
    username = "{code}"
    password = "{secret}"
    force_to = 'json'
    timeout = 8.0
  }}
}}"""


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
        "vlans": {"staff": 20, "others": 30}, "freeradius": REST.format(issuer=issuer, code=app.code, secret=secret),
    }  # fmt: skip


sso.register(
    sso.Protocol("radius", "RADIUS", _settings, _kit, _test_client, add_url="/radius/door/new/", order=60)
)
