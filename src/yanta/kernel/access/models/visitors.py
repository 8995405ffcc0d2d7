"""Guests."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record


class VisitorPass(Record):
    """An expert or guest whom somebody of the school answers for, for a time."""

    org_path = "org_unit"
    person_path = "sponsor"

    class State(models.TextChoices):
        OPEN = "open", "有效"
        ENDED = "ended", "已结束"

    name = models.CharField("姓名", max_length=60)
    employer = models.CharField("工作单位", max_length=100)
    phone = SealedField("手机号", indexed=True, max_length=20)
    purpose = models.CharField("来访事由", max_length=200)
    sponsor = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="邀请人", related_name="+", editable=False
    )
    org_unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="邀请单位", related_name="+"
    )
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="账号",
        related_name="visitor_pass",
        editable=False,
    )
    valid_to = models.DateField("有效至")
    state = models.CharField("状态", max_length=6, choices=State, default=State.OPEN, editable=False)
    ended_because = models.CharField("结束原因", max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = "访客账号"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.name}（{self.employer}）"
