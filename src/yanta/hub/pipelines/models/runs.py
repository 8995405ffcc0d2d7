"""Runs of pipelines, part by part, and the rows they held back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yanta.hub.pipelines.models.pipelines import Pipeline, Version
from yanta.kernel.base.models import Record

COUNTED = ("read", "new", "changed", "unchanged", "quarantined", "merged", "removed")


class PipelineRun(Record):
    """One passage of a source's rows; loads everything or nothing."""

    org_path = "pipeline__owner"
    title_needs = ("pipeline",)
    history = False  # the receipt tells what a run did; its progress is nobody's record

    class Kind(models.TextChoices):
        MANUAL = "manual", "手动"
        SCHEDULED = "scheduled", "定时"
        BACKFILL = "backfill", "按日期回补"
        REPLAY = "replay", "重放更正"
        DRY = "dry", "试运行"

    class State(models.TextChoices):
        RUNNING = "running", "运行中"
        DONE = "done", "已完成"
        PREVIEWED = "previewed", "试运行完成"
        STOPPED = "stopped", "超过阈值停止"
        FAILED = "failed", "失败"
        CANCELLED = "cancelled", "已取消"
        INTERRUPTED = "interrupted", "中断（未入库）"

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, verbose_name="管道", related_name="runs")
    version = models.ForeignKey(Version, models.PROTECT, verbose_name="版本", related_name="runs")
    kind = models.CharField("类型", max_length=10, choices=Kind, default=Kind.MANUAL)
    state = models.CharField("状态", max_length=12, choices=State, default=State.RUNNING)
    engine = models.CharField("引擎", max_length=20, blank=True)
    started_by = models.CharField("发起人", max_length=100)
    started_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    since = models.DateField("自", null=True, blank=True)
    until = models.DateField("至", null=True, blank=True)
    attempt = models.PositiveSmallIntegerField("第几次", default=1)
    retry_at = models.DateTimeField("重试时间", null=True, blank=True)
    was_resumed = models.BooleanField("续跑", default=False)
    counts = models.JSONField("数量", default=dict)
    reasons = models.JSONField("隔离原因", default=dict)
    quality = models.JSONField("质量规则", default=list)
    timings = models.JSONField("各步用时", default=dict)
    watermark = models.CharField("水位", max_length=200, blank=True)
    failure = models.TextField("失败原因", blank=True)
    preview = models.BinaryField("差异预览（加密）", null=True, editable=False)
    job_id = models.BigIntegerField("后台任务", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "管道运行"
        ordering = ("-pk",)
        indexes = [models.Index(fields=["pipeline", "-id"], name="pipeline_run_latest")]
        constraints = [
            models.UniqueConstraint(
                fields=["pipeline"],
                condition=Q(state="running") & ~Q(kind="dry"),
                name="pipeline_runs_once_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.pipeline} #{self.pk}"

    @property
    def seconds(self) -> float | None:
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else None

    @property
    def rows_per_second(self) -> int | None:
        """How quickly; None when nothing was read or it has not ended."""
        return round(self.counts["read"] / self.seconds) if self.seconds and self.counts.get("read") else None


class RunPart(Record):
    """One part of a run and what became of its rows; the sum must hold."""

    org_path = "run__pipeline__owner"
    history = False  # written once with its run and never changed

    run = models.ForeignKey(PipelineRun, models.CASCADE, verbose_name="运行", related_name="parts")
    part = models.CharField("分区", max_length=200)
    checksum = models.CharField("校验和", max_length=64)
    read = models.PositiveIntegerField("读入")
    new = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("变更", default=0)
    unchanged = models.PositiveIntegerField("未变", default=0)
    quarantined = models.PositiveIntegerField("隔离", default=0)
    merged = models.PositiveIntegerField("被后续变更覆盖", default=0)
    removed = models.PositiveIntegerField("标记离开", default=0)
    differing = models.PositiveIntegerField("与权威值不一致", default=0)

    class Meta:
        verbose_name = "分区对账"
        ordering = ("run", "part")
        constraints = [
            models.UniqueConstraint(fields=["run", "part"], name="run_part_once"),
            models.CheckConstraint(
                condition=Q(
                    read=F("new")
                    + F("changed")
                    + F("unchanged")
                    + F("quarantined")
                    + F("merged")
                    + F("removed")
                ),
                name="run_part_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return self.part


class HeldRow(Record):
    """A delivered row that was held back: the original, sealed, and every reason. The same row is held once."""

    org_path = "pipeline__owner"

    class State(models.TextChoices):
        OPEN = "open", "待处理"
        CORRECTED = "corrected", "已更正，待重放"
        REPLAYED = "replayed", "已入库"
        RESOLVED = "resolved", "来源已改正"
        DISMISSED = "dismissed", "不予采用"

    class Kind(models.TextChoices):
        ROW = "row", "数据不合格"
        LINE = "line", "无法读取"
        REMOVAL = "removal", "来源已删除"
        DOUBT = "doubt", "疑似同一人"

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, verbose_name="管道", related_name="held_rows")
    run = models.ForeignKey(
        PipelineRun, models.PROTECT, verbose_name="最近一次运行", related_name="held_rows"
    )
    kind = models.CharField("类别", max_length=10, choices=Kind, default=Kind.ROW)
    row_key = models.CharField("主键", max_length=200, blank=True)
    place = models.BigIntegerField("行号")
    digest = models.CharField("原行指纹", max_length=64)
    original = models.BinaryField("原行（加密）", editable=False)
    corrected = models.BinaryField("更正（加密）", null=True, editable=False)
    reasons = models.TextField("原因")
    candidates = models.JSONField("疑似的人", default=list, blank=True, editable=False)
    facts = models.CharField("所据事实的指纹", max_length=64, blank=True, editable=False)
    person = models.ForeignKey(
        "people.Person", models.SET_NULL, verbose_name="认定为", null=True, blank=True, related_name="+"
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    note = models.CharField("处理说明", max_length=300, blank=True)
    decided_by = models.CharField("处理人", max_length=100, blank=True)
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)

    class Meta:
        verbose_name = "管道隔离行"
        ordering = ("state", "-pk")
        constraints = [models.UniqueConstraint(fields=["pipeline", "digest"], name="held_row_once")]
        indexes = [
            models.Index(fields=["pipeline", "row_key"], name="held_row_key"),
            models.Index(
                fields=["pipeline", "facts"], name="held_row_facts", condition=Q(person__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.row_key or f"第 {self.place} 行"
