"""Service providers of applications, requests under way, what was asserted, keys."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record
from yanta.sso.applications.models import Application, Entry
from yanta.sso.saml import names, rules


class ServiceProvider(Record):
    """One SAML service provider of an application, by its metadata."""

    org_path = "application__owner"
    title_needs = ("application",)

    class Signing(models.TextChoices):
        BOTH = "both", "断言和响应都签名"
        ASSERTION = "assertion", "只签断言"
        RESPONSE = "response", "只签响应"

    class NameFormat(models.TextChoices):
        PERSISTENT = "persistent", "持久标识（本应用专用，不能互相比对）"
        TRANSIENT = "transient", "临时标识（每次登录都不同）"
        UNSPECIFIED = "unspecified", "按应用的“用户标识”设置（登录名或人员号）"

    class Profile(models.TextChoices):
        EDU = "edu", "eduPerson / SCHAC 标准名（CARSI 等联盟）"
        PLAIN = "plain", "短名（校内应用）"

    application = models.ForeignKey(
        Application, models.CASCADE, verbose_name="应用", related_name="saml_providers"
    )
    entity_id = models.CharField(
        "实体标识（entityID）", max_length=300, unique=True, help_text="对方元数据里的 entityID，一字不差"
    )
    acs_urls = models.TextField(
        "断言接收地址（ACS）", help_text="每行一个，第一个为默认；可在前面写序号，如 1 https://app.edu.cn/acs"
    )
    certificates = models.TextField(
        "签名证书", blank=True, help_text="PEM 格式，可有多个（换证书期间新旧并存）"
    )
    requires_signature = models.BooleanField(
        "登录请求必须签名", default=False, help_text="登记了签名证书后，带签名的请求总是要核对"
    )
    signing = models.CharField("我方签名", max_length=10, choices=Signing, default=Signing.BOTH)
    encryption_certificate = models.TextField("加密证书", blank=True, help_text="填写后断言加密发送")
    name_format = models.CharField(
        "标识格式", max_length=12, choices=NameFormat, default=NameFormat.PERSISTENT
    )
    profile = models.CharField("属性叫法", max_length=8, choices=Profile, default=Profile.PLAIN)
    allows_start_here = models.BooleanField(
        "可从本系统发起登录", default=False, help_text="对方收不到请求就接受断言；确有需要才打开"
    )
    logout_redirect_url = models.CharField("退出地址（重定向）", max_length=300, blank=True)
    logout_post_url = models.CharField("退出地址（表单）", max_length=300, blank=True)
    logout_answer_url = models.CharField(
        "退出应答地址", max_length=300, blank=True, help_text="空着就用退出地址"
    )
    logout_soap_url = models.CharField(
        "退出地址（后台 SOAP）", max_length=300, blank=True, help_text="有它时退出不依赖用户的浏览器"
    )

    class Meta:
        verbose_name = "SAML 服务提供者"
        ordering = ("application", "entity_id")
        constraints = [
            models.CheckConstraint(
                condition=Q(requires_signature=False) | ~Q(certificates=""), name="saml_signed_needs_certificate",
                violation_error_message="登录请求必须签名时，须登记对方的签名证书",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.entity_id

    @property
    def acs(self) -> list[rules.Acs]:
        return rules.acs_in(self.acs_urls)

    @property
    def signing_certificates(self) -> list[str]:
        return rules.certificates_of(self.certificates)

    @property
    def leaves_in_browser(self) -> bool:
        return bool(self.logout_redirect_url or self.logout_post_url)


class SignOnRequest(Record):
    """A request that was understood and waits for its person, over sign-in and other pages; answered once."""

    org_path_reason = "协议内部的一次性请求，几分钟内有效"
    history = False  # every step is in the log of decisions

    digest = models.CharField("摘要", max_length=64, unique=True, editable=False)
    provider = models.ForeignKey(ServiceProvider, models.CASCADE, verbose_name="服务提供者", related_name="+")
    number = models.CharField("请求标识", max_length=256, blank=True)
    acs_url = models.CharField("接收地址", max_length=600)
    relay_state = models.TextField("RelayState", blank=True)
    name_format = models.CharField("标识格式", max_length=12)
    force = models.BooleanField("须重新验证", default=False)
    passive = models.BooleanField("不得显示页面", default=False)
    classes = models.JSONField("要求的验证方式", default=list)
    comparison = models.CharField("比较", max_length=8, default="exact")
    expires_at = models.DateTimeField("到期时间", db_index=True)
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        verbose_name = "SAML 登录请求"

    def __str__(self) -> str:
        return self.number


class Seen(Record):
    """A message that has been taken: the same one is not taken a second time."""

    org_path_reason = "只供核对重放，任何人都看不到"
    history = False  # only ever added

    digest = models.CharField("摘要", max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField("到期时间", db_index=True)

    class Meta:
        verbose_name = "SAML 已用消息"


class Asserted(Record):
    """What a service provider was told of whom, by which it asks to sign out again."""

    org_path_reason = "协议内部的会话对应关系，不在任何页面列出"
    history = False  # every step is in the log of decisions

    provider = models.ForeignKey(ServiceProvider, models.CASCADE, verbose_name="服务提供者", related_name="+")
    entry = models.ForeignKey(Entry, models.CASCADE, verbose_name="应用登录", related_name="+")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="账号", related_name="+"
    )
    session_index = models.CharField("会话序号", max_length=64, unique=True)
    name_id = models.CharField("标识", max_length=128)
    name_format = models.CharField("标识格式", max_length=12)

    class Meta:
        verbose_name = "SAML 断言"
        indexes = [models.Index(fields=["provider", "name_id"], name="saml_asserted_of_name")]

    def __str__(self) -> str:
        return self.session_index


class SamlKey(Record):
    """One of the keys that sign: the next is published before it signs, the last one after."""

    org_path_reason = "签名密钥，只由命令轮换"
    history = False  # rotations are in the audit trail

    class State(models.TextChoices):
        NEXT = "next", "待用"
        CURRENT = "current", "使用中"
        RETIRED = "retired", "已退役"

    fingerprint = models.CharField("指纹", max_length=64, unique=True)
    private = SealedField("私钥", max_length=5000, editable=False)
    certificate = models.TextField("证书", editable=False)
    state = models.CharField("状态", max_length=8, choices=State)
    since = models.DateTimeField("状态起始", default=timezone.now)

    class Meta:
        verbose_name = "SAML 签名密钥"
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state__in=["next", "current"]), name="saml_key_one_each"
            )
        ]

    def __str__(self) -> str:
        return self.fingerprint


FORMATS = {
    ServiceProvider.NameFormat.PERSISTENT: names.PERSISTENT,
    ServiceProvider.NameFormat.TRANSIENT: names.TRANSIENT,
    ServiceProvider.NameFormat.UNSPECIFIED: names.UNSPECIFIED,
}
