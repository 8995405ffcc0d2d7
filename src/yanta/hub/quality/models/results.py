"""Runs of rules, what each found, the rows kept for people, the scores that follow."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from yanta.kernel.base.models import Record


class Inspection(Record):
    """One run of rules."""

    org_path = None
    org_path_reason = "一次检查覆盖全校，凭权限查看"
    history = False  # written by one run and never changed

    class Cause(models.TextChoices):
        SCHEDULE = "schedule", "每夜定时"
        DEMAND = "demand", "人工发起"
        LOADED = "loaded", "数据入库后"
        RECHECK = "recheck", "工单复核"

    class Mode(models.TextChoices):
        FULL = "full", "全量"
        SAMPLE = "sample", "抽样"
        INCREMENT = "increment", "增量"

    cause = models.CharField("起因", max_length=10, choices=Cause)
    mode = models.CharField("范围", max_length=10, choices=Mode, default=Mode.FULL)
    share = models.PositiveSmallIntegerField("抽样比例（%）", default=100)
    subjects = ArrayField(models.CharField(max_length=40), verbose_name="主题", default=list, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    started_by = models.CharField("发起人", max_length=100)
    started_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    rules = models.PositiveIntegerField("规则数", default=0)
    checked = models.BigIntegerField("检查行次", default=0)
    failed = models.BigIntegerField("不合格行次", default=0)
    exempted = models.BigIntegerField("豁免行次", default=0)
    broken = models.PositiveIntegerField("未能执行的规则", default=0)
    positions = models.JSONField("历史位置", default=dict, editable=False)

    class Meta:
        verbose_name = "质量检查"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.get_cause_display()} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def seconds(self) -> float | None:
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else None


class Result(Record):
    """What one rule found in one run. Of the failing rows: new + persisting = failed; repaired are those gone since."""

    org_path = "rule__owner"
    title_needs = ("rule",)
    history = False  # written by one run and never changed

    inspection = models.ForeignKey(Inspection, models.CASCADE, verbose_name="检查", related_name="results")
    rule = models.ForeignKey("quality.Rule", models.CASCADE, verbose_name="规则", related_name="results")
    checked = models.PositiveIntegerField("检查行数", default=0)
    failed = models.PositiveIntegerField("不合格", default=0)
    exempted = models.PositiveIntegerField("豁免", default=0)
    new = models.PositiveIntegerField("新出现", default=0)
    persisting = models.PositiveIntegerField("仍存在", default=0)
    repaired = models.PositiveIntegerField("已修复", default=0)
    seconds = models.FloatField("耗时（秒）", default=0)
    error = models.CharField("未能执行的原因", max_length=300, blank=True)
    at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = "检查结果"
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["inspection", "rule"], name="quality_result_once"),
            models.CheckConstraint(condition=Q(failed=F("new") + F("persisting")), name="quality_result_adds_up"),
            models.CheckConstraint(
                condition=Q(checked__gte=F("failed") + F("exempted")), name="quality_result_within"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["rule", "-at"], name="quality_result_rule")]

    def __str__(self) -> str:
        return f"{self.rule} {self.at:%Y-%m-%d}"

    @property
    def share(self) -> Decimal | None:
        """Failing rows in a hundred; None when the rule met no row."""
        return Decimal(100 * self.failed) / self.checked if self.checked else None


class UnitResult(Record):
    """A result's part in one department."""

    org_path = "unit"
    history = False  # written by one run and never changed

    result = models.ForeignKey(Result, models.CASCADE, verbose_name="检查结果", related_name="units")
    unit = models.ForeignKey("organisation.OrgUnit", models.PROTECT, verbose_name="单位", related_name="+")
    checked = models.PositiveIntegerField("检查行数")
    failed = models.PositiveIntegerField("不合格")

    class Meta:
        verbose_name = "分单位结果"
        constraints = [models.UniqueConstraint(fields=["result", "unit"], name="quality_unit_result_once")]

    def __str__(self) -> str:
        return f"{self.unit}：{self.failed}/{self.checked}"


class Standing(Record):
    """Where a rule stands: the rows that break it now, from its latest whole run and the parts run since."""

    org_path = "rule__owner"
    history = False  # the results tell how it came about

    rule = models.OneToOneField("quality.Rule", models.CASCADE, verbose_name="规则", related_name="standing")
    result = models.ForeignKey(
        Result, models.SET_NULL, verbose_name="最近一次全量结果", null=True, blank=True, related_name="+"
    )
    rows = ArrayField(models.BigIntegerField(), verbose_name="不合格行", default=list)

    class Meta:
        verbose_name = "规则现状"

    def __str__(self) -> str:
        return str(self.rule_id)


class FailingRow(Record):
    """A row that breaks a rule, kept as a sample with masked values; renewed by every whole run."""

    org_path = "unit"
    history = False  # renewed by every run; counts tell the history

    rule = models.ForeignKey("quality.Rule", models.CASCADE, verbose_name="规则", related_name="failing_rows")
    row_id = models.BigIntegerField("行")
    key = models.CharField("编号", max_length=160)
    unit = models.ForeignKey(
        "organisation.OrgUnit", models.CASCADE, verbose_name="单位", null=True, blank=True, related_name="+"
    )
    values = models.JSONField("值（遮盖）", default=dict)
    is_new = models.BooleanField("新出现", default=False)
    found_at = models.DateTimeField("发现时间")

    class Meta:
        verbose_name = "不合格行"
        ordering = ("-is_new", "unit", "key")
        constraints = [models.UniqueConstraint(fields=["rule", "row_id"], name="quality_failing_row_once")]

    def __str__(self) -> str:
        return self.key


class Score(Record):
    """A department's mark for a subject on a day; no unit means the school, no subject all of them."""

    org_path = "unit"
    history = False  # one row per day is itself the history

    on = models.DateField("日期")
    unit = models.ForeignKey(
        "organisation.OrgUnit", models.CASCADE, verbose_name="单位", null=True, blank=True, related_name="+"
    )
    subject = models.CharField("主题", max_length=40, blank=True)
    value = models.DecimalField("得分", max_digits=5, decimal_places=2)
    rules = models.PositiveIntegerField("规则数")
    checked = models.BigIntegerField("检查行次")
    failed = models.BigIntegerField("不合格行次")

    class Meta:
        verbose_name = "质量得分"
        ordering = ("-on", "unit", "subject")
        constraints = [
            models.UniqueConstraint(
                fields=["on", "unit", "subject"], name="quality_score_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.value}"
