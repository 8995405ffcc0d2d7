"""Signed accounts of runs, and the copy that each department keeps."""

from __future__ import annotations

from django.db import models

from yanta.hub.pipelines.models.runs import PipelineRun
from yanta.kernel.base.models import Record


class PipelineReceipt(Record):
    """The signed account of one run, chained to the one before."""

    org_path = "run__pipeline__owner"
    history = False  # the chain of signatures shows every later change

    run = models.OneToOneField(PipelineRun, models.PROTECT, verbose_name="运行", related_name="receipt")
    document = models.JSONField("对账单")
    previous = models.CharField("上一单摘要", max_length=64, blank=True)
    digest = models.CharField("本单摘要", max_length=64, unique=True)
    signature = models.CharField("签名", max_length=128)
    signed_at = models.DateTimeField("签名时间")

    class Meta:
        verbose_name = "运行对账单"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"对账单 {self.run_id}"


class ReceiptCopy(Record):
    """What one of the two departments says to the account."""

    org_path = "unit"
    title_needs = ("receipt__run__pipeline",)

    class Side(models.TextChoices):
        SENDER = "sender", "送出方"
        RECEIVER = "receiver", "接收方"

    class State(models.TextChoices):
        WAITING = "waiting", "待核对"
        CONFIRMED = "confirmed", "已确认"
        DISPUTED = "disputed", "有异议"

    receipt = models.ForeignKey(PipelineReceipt, models.PROTECT, verbose_name="对账单", related_name="copies")
    unit = models.ForeignKey("organisation.OrgUnit", models.PROTECT, verbose_name="部门", related_name="+")
    side = models.CharField("一方", max_length=10, choices=Side)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    note = models.CharField("说明", max_length=300, blank=True)
    decided_by = models.CharField("核对人", max_length=100, blank=True)
    decided_at = models.DateTimeField("核对时间", null=True, blank=True)

    class Meta:
        verbose_name = "部门对账"
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["receipt", "side"], name="receipt_copy_once_per_side")]

    def __str__(self) -> str:
        return f"{self.receipt} {self.get_side_display()}"
