"""What comes in: packages in parts, the rows that were held back, the notes that go back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yanta.hub.nodes.models.register import REASON, Node
from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record, RecordQuerySet


class Arrival(Record):
    """A package announced by a lower node, under the signature of whoever made it."""

    org_path = None
    org_path_reason = REASON
    history = False

    class State(models.TextChoices):
        RECEIVING = "receiving", "接收中"
        RECEIVED = "received", "已收齐"
        APPLIED = "applied", "已入库"
        REFUSED = "refused", "已拒收"

    node = models.ForeignKey(Node, models.PROTECT, verbose_name="所属节点", related_name="arrivals")
    via = models.ForeignKey(
        Node, models.PROTECT, verbose_name="转报节点", null=True, blank=True, related_name="+"
    )
    subject = models.CharField("主题", max_length=40)
    number = models.BigIntegerField("包号")
    kind = models.CharField(
        "种类", max_length=9, choices=[("full", "全量"), ("increment", "增量"), ("report", "报表")]
    )
    state = models.CharField("状态", max_length=9, choices=State, default=State.RECEIVING)
    rows = models.BigIntegerField("行数")
    size = models.BigIntegerField("字节", default=0)
    manifest = models.TextField("包说明")
    digest = models.CharField("包摘要", max_length=64, unique=True)
    signature = models.TextField("原签名")
    announced_at = models.DateTimeField("告知时间")
    applied_at = models.DateTimeField("入库时间", null=True, blank=True)
    seconds = models.FloatField("入库用时（秒）", null=True, blank=True)
    error = models.CharField("原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "收到的包"
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["node", "subject", "number"], name="arrival_of_stream"),
            models.Index(fields=["id"], condition=Q(state="received"), name="arrival_to_apply"),
        ]

    def __str__(self) -> str:
        return f"{self.node} {self.subject} #{self.number}"


class ArrivalChunk(models.Model):
    """Bytes of a part from an offset on, sealed at rest; dropped when the package is applied."""

    org_path: ClassVar[None] = None
    org_path_reason = "接收中的包内容，随包管理"
    person_path: ClassVar[None] = None

    arrival = models.ForeignKey(Arrival, models.CASCADE, verbose_name="包", related_name="chunks")
    part = models.PositiveIntegerField("分块号")
    start = models.BigIntegerField("起点")
    length = models.PositiveIntegerField("字节")
    content = models.BinaryField("内容")

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "接收分段"
        ordering = ("part", "start")
        constraints = [models.UniqueConstraint(fields=["arrival", "part", "start"], name="chunk_once")]

    def __str__(self) -> str:
        return f"{self.arrival_id}/{self.part}+{self.start}"


class HeldRow(Record):
    """A row that was held back: the original as it came, sealed, and every reason."""

    org_path = None
    org_path_reason = REASON
    history = False

    class State(models.TextChoices):
        OPEN = "open", "待更正"
        RELEASED = "released", "补入"
        CORRECTED = "corrected", "已由新数据更正"
        REPLACED = "replaced", "重报仍有误"

    node = models.ForeignKey(Node, models.PROTECT, verbose_name="节点", related_name="held_rows")
    arrival = models.ForeignKey(Arrival, models.PROTECT, verbose_name="所在包", related_name="held_rows")
    subject = models.CharField("主题", max_length=40)
    key = models.CharField("编号", max_length=60, blank=True)
    line = models.BigIntegerField("包内行号")
    faults = models.JSONField("原因")
    words = models.CharField("原因", max_length=500)
    is_waiting = models.BooleanField("等待引用的数据", default=False)
    original = SealedField("原样", max_length=100_000, null=True, blank=True)
    state = models.CharField("状态", max_length=9, choices=State, default=State.OPEN)
    held_at = models.DateTimeField("隔离时间")
    ended_at = models.DateTimeField("了结时间", null=True, blank=True)

    class Meta:
        verbose_name = "隔离的行"
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["node", "subject", "key"], condition=Q(state="open"), name="held_open"),
            models.Index(fields=["state", "subject"], name="held_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.words}"[:80]


class Notice(models.Model):
    """One note for a lower node, in the order in which it was written; the node pulls them by number."""

    org_path: ClassVar[None] = None
    org_path_reason = REASON
    person_path: ClassVar[None] = None

    node = models.ForeignKey(Node, models.CASCADE, verbose_name="节点", related_name="notices")
    kind = models.CharField("类别", max_length=8)  # fault shared fact closed full report
    subject = models.CharField("主题", max_length=40, blank=True)
    key = models.CharField("编号", max_length=60, blank=True)
    words = models.CharField("内容", max_length=500, blank=True)
    faults = models.JSONField("逐项", default=list)
    number = models.BigIntegerField("包号", null=True, blank=True)
    author = models.CharField("出自", max_length=20)
    written_at = models.DateTimeField("时间")

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "回流通知"
        ordering = ("pk",)
        indexes = [models.Index(fields=["node", "id"], name="notice_of_node")]

    def __str__(self) -> str:
        return self.words[:80]
