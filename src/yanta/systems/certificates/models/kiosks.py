"""Machines in halls on which certificates are printed."""

from __future__ import annotations

from django.db import models

from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record


class Kiosk(Record):
    """One machine: it is let in by its key, people by a code from their phone."""

    org_path = "unit"
    secret_fields = ("device_key", "device_key_index")

    name = models.CharField("名称", max_length=40, unique=True)
    place = models.CharField("位置", max_length=80)
    unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="管理单位", related_name="+"
    )
    device_key = SealedField("设备密钥", indexed=True, max_length=60, null=True, blank=True, editable=False)
    is_open = models.BooleanField("启用", default=True)
    seen_at = models.DateTimeField("最近在线", null=True, blank=True, editable=False)
    printed = models.PositiveIntegerField("已打印", default=0, editable=False)

    class Meta:
        verbose_name = "自助终端"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
