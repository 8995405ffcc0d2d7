"""Rounds in which rights are signed for."""

from __future__ import annotations

from django.db import models

from yanta.kernel.access.models.grants import RoleGrant
from yanta.kernel.base.models import Record


class RightsReview(Record):
    """A round in which the heads of units sign for the rights held in their units."""

    org_path = None
    org_path_reason = "复核轮次由信息中心面向全校发起"

    class State(models.TextChoices):
        OPEN = "open", "进行中"
        CLOSED = "closed", "已结束"

    title = models.CharField("名称", max_length=80)
    due_on = models.DateField("截止日期")
    state = models.CharField("状态", max_length=6, choices=State, default=State.OPEN, editable=False)

    class Meta:
        verbose_name = "权限复核"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title


class ReviewedGrant(Record):
    """One right in a review: kept or withdrawn, signed by whoever answers for the unit."""

    org_path = "grant__org_unit"
    title_needs = ("grant__org_unit",)

    class Verdict(models.TextChoices):
        WAITING = "waiting", "待复核"
        KEPT = "kept", "保留"
        WITHDRAWN = "withdrawn", "收回"
        LAPSED = "lapsed", "期间已失效"

    review = models.ForeignKey(RightsReview, models.CASCADE, verbose_name="复核轮次", related_name="grants")
    grant = models.ForeignKey(RoleGrant, models.CASCADE, verbose_name="授权", related_name="reviews")
    holder = models.CharField("持有人", max_length=80)
    verdict = models.CharField("结论", max_length=10, choices=Verdict, default=Verdict.WAITING)
    signed_by = models.CharField("签核人", max_length=100, blank=True)
    signed_at = models.DateTimeField("签核时间", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = "待复核的授权"
        ordering = ("review", "pk")
        constraints = [models.UniqueConstraint(fields=["review", "grant"], name="reviewed_grant_once")]

    def __str__(self) -> str:
        return f"{self.holder}：{self.grant}"
