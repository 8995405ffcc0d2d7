"""Apps that sign in by scanning, whose accounts are whose, attempts under way, codes shown, checks at gates."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record


class ScanApp(Record):
    """One phone app whose scan signs in: where the school registered, and under which number."""

    org_path = None
    org_path_reason = "扫码登录面向全校，只由信息中心设置"

    class Kind(models.TextChoices):
        WECOM = "wecom", "企业微信"
        DINGTALK = "dingtalk", "钉钉"
        FEISHU = "feishu", "飞书"
        WECHAT = "wechat", "微信"

    class Linking(models.TextChoices):
        SELF = "self", "本人登录后自己关联"
        NUMBER = "number", "学校发放的账号即学工号或人员号"

    kind = models.CharField("应用", max_length=8, choices=Kind, unique=True)
    is_open = models.BooleanField("已启用", default=False, editable=False)
    client_id = models.CharField(
        "应用编号",
        max_length=100,
        help_text="企业微信 CorpID，钉钉 Client ID，飞书 App ID，微信开放平台 AppID",
    )
    agent = models.CharField("企业微信 AgentId", max_length=20, blank=True)
    secret = SealedField("应用密钥", max_length=300, blank=True, editable=False)
    linking = models.CharField("怎样认出是谁", max_length=6, choices=Linking, default=Linking.SELF)
    is_simulated = models.BooleanField(
        "本机模拟", default=False, editable=False, help_text="演示用：扫码页在本机，不连外网"
    )

    class Meta:
        verbose_name = "扫码应用"
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(linking="number") | models.Q(kind__in=["wecom", "feishu"]),
                name="scan_number_told_by_school",
                violation_error_message="只有企业微信和飞书的账号由学校发放，可以按学工号认人",
            )
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class ScanLink(Record):
    """An app's user is this person, and how that was proved."""

    org_path = "person__home_unit"
    person_path = "person"
    title_needs = ("app",)

    class Proof(models.TextChoices):
        SELF = "self", "本人登录后关联"
        NUMBER = "number", "学工号相符"

    app = models.ForeignKey(ScanApp, models.CASCADE, verbose_name="应用", related_name="links")
    subject = models.CharField("对方账号", max_length=128)
    person = models.ForeignKey("people.Person", models.PROTECT, verbose_name="人员", related_name="+")
    proof = models.CharField("依据", max_length=6, choices=Proof)
    used_at = models.DateTimeField("最近使用", null=True, blank=True)

    class Meta:
        verbose_name = "扫码账号关联"
        constraints = [
            models.UniqueConstraint(fields=["app", "subject"], name="scan_subject_once"),
            models.UniqueConstraint(fields=["app", "person"], name="scan_person_once"),
        ]

    def __str__(self) -> str:
        return f"{self.app}"


class ScanAttempt(Record):
    """Somebody was sent to an app's page and is expected back, once, in the same browser."""

    org_path_reason = "协议内部的一次性状态，几分钟内有效"
    history = False  # the outcome is in the sign-in log

    digest = models.CharField("摘要", max_length=64, unique=True, editable=False)
    app = models.ForeignKey(ScanApp, models.CASCADE, verbose_name="应用", related_name="+")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="为谁关联", null=True, related_name="+"
    )
    onward = models.CharField("登录后去", max_length=2000, blank=True)
    expires_at = models.DateTimeField("到期时间", db_index=True)
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        verbose_name = "扫码登录过程"


class CampusCode(Record):
    """A code on the screen of a browser that is not signed in, waiting for a phone that is."""

    org_path_reason = "协议内部的一次性状态，一分半钟内有效"
    history = False  # confirming and refusing are in the audit trail

    class State(models.TextChoices):
        WAITING = "waiting", "等待扫码"
        SCANNED = "scanned", "已扫码"
        CONFIRMED = "confirmed", "已确认"
        REFUSED = "refused", "已拒绝"
        USED = "used", "已登录"

    digest = models.CharField("二维码摘要", max_length=64, unique=True, editable=False)
    browser_digest = models.CharField("浏览器摘要", max_length=64, unique=True, editable=False)
    check_number = models.CharField("核对数字", max_length=2)
    state = models.CharField("状态", max_length=9, choices=State, default=State.WAITING)
    address = models.GenericIPAddressField("来源地址", null=True)
    agent = models.CharField("设备", max_length=300, blank=True)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="谁确认", null=True, related_name="+"
    )
    onward = models.CharField("登录后去", max_length=2000, blank=True)
    expires_at = models.DateTimeField("到期时间", db_index=True)

    class Meta:
        verbose_name = "扫码登录请求"


class GateCheck(Record):
    """A person's code that a gate asked about, and what it was told."""

    org_path = "person__home_unit"
    person_path = "person"
    title_needs = ("person",)
    history = False  # rows are only ever added

    person = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="人员", null=True, blank=True, related_name="+"
    )
    gate = models.CharField("地点", max_length=60)
    at = models.DateTimeField("时间", db_index=True)
    is_valid = models.BooleanField("有效")
    reason = models.CharField("说明", max_length=100, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="核验账号", related_name="+"
    )
    # What was shown, so that it opens once; only of codes that were right.
    digest = models.CharField("摘要", max_length=64, null=True, unique=True, editable=False)

    class Meta:
        verbose_name = "身份码核验"
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.gate} {'有效' if self.is_valid else self.reason}"
