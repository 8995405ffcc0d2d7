"""What the doors decided: every ticket and token given, used and refused, with the reason."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models

from yanta.kernel.base.models import Record
from yanta.sso.applications.models.registry import Application

KEPT_DAYS = 180
AGENT_LENGTH = 300


class Decision(Record):
    """One decision of a door. Never changed, and not to be deleted within half a year: the database refuses."""

    org_path = "application__owner"
    history = False  # rows are only ever added

    class Outcome(models.TextChoices):
        GRANTED = "granted", "通过"
        REFUSED = "refused", "拒绝"
        FAILED = "failed", "失败"

    at = models.DateTimeField("时间", db_index=True)
    protocol = models.CharField("协议", max_length=8)
    step = models.CharField("环节", max_length=16)
    outcome = models.CharField("结果", max_length=8, choices=Outcome)
    rule = models.CharField("规则", max_length=40, blank=True)
    reason = models.CharField("说明", max_length=300, blank=True)
    application = models.ForeignKey(
        Application, models.PROTECT, verbose_name="应用", null=True, blank=True, related_name="decisions"
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="账号", null=True, blank=True, related_name="+"
    )
    service = models.CharField("地址或客户端", max_length=600, blank=True)
    address = models.GenericIPAddressField("来源地址", null=True, blank=True)
    agent = models.CharField("程序", max_length=AGENT_LENGTH, blank=True)

    class Meta:
        verbose_name = "认证日志"
        ordering = ("-at",)
        indexes = [
            models.Index(fields=["application", "-at"], name="decision_by_application"),
            models.Index(fields=["account", "-at"], name="decision_by_account"),
        ]
        triggers = [
            pgtrigger.Protect(name="decision_never_changed", operation=pgtrigger.Update),
            pgtrigger.Protect(
                name="decision_kept_half_a_year", operation=pgtrigger.Delete,
                condition=pgtrigger.Condition(f"OLD.at > now() - interval '{KEPT_DAYS} days'"),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.protocol} {self.step} {self.get_outcome_display()}"
