"""What SCIM brings to the registry: settings, test kit, test client, scopes."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.jobs import start
from yanta.kernel.operation import operation
from yanta.kernel.people.models import Person
from yanta.sso.applications import public as sso
from yanta.sso.applications.testkit import test_application
from yanta.sso.oidc.models import Client
from yanta.sso.oidc.scopes import machine_scope
from yanta.sso.scim import service
from yanta.sso.scim.models import Copy, Door, Target
from yanta.sso.scim.provisioning import speaking  # noqa: F401 - declares the SCIM wire


def _door_of(client: Client) -> Door | None:
    found: Door | None = Door.objects.filter(application=client.application_id).first()
    return found


def _may_write(client: Client) -> bool:
    door = _door_of(client)
    return door is not None and door.may_write


machine_scope(service.READ, "读取授权范围内的人员和分组", lambda client: _door_of(client) is not None)
machine_scope(service.WRITE, "开通访客账号、维护自建分组", _may_write)


def _settings(app: sso.Application) -> list[sso.Setting]:
    found = []
    for door in Door.objects.filter(application=app).select_related("sponsor"):
        writes = f"可以，担保人 {door.sponsor}" if door.may_write else "不可以"
        told = (("开通账号和分组", writes), ("每小时最多读取", f"{door.rows_an_hour:,} 条"))
        found.append(sso.Setting("scim", "SCIM 接口（应用来读）", f"/scim/door/{door.pk}/", told))
    for target in Target.objects.filter(application=app):
        kept = (
            ("地址", target.url),
            ("协议", target.get_wire_display()),
            ("离校后", target.get_leaving_display()),
        )
        found.append(sso.Setting("scim", "同步目标（我方送去）", f"/scim/target/{target.pk}/", kept))
    return found


def _kit(app: sso.Application) -> sso.Kit:
    issuer = settings.SITE_ADDRESS
    client = app.oidc_clients.filter(uses_client_credentials=True).first()
    name = client.client_id if client else "客户端标识"
    return sso.Kit(
        "SCIM 2.0",
        (("根地址", f"{issuer}/scim/v2"), ("令牌", f"{issuer}/oidc/token"), ("范围", f"{service.READ} {service.WRITE}")),
        (
            sso.Sample("取令牌", _CREDENTIALS.format(issuer=issuer, id=name)),
            sso.Sample("查一个人", _QUERY.format(issuer=issuer)),
        ),
        (
            "学籍、任职产生的账号和单位、班级、角色分组只能读；应用只能改自己开通的访客账号、自建的分组和自己的 externalId。",
            "只看得到准入规则放行的人，只给属性发布里的信息；没有发布的信息查询不到，也不能用来筛选。",
        ),
    )  # fmt: skip


_CREDENTIALS = """curl -u {id}:密钥 {issuer}/oidc/token \\
  -d grant_type=client_credentials -d scope=scim.read"""
_QUERY = """curl -H "Authorization: Bearer 令牌" -G {issuer}/scim/v2/Users \\
  --data-urlencode 'filter=userName eq "登录名"'"""


def _test_client() -> dict[str, Any]:
    """An application that may read everybody and open guests; its secret is made anew each time."""
    app = test_application("testkit-scim", "测试应用（SCIM）")
    sponsor = Person.objects.filter(merged_into=None, account__state="active").order_by("pk").first()
    Door.objects.update_or_create(
        application=app,
        defaults={"may_write": sponsor is not None, "sponsor": sponsor, "unit": app.owner, "days": 30, "rows_an_hour": 100_000},
    )  # fmt: skip
    secret = secrets.token_urlsafe(36)
    client, _new = Client.objects.update_or_create(
        client_id="testkit-scim",
        defaults={
            "application": app, "client_secret": secret, "uses_client_credentials": True, "uses_code": False, "redirect_uris": "",
        },
    )  # fmt: skip
    issuer = settings.SITE_ADDRESS
    return {
        "base": f"{issuer}/scim/v2", "token_endpoint": f"{issuer}/oidc/token", "client_id": client.client_id,
        "client_secret": secret, "scopes": [service.READ, service.WRITE],
    }  # fmt: skip


sso.register(
    sso.Protocol("scim", "SCIM 2.0", _settings, _kit, _test_client, add_url="/scim/door/new/", order=40)
)


# Targets


@operation("立即全量对账", icon="scale", bulk=False, confirm="逐条核对对方的全部人员和分组，不一致的改过来")
def reconcile_now(target: Target, *, actor: Actor) -> str:
    """In the background; the receipt stands on the target's page."""
    from yanta.sso.scim.jobs import reconcile_target

    if not target.is_on:
        raise Refused("这个目标没有启用")
    start(reconcile_target, actor=actor, target_id=target.pk)
    return "已开始对账，完成后在本页“对账单”里看结果"


@operation("重试失败的", icon="refresh", bulk=False)
def retry_failed(target: Target, *, actor: Actor) -> str:
    """After whatever was in the way is gone."""
    failed = target.copies.filter(state=Copy.State.FAILED)
    count = failed.update(state=Copy.State.WAITING, due_at=timezone.now(), attempts=0)
    return f"{count} 条将在几秒内重试" if count else "没有失败的"
