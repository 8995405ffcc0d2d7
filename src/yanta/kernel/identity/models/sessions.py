"""Browsers that are signed in, the log of sign-ins, counters of failures."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from yanta.kernel.base.models import Record
from yanta.kernel.identity.models.accounts import Account

AGENT_LENGTH, ORIGIN_LENGTH = 300, 43
# GB/T 22239 and the Cybersecurity Law (art. 21): network logs are kept for six months at least.
KEPT_DAYS = 180


class Session(Record):
    """One browser that is signed in, or about to be. Kept here is the cookie's digest, never the cookie."""

    org_path = "account__person__home_unit"
    person_path = "account__person"
    history = False  # who signed in and out is in the sign-in log
    secret_fields = ("key_digest", "data")

    key_digest = models.CharField(max_length=64, unique=True, editable=False)
    account = models.ForeignKey(
        Account, models.CASCADE, verbose_name="账号", null=True, related_name="sessions"
    )
    data = models.JSONField(default=dict, editable=False)
    address = models.GenericIPAddressField("地址", null=True)
    agent = models.CharField("设备", max_length=AGENT_LENGTH, blank=True)
    seen_at = models.DateTimeField("最近活动")
    expires_at = models.DateTimeField("到期时间", db_index=True)
    ends_at = models.DateTimeField("最迟到期时间")
    # The sign-in at somebody else's door that this session stands on, as that door names it; empty for our own.
    origin = models.CharField(max_length=ORIGIN_LENGTH, blank=True, default="", db_default="", editable=False)

    class Meta:
        verbose_name = "会话"
        constraints = [models.CheckConstraint(condition=Q(expires_at__lte=F("ends_at")), name="session_ends")]
        indexes = [models.Index(fields=["origin"], condition=~Q(origin=""), name="session_by_origin")]

    def __str__(self) -> str:
        return f"{self.address} {self.agent}"


class SignIn(Record):
    """One attempt to sign in and how it ended; kept for more than six months, never changed."""

    org_path = "account__person__home_unit"
    person_path = "account__person"
    history = False  # rows are only ever added

    class Outcome(models.TextChoices):
        SUCCESS = "success", "成功"
        FACTOR_ASKED = "factor_asked", "等待二次验证"
        WRONG_PASSWORD = "wrong_password", "密码错误"
        WRONG_FACTOR = "wrong_factor", "二次验证失败"
        UNKNOWN = "unknown", "账号不存在"
        LOCKED_OUT = "locked_out", "尝试过多"
        REFUSED = "refused", "账号不可用"
        SIGNED_OUT = "signed_out", "退出"

    account = models.ForeignKey(
        Account, models.PROTECT, verbose_name="账号", null=True, related_name="sign_ins"
    )
    login = models.CharField("所填登录名", max_length=64, blank=True)
    method = models.CharField("方式", max_length=16)
    outcome = models.CharField("结果", max_length=16, choices=Outcome)
    address = models.GenericIPAddressField("地址", null=True)
    agent = models.CharField("设备", max_length=AGENT_LENGTH, blank=True)
    at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = "登录记录"
        ordering = ("-at",)
        indexes = [models.Index(fields=["account", "-at"], name="sign_in_by_account")]
        triggers = [
            pgtrigger.Protect(name="sign_in_never_changed", operation=pgtrigger.Update),
            pgtrigger.Protect(
                name="sign_in_kept_half_a_year", operation=pgtrigger.Delete,
                condition=pgtrigger.Condition(f"OLD.at > now() - interval '{KEPT_DAYS} days'"),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.login} {self.get_outcome_display()}"


class Lockout(Record):
    """How often one name or one address failed of late, and until when it has to wait."""

    org_path_reason = "按登录名或地址计数，不属于任何单位"
    history = False  # a counter; each failure is in the sign-in log

    key = models.CharField("对象", max_length=100, unique=True)
    failures = models.PositiveIntegerField("失败次数", default=0)
    counted_from = models.DateTimeField("计数起点")
    until = models.DateTimeField("停止登录至", null=True)

    class Meta:
        verbose_name = "登录限制"

    def __str__(self) -> str:
        return self.key
