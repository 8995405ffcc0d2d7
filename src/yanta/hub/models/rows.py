"""The rows that departments delivered, kept with their original, and those that were held back."""

from __future__ import annotations

from django.db import models

from yanta.kernel.base.models import Record


class SourceRow(Record):
    """One delivered row in its latest state. The payload (original and clean cells) is one sealed blob."""

    org_path = "source__owner"
    history = (
        False  # receipts and element changes tell what happened; a copy of each row would double the store
    )

    class Status(models.TextChoices):
        ACCEPTED = "accepted", "已接收"
        QUARANTINED = "quarantined", "已隔离"
        SKIPPED = "skipped", "非数据行"

    source = models.ForeignKey("hub.Source", models.PROTECT, verbose_name="来源", related_name="rows")
    key = models.CharField("自然键", max_length=160)
    file = models.CharField("文件", max_length=200)
    sheet = models.CharField("工作表", max_length=100, blank=True)
    row = models.PositiveIntegerField("行号")
    status = models.CharField("状态", max_length=12, choices=Status)
    name = models.CharField("姓名", max_length=120, blank=True)
    digest = models.BinaryField("内容指纹", max_length=16)
    payload = models.BinaryField("原值与清洗值（加密）")
    issues = models.JSONField("问题", default=list)
    first_run = models.ForeignKey("hub.Run", models.PROTECT, verbose_name="首次出现", related_name="+")
    changed_run = models.ForeignKey("hub.Run", models.PROTECT, verbose_name="最近变更", related_name="+")
    gone_run = models.ForeignKey(
        "hub.Run", models.PROTECT, verbose_name="不再出现", null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "来源行"
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="source_row_key_once")]
        indexes = [models.Index(fields=["source", "status"], name="source_row_status")]

    def __str__(self) -> str:
        return f"{self.file} {self.sheet} 第 {self.row} 行".replace("  ", " ")


class QuarantinedRow(Record):
    """A row that was held back: why, its original, what a clerk put right."""

    org_path = "row__source__owner"

    class State(models.TextChoices):
        OPEN = "open", "待处理"
        CORRECTED = "corrected", "已更正待重放"
        REPLAYED = "replayed", "已重放"
        DISMISSED = "dismissed", "不予采用"
        WITHDRAWN = "withdrawn", "来源已更正"

    row = models.OneToOneField(SourceRow, models.CASCADE, verbose_name="来源行", related_name="quarantine")
    reason = models.CharField("原因", max_length=40)
    sentence = models.CharField("说明", max_length=300)
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    corrected = models.BinaryField("更正值（加密）", null=True, blank=True)
    run = models.ForeignKey("hub.Run", models.PROTECT, verbose_name="运行", related_name="+")
    decided_by = models.CharField("处理人", max_length=100, blank=True)
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)
    note = models.CharField("处理说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "隔离行"
        ordering = ("pk",)
        indexes = [models.Index(fields=["state", "reason"], name="quarantine_state_reason")]

    def __str__(self) -> str:
        return f"{self.row}：{self.sentence}"
