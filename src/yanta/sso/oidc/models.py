"""Clients, codes, tokens and keys. Codes and tokens are kept as digests only."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractApplication,
    AbstractDeviceGrant,
    AbstractGrant,
    AbstractRefreshToken,
)

from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record, RecordQuerySet
from yanta.sso.applications.models import Application, Entry
from yanta.sso.oidc import rules


def new_client_id() -> str:
    return secrets.token_hex(12)


class Client(AbstractApplication, Record):  # type: ignore[django-manager-missing]  # the toolkit names none
    """One client of an application. Its secret is known to nobody; a new one is shown once."""

    org_path = "application__owner"
    title_needs = ("application",)
    history_exclude = ("client_secret", "updated_at")

    class Kind(models.TextChoices):
        CONFIDENTIAL = "confidential", "有服务器端（能保守密钥）"
        PUBLIC = "public", "手机应用或单页应用（不能保守密钥）"

    class Algorithm(models.TextChoices):
        RS256 = "RS256", "RS256"
        ES256 = "ES256", "ES256"

    # The toolkit's owner, flags and stamps that the registry has no use for.
    user = None
    name = ""
    skip_authorization = True
    hash_client_secret = True
    authorization_grant_type = AbstractApplication.GRANT_AUTHORIZATION_CODE
    registration_source = AbstractApplication.RegistrationSource.MANUAL
    cimd_expires_at = None
    created = None
    updated = None

    application = models.ForeignKey(
        Application, models.CASCADE, verbose_name="应用", related_name="oidc_clients"
    )
    client_id = models.CharField(
        "客户端标识", max_length=100, unique=True, default=new_client_id, editable=False
    )
    client_type = models.CharField("客户端类型", max_length=32, choices=Kind, default=Kind.CONFIDENTIAL)
    algorithm = models.CharField("签名算法", max_length=5, choices=Algorithm, default=Algorithm.RS256)
    redirect_uris = models.TextField(
        "回调地址", blank=True, help_text="每行一个，必须一字不差；本机调试可用 http://127.0.0.1"
    )
    post_logout_redirect_uris = models.TextField("退出后回到的地址", blank=True, help_text="每行一个")
    backchannel_logout_uri = models.CharField("后台退出通知地址", max_length=300, blank=True)
    frontchannel_logout_uri = models.CharField("浏览器退出通知地址", max_length=300, blank=True)
    allowed_origins = models.TextField("允许跨域的来源", blank=True, help_text="单页应用填写，每行一个")
    uses_code = models.BooleanField("用户登录（授权码）", default=True)
    uses_device = models.BooleanField("设备登录（电视、命令行）", default=False)
    uses_client_credentials = models.BooleanField("以应用自己的身份（客户端凭据）", default=False)
    requires_pkce = models.BooleanField("必须使用 PKCE", default=True, help_text="没有密钥的客户端总是必须")
    scopes = models.CharField("可申请的范围", max_length=200, default="openid profile")
    may_introspect = models.BooleanField("可查验别人的令牌", default=False, help_text="资源服务器才需要")

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "OIDC 客户端"
        ordering = ("application", "client_id")
        constraints = [
            models.CheckConstraint(
                condition=Q(uses_client_credentials=False) | Q(client_type="confidential"),
                name="oidc_credentials_need_a_secret", violation_error_message="没有密钥的客户端不能使用客户端凭据",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.client_id

    @property
    def is_public(self) -> bool:
        return bool(self.client_type == self.Kind.PUBLIC)

    def clean(self) -> None:
        faults = rules.faults_of_client(
            redirect_uris=self.redirect_uris.split(), leaving=self.post_logout_redirect_uris.split(),
            notices=[one for one in (self.backchannel_logout_uri, self.frontchannel_logout_uri) if one],
            scopes=self.scopes.split(), uses_code=self.uses_code, is_public=self.is_public,
        )  # fmt: skip
        if faults:
            raise ValidationError(faults)

    def redirect_uri_allowed(self, uri: str) -> bool:
        return rules.is_registered(uri, self.redirect_uris.split(), native=self.is_public)

    def post_logout_redirect_uri_allowed(self, uri: str) -> bool:
        return rules.is_registered(uri, self.post_logout_redirect_uris.split(), native=self.is_public)

    def get_allowed_schemes(self) -> list[str]:
        return sorted({uri.partition(":")[0] for uri in self.redirect_uris.split()} | {"http", "https"})

    def allows_grant_type(self, *grant_types: str) -> bool:
        used = {
            self.GRANT_AUTHORIZATION_CODE: self.uses_code,
            self.GRANT_DEVICE_CODE: self.uses_device,
            self.GRANT_CLIENT_CREDENTIALS: self.uses_client_credentials,
        }
        return any(used.get(one, False) for one in grant_types)

    def is_usable(self, request: Any) -> bool:
        return self.application.is_active


class Grant(AbstractGrant):
    """An authorization code, good once for a minute; kept as a digest, and after its use to know a replay."""

    code = models.CharField("摘要", max_length=64, unique=True)
    entry = models.ForeignKey(Entry, models.CASCADE, verbose_name="应用登录", related_name="+")
    shown_at = models.DateTimeField("验证身份的时间")
    used_at = models.DateTimeField("使用时间", null=True)
    family = models.UUIDField("令牌家族", null=True)

    class Meta:
        verbose_name = "授权码"


class AccessToken(AbstractAccessToken):
    """Opaque to its holder; with a user it lives no longer than the session, unless offline access was agreed."""

    source_refresh_token = None
    id_token = None
    updated = None

    entry = models.ForeignKey(Entry, models.CASCADE, verbose_name="应用登录", null=True, related_name="+")
    family = models.UUIDField("令牌家族", null=True, db_index=True)

    class Meta:
        verbose_name = "访问令牌"


class RefreshToken(AbstractRefreshToken):
    """Good once; its use a second time ends the whole family."""

    access_token = None
    token_family = models.UUIDField("令牌家族", db_index=True)
    entry = models.ForeignKey(Entry, models.CASCADE, verbose_name="应用登录", related_name="+")
    scope = models.TextField("范围")
    shown_at = models.DateTimeField("验证身份的时间")
    expires = models.DateTimeField("到期时间", db_index=True)

    class Meta:
        verbose_name = "刷新令牌"
        constraints = [models.UniqueConstraint(fields=["token_checksum"], name="refresh_token_once")]


class DeviceGrant(AbstractDeviceGrant):
    """A device that waits for somebody to type its code on another one."""

    device_code = models.CharField("摘要", max_length=64)
    # The library's own column `client_id` holds the client's public name.
    owner = models.ForeignKey(Client, models.CASCADE, verbose_name="客户端", related_name="+")
    entry = models.ForeignKey(Entry, models.CASCADE, verbose_name="应用登录", null=True, related_name="+")
    shown_at = models.DateTimeField("验证身份的时间", null=True)
    asked_at = models.DateTimeField("最近询问", null=True)

    class Meta(AbstractDeviceGrant.Meta):
        verbose_name = "设备登录"


class SigningKey(Record):
    """One of the keys that sign ID tokens: the next is published before it is used, the last one after."""

    org_path_reason = "签名密钥，只由命令轮换"
    history = False  # rotations are in the audit trail

    class State(models.TextChoices):
        NEXT = "next", "待用"
        CURRENT = "current", "使用中"
        RETIRED = "retired", "已退役"

    kid = models.CharField("编号", max_length=43, unique=True)
    algorithm = models.CharField("算法", max_length=5, choices=Client.Algorithm)
    private = SealedField("私钥", max_length=5000, editable=False)
    state = models.CharField("状态", max_length=8, choices=State)
    since = models.DateTimeField("状态起始", default=timezone.now)

    class Meta:
        verbose_name = "签名密钥"
        constraints = [
            models.UniqueConstraint(
                fields=["algorithm", "state"],
                condition=Q(state__in=["next", "current"]),
                name="signing_key_one_each",
            )
        ]

    def __str__(self) -> str:
        return self.kid


class RegistrationToken(Record):
    """Lets a program register clients for a department; without one nobody registers anything by program."""

    org_path = "owner"
    history_exclude = ("digest", "updated_at")

    name = models.CharField("用途", max_length=60)
    owner = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="主管部门", related_name="+"
    )
    digest = models.CharField("摘要", max_length=64, unique=True, editable=False)
    uses_left = models.PositiveSmallIntegerField("还可登记", default=1)
    activates = models.BooleanField("登记即启用", default=False, help_text="不勾选则登记后由信息中心审核")
    expires_at = models.DateTimeField("到期时间")

    class Meta:
        verbose_name = "客户端注册令牌"

    def __str__(self) -> str:
        return self.name
