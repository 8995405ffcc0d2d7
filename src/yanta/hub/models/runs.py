"""Runs of data and the receipts they end with."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yanta.kernel.base.models import Record


class Run(Record):
    """One passage of delivered files through the hub; loads everything or nothing."""

    org_path = None
    org_path_reason = "一次数据运行涉及多个部门，凭权限查看"

    class State(models.TextChoices):
        PROPOSED = "proposed", "待确认映射"
        RUNNING = "running", "运行中"
        DONE = "done", "已完成"
        FAILED = "failed", "失败"
        INTERRUPTED = "interrupted", "中断（未入库）"

    title = models.CharField("名称", max_length=200)
    folder = models.CharField("数据目录", max_length=400, blank=True)
    digest = models.CharField("数据指纹", max_length=64, blank=True)
    state = models.CharField("状态", max_length=12, choices=State, default=State.RUNNING)
    phase = models.CharField("阶段", max_length=60, blank=True)
    engine_version = models.CharField("引擎版本", max_length=20)
    started_by = models.CharField("发起人", max_length=100)
    started_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    counts = models.JSONField("数量", default=dict)
    timings = models.JSONField("耗时", default=dict)
    failure = models.TextField("失败原因", blank=True)

    class Meta:
        verbose_name = "数据运行"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.title} #{self.pk}"


class RunFile(Record):
    """One file or sheet of a run and what became of its rows; the parts add up to what was read."""

    org_path = "source__owner"
    history = False  # written once with its run and never changed

    run = models.ForeignKey(Run, models.CASCADE, verbose_name="运行", related_name="files")
    source = models.ForeignKey("hub.Source", models.PROTECT, verbose_name="来源", related_name="+")
    file = models.CharField("文件", max_length=200)
    sheet = models.CharField("工作表", max_length=100, blank=True)
    size = models.BigIntegerField("字节", default=0)
    digest = models.CharField("文件 SM3", max_length=64)
    checksum = models.CharField("分区校验和", max_length=64)
    read = models.PositiveIntegerField("读入")
    new = models.PositiveIntegerField("新增")
    changed = models.PositiveIntegerField("变更")
    unchanged = models.PositiveIntegerField("未变")
    quarantined = models.PositiveIntegerField("隔离")
    skipped = models.PositiveIntegerField("非数据行", default=0)
    gone = models.PositiveIntegerField("本次未再出现", default=0)

    class Meta:
        verbose_name = "分文件对账"
        ordering = ("run", "file", "sheet")
        constraints = [
            models.UniqueConstraint(fields=["run", "file", "sheet"], name="run_file_once"),
            models.CheckConstraint(
                condition=Q(read=F("new") + F("changed") + F("unchanged") + F("quarantined")),
                name="run_file_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file} {self.sheet}".strip()


class Receipt(Record):
    """The signed account of a run, chained to the one before."""

    org_path = None
    org_path_reason = "对账单涉及多个部门，凭权限查看"

    run = models.OneToOneField(Run, models.PROTECT, verbose_name="运行", related_name="receipt")
    document = models.JSONField("对账单")
    previous = models.CharField("上一单摘要", max_length=64, blank=True)
    digest = models.CharField("本单摘要", max_length=64, unique=True)
    signature = models.CharField("签名", max_length=128)
    signed_at = models.DateTimeField("签名时间")

    class Meta:
        verbose_name = "对账单"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"对账单 {self.run_id}"
