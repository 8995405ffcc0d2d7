"""Meetings of a published timetable that are moved, cancelled or added."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record
from yanta.systems.timetables.models.placements import Placement, Weekday


class Adjustment(Record):
    """One meeting of one week elsewhere, not at all, or once more; it holds from the registry's approval on."""

    org_path = "placement__department"
    person_path = "asked_by"
    title_needs = ("placement__course",)

    class Kind(models.TextChoices):
        MOVE = "move", "调课"
        CANCEL = "cancel", "停课"
        EXTRA = "extra", "补课"

    class Status(models.TextChoices):
        ASKED = "asked", "待审批"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"
        WITHDRAWN = "withdrawn", "已撤回"

    placement = models.ForeignKey(
        Placement, models.PROTECT, verbose_name="哪次课", related_name="adjustments"
    )
    kind = models.CharField("办理", max_length=8, choices=Kind)
    week = models.PositiveSmallIntegerField("原来第几周", null=True, blank=True)
    new_week = models.PositiveSmallIntegerField("改到第几周", null=True, blank=True)
    new_weekday = models.PositiveSmallIntegerField("改到星期", choices=Weekday, null=True, blank=True)
    new_period = models.PositiveSmallIntegerField("改到从第几节", null=True, blank=True)
    new_room = models.ForeignKey(
        "masterdata.Room", models.PROTECT, verbose_name="改到教室", null=True, blank=True, related_name="+"
    )
    reason = models.CharField("原因", max_length=200)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.ASKED, editable=False)
    asked_by = models.ForeignKey(
        "people.Person",
        models.PROTECT,
        verbose_name="申请人",
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    opinion = models.CharField("教务处意见", max_length=200, blank=True, editable=False)
    decided_by = models.CharField("批准人", max_length=60, blank=True, editable=False)
    decided_at = models.DateTimeField("批准时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "调课停课补课"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="cancel", week__isnull=False, new_week__isnull=True)
                | (
                    Q(kind__in=["move", "extra"], new_week__isnull=False, new_weekday__isnull=False, new_period__isnull=False)
                    & (Q(kind="extra") | Q(week__isnull=False))
                ),
                name="adjustment_says_when", violation_error_message="停课写原来的周次，调课、补课写清改到何时",
            ),
            models.UniqueConstraint(
                fields=["placement", "week"], condition=Q(status="approved", kind__in=["move", "cancel"]),
                name="adjusted_once_a_week", violation_error_message="这一周的这次课已经调过",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "adjustment"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.placement.course.name}{self.get_kind_display()}"
