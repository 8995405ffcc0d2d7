"""Certificates shown to outsiders for a time."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q

from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record
from yanta.systems.certificates.models.issued import Certificate

_REFUSE = "RAISE EXCEPTION 'the log of views is append-only' USING ERRCODE = 'insufficient_privilege';"


class Share(Record):
    """A link with a code, until a day, for so many views; the holder takes it back at any time."""

    org_path = "certificate__unit"
    person_path = "certificate__person"
    title_needs = ("certificate__kind",)
    secret_fields = ("token", "token_index", "code")

    certificate = models.ForeignKey(Certificate, models.PROTECT, verbose_name="证明", related_name="shares")
    recipient = models.CharField("分享给谁", max_length=60)
    token = SealedField("链接", indexed=True, max_length=40, editable=False)
    code = SealedField("提取码", max_length=10, editable=False)
    expires_at = models.DateTimeField("到期时间")
    most_views = models.PositiveSmallIntegerField("最多查看次数", default=10)
    views = models.PositiveSmallIntegerField("已查看", default=0, editable=False)
    failures = models.PositiveSmallIntegerField("提取码输错次数", default=0, editable=False)
    revoked_at = models.DateTimeField("收回时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "证明分享"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=Q(views__lte=models.F("most_views")), name="share_views_limited")
        ]

    def __str__(self) -> str:
        return f"{self.certificate} → {self.recipient}"

    def standing(self, *, at: datetime) -> str:
        """open, or why nobody gets in: revoked, locked, expired, used."""
        from yanta.systems.certificates.rules.limits import MOST_WRONG_CODES

        if self.revoked_at is not None:
            return "revoked"
        if self.failures >= MOST_WRONG_CODES:
            return "locked"
        if at >= self.expires_at:
            return "expired"
        return "used" if self.views >= self.most_views else "open"


class ShareView(Record):
    """Somebody opened a shared certificate; written once."""

    org_path = "share__certificate__unit"
    person_path = "share__certificate__person"
    history: ClassVar[bool] = False

    share = models.ForeignKey(Share, models.PROTECT, verbose_name="分享", related_name="opened")
    at = models.DateTimeField("时间")
    address = models.CharField("网络地址", max_length=45, blank=True)
    device = models.CharField("设备", max_length=120, blank=True)

    class Meta:
        verbose_name = "分享查看记录"
        ordering = ("-at", "-pk")
        triggers = [
            pgtrigger.Trigger(
                name="append_only", when=pgtrigger.Before, operation=pgtrigger.Update | pgtrigger.Delete, func=_REFUSE
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
