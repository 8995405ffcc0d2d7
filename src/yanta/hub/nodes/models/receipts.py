"""The signed account of one package, kept at both ends."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yanta.hub.nodes.models.register import REASON, Node
from yanta.kernel.base.models import Record

COUNTS = ("received", "new", "changed", "unchanged", "removed", "quarantined")


class Receipt(Record):
    """received = new + changed + unchanged + removed + quarantined; signed by the upper node."""

    org_path = None
    org_path_reason = REASON
    history = False  # it is never changed

    class Side(models.TextChoices):
        GIVEN = "given", "出具"
        GOT = "got", "收到"

    side = models.CharField("方向", max_length=5, choices=Side)
    node = models.ForeignKey(Node, models.PROTECT, verbose_name="对方节点", related_name="receipts")
    origin = models.CharField("数据所属节点", max_length=20)
    subject = models.CharField("主题", max_length=40)
    number = models.BigIntegerField("包号")
    package = models.CharField("包摘要", max_length=64)
    received = models.BigIntegerField("读入")
    new = models.BigIntegerField("新增")
    changed = models.BigIntegerField("变更")
    unchanged = models.BigIntegerField("未变")
    removed = models.BigIntegerField("删除")
    quarantined = models.BigIntegerField("隔离")
    document = models.TextField("回执原文")
    signature = models.TextField("签名")
    issued_at = models.DateTimeField("出具时间")

    class Meta:
        verbose_name = "上报回执"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["side", "node", "package"], name="receipt_once_per_package"),
            models.CheckConstraint(
                condition=Q(received=F("new") + F("changed") + F("unchanged") + F("removed") + F("quarantined")),
                name="receipt_adds_up",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["origin", "subject", "number"], name="receipt_of_stream")]

    def __str__(self) -> str:
        return f"{self.subject} #{self.number}"
