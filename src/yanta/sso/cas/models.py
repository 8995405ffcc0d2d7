"""Services that speak CAS, and tickets."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from yanta.kernel.base.models import Record
from yanta.sso.applications.models import Application, Entry, SsoSession
from yanta.sso.applications.rules import is_same, is_under


class CasService(Record):
    """Addresses of an application that may be given tickets."""

    org_path = "application__owner"
    title_needs = ("application",)

    class Matching(models.TextChoices):
        EXACT = "exact", "完全一致"
        UNDER = "under", "这个地址及其下级路径"

    application = models.ForeignKey(
        Application, models.CASCADE, verbose_name="应用", related_name="cas_services"
    )
    url = models.CharField(
        "服务地址", max_length=300, help_text="如 https://app.school.edu.cn/login；协议、主机、端口必须一致"
    )
    matching = models.CharField("匹配方式", max_length=5, choices=Matching, default=Matching.UNDER)
    single_logout = models.BooleanField("退出时通知", default=True)
    logout_url = models.CharField(
        "退出通知地址", max_length=300, blank=True, help_text="空着就发到登录时的服务地址"
    )
    may_proxy = models.BooleanField(
        "允许代理票据", default=False, help_text="应用要代用户访问别的 CAS 应用时才需要"
    )
    proxy_callback = models.CharField("代理回调地址", max_length=300, blank=True, help_text="须为 https")

    class Meta:
        verbose_name = "CAS 服务"
        ordering = ("application", "url")
        constraints = [
            models.UniqueConstraint(
                fields=["url"], name="cas_service_url_once", violation_error_message="这个地址已经登记给一个应用"
            ),
            models.CheckConstraint(
                condition=models.Q(may_proxy=False) | ~models.Q(proxy_callback=""), name="cas_proxy_says_where",
                violation_error_message="允许代理票据须填写代理回调地址",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.url

    def covers(self, url: str) -> bool:
        return is_same(self.url, url) if self.matching == self.Matching.EXACT else is_under(self.url, url)


class Ticket(Record):
    """A service, proxy or proxy-granting ticket. Kept is its digest; one conditional update uses it up."""

    org_path_reason = "协议内部的一次性凭据，几十秒内有效"
    history = False  # every step is in the log of decisions

    class Kind(models.TextChoices):
        SERVICE = "ST", "服务票据"
        PROXY = "PT", "代理票据"
        GRANTING = "PGT", "代理授权票据"

    digest = models.CharField("摘要", max_length=64, unique=True, editable=False)
    kind = models.CharField("种类", max_length=3, choices=Kind)
    service = models.CharField("服务地址", max_length=600)
    application = models.ForeignKey(Application, models.CASCADE, verbose_name="应用", related_name="+")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="账号", related_name="+"
    )
    session = models.ForeignKey(SsoSession, models.CASCADE, verbose_name="会话", related_name="+")
    entry = models.ForeignKey(Entry, models.CASCADE, verbose_name="应用登录", null=True, related_name="+")
    is_fresh = models.BooleanField("刚验证过身份", default=False)
    shown_at = models.DateTimeField("验证身份的时间")
    proxies = models.JSONField("经过的代理", default=list)
    expires_at = models.DateTimeField("到期时间", db_index=True)
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        verbose_name = "CAS 票据"

    def __str__(self) -> str:
        return f"{self.kind} {self.service}"
