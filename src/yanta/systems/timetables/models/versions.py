"""The periods of a day on a campus, and the versions of a term's timetable."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from yanta.kernel.base.models import Record


class Period(Record):
    """One period of the day (节次) on a campus."""

    org_path = None
    org_path_reason = "作息时间全校统一"
    title_needs = ("campus",)

    campus = models.ForeignKey("masterdata.Campus", models.PROTECT, verbose_name="校区", related_name="+")
    number = models.PositiveSmallIntegerField("第几节")
    starts_at = models.TimeField("开始")
    ends_at = models.TimeField("结束")

    class Meta:
        verbose_name = "节次"
        ordering = ("campus__code", "number")
        constraints = [
            models.UniqueConstraint(
                fields=["campus", "number"], name="period_once_per_campus", violation_error_message="这个校区已有这一节"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="period_forward", violation_error_message="结束须晚于开始"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1) & Q(number__lte=14), name="period_plausible",
                violation_error_message="节次须在 1 到 14 之间",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "period"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.campus.name}第 {self.number} 节"


class Version(Record):
    """One attempt at a term's timetable; one of a term is published and read by other systems."""

    org_path = None
    org_path_reason = "一个学期的课表是全校的"
    history_exclude = ("trace",)  # grows every second while a search runs
    title_needs = ("term",)

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        SOLVING = "solving", "求解中"
        READY = "ready", "可发布"
        PUBLISHED = "published", "已发布"
        VOID = "void", "作废"

    term = models.ForeignKey("masterdata.Term", models.PROTECT, verbose_name="学期", related_name="+")
    name = models.CharField("名称", max_length=60, default="初排")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    based_on = models.ForeignKey(
        "self", models.PROTECT, verbose_name="改自", null=True, blank=True, related_name="+", editable=False
    )
    cause = models.CharField("缘由", max_length=200, blank=True, editable=False)
    receipt = models.JSONField("最近一次排课的对账单", default=dict, blank=True, editable=False)
    trace = models.JSONField("求解过程", default=dict, blank=True, editable=False)
    run_id = models.BigIntegerField("排课任务", null=True, blank=True, editable=False)
    solved_at = models.DateTimeField("最近一次排课", null=True, blank=True, editable=False)
    published_by = models.CharField("发布人", max_length=60, blank=True, editable=False)
    published_at = models.DateTimeField("发布时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "课表版本"
        ordering = ("-term__starts_on", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["term", "name"], name="timetable_version_name", violation_error_message="这个学期已有同名的版本"
            ),
            models.UniqueConstraint(
                fields=["term"], condition=Q(status="published"), name="timetable_version_published",
                violation_error_message="这个学期已有发布的课表",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "timetable_version"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.term.name}课表（{self.name}）"

    @property
    def is_open(self) -> bool:
        """Whether placements may still be moved freely."""
        return self.status in (self.Status.DRAFT, self.Status.READY)
