"""What LDAP brings to the registry: settings, test kit, test client, its password."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings

from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import operation
from yanta.sso.applications import public as sso
from yanta.sso.applications.testkit import test_application
from yanta.sso.ldap import feeding, names  # noqa: F401 - declares the OpenLDAP wire
from yanta.sso.ldap.models import Door
from yanta.sso.oidc.issuing import digest_of


@operation("生成新密码", icon="key", bulk=False, danger=True, confirm="旧密码立即失效", roles=("head",))
def new_secret(door: Door, *, actor: Actor) -> str:
    """The application's own password, shown this once."""
    refusal = sso.refusal_to_change(door.application, actor)
    if refusal:
        raise Refused(refusal)
    secret = secrets.token_urlsafe(24)
    door.secret_digest = digest_of(secret)
    door.save(update_fields=["secret_digest", "updated_at"])
    return f"{client_dn(door)} 的新密码（只显示这一次）：{secret}"


def client_dn(door: Door) -> str:
    return f"cn=client,o={door.application.code},{settings.LDAP_BASE}"


def _settings(app: sso.Application) -> list[sso.Setting]:
    return [
        sso.Setting(
            "ldap", "LDAP 目录", f"/ldap/door/{door.pk}/",
            (("绑定名称", client_dn(door)), ("查询", "可以" if door.may_search else "只验证密码"), ("一次最多", f"{door.most_results:,} 条")),
        )
        for door in Door.objects.filter(application=app).select_related("application")
    ]  # fmt: skip


def _kit(app: sso.Application) -> sso.Kit:
    base, where = settings.LDAP_BASE, settings.LDAP_ADDRESS
    known = {"code": app.code, "base": base, "where": where}
    return sso.Kit(
        "LDAP v3",
        (
            ("地址", where), ("目录根", f"o={app.code},{base}"), ("绑定名称", f"cn=client,o={app.code},{base}"),
            ("人员", f"ou=people,o={app.code},{base}"), ("分组", f"ou=groups,o={app.code},{base}"),
        ),
        (sso.Sample("ldapsearch", _SEARCH.format(**known)), sso.Sample("Moodle、GitLab 等", _APP.format(**known))),
        ("只读；不允许匿名；密码须经 StartTLS 或 LDAPS 传输。", "只看得到准入规则放行的人和属性发布里的信息。"),
    )  # fmt: skip


_SEARCH = """ldapsearch -ZZ -H {where} -D "cn=client,o={code},{base}" -W \\
  -b "ou=people,o={code},{base}" "(uid=登录名)" cn mail memberOf"""
_APP = """服务器 {where}，加密 StartTLS
绑定 DN cn=client,o={code},{base}
用户基准 DN ou=people,o={code},{base}
用户过滤 (uid=%s)
用户登录名属性 uid"""


def _test_client() -> dict[str, Any]:
    """A branch open to everybody; its password is made anew each time."""
    app = test_application("testkit-ldap", "测试应用（LDAP）")
    secret = secrets.token_urlsafe(24)
    door, _new = Door.objects.update_or_create(
        application=app, defaults={"secret_digest": digest_of(secret), "may_search": True}
    )
    base = settings.LDAP_BASE
    return {
        "url": settings.LDAP_ADDRESS, "start_with": "yanta sso ldap", "bind_dn": client_dn(door), "bind_password": secret,
        "people": f"ou=people,o={app.code},{base}", "groups": f"ou=groups,o={app.code},{base}",
        "user_dn": names.person(base, app.code, "teacher"),
    }  # fmt: skip


sso.register(
    sso.Protocol("ldap", "LDAP v3", _settings, _kit, _test_client, add_url="/ldap/door/new/", order=50)
)
