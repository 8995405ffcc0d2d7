"""The region's own store: every row under the node it comes from, and the figures over them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from yanta.hub.nodes.models.register import REASON, Node
from yanta.kernel.base.models import Record, RecordQuerySet


class RegionalRow(models.Model):
    """One row of one node's subject. The table is split by node (hash), so a merge touches one partition;
    sealed values lie apart from the open ones, and equal identity numbers meet by their blind index."""

    org_path: ClassVar[None] = None
    org_path_reason = REASON
    person_path: ClassVar[None] = None

    pk = models.CompositePrimaryKey("node_id", "subject", "key")
    node = models.ForeignKey(Node, models.PROTECT, verbose_name="节点", related_name="+", db_index=False)
    subject = models.CharField("主题", max_length=40)
    key = models.CharField("编号", max_length=60)
    data = models.JSONField("数据")
    sealed = models.BinaryField("加密的数据", null=True)
    identity = models.BinaryField("证件号索引", null=True)
    content = models.BinaryField("内容摘要")
    number = models.BigIntegerField("来自包号")
    changed_at = models.DateTimeField("变更时间")

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "区域数据行"
        indexes = [
            models.Index(fields=["identity"], name="regional_identity", condition=~models.Q(identity=None))
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.key}"


class Holding(models.Model):
    """How far one node's subject has come: the head of its chain and what is held of it."""

    org_path: ClassVar[None] = None
    org_path_reason = REASON
    person_path: ClassVar[None] = None

    node = models.ForeignKey(Node, models.CASCADE, verbose_name="节点", related_name="holdings")
    subject = models.CharField("主题", max_length=40)
    rows = models.BigIntegerField("行数", default=0)
    held = models.BigIntegerField("待更正", default=0)
    number = models.BigIntegerField("最近包号", default=0)
    digest = models.CharField("最近包摘要", max_length=64, blank=True)
    applied_at = models.DateTimeField("最近入库", null=True, blank=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "持有情况"
        constraints = [models.UniqueConstraint(fields=["node", "subject"], name="holding_once")]

    def __str__(self) -> str:
        return f"{self.node} {self.subject}"


class Figure(models.Model):
    """How many rows of a node have which value; kept with every package, so a province is summed, not scanned."""

    org_path: ClassVar[None] = None
    org_path_reason = REASON
    person_path: ClassVar[None] = None

    node = models.ForeignKey(Node, models.CASCADE, verbose_name="节点", related_name="+")
    subject = models.CharField("主题", max_length=40)
    dimension = models.CharField("维度", max_length=40, blank=True)
    value = models.CharField("值", max_length=60, blank=True)
    rows = models.BigIntegerField("行数")
    amount = models.DecimalField("数量", max_digits=20, decimal_places=2, default=0)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "汇总数"
        constraints = [
            models.UniqueConstraint(fields=["node", "subject", "dimension", "value"], name="figure_once")
        ]
        indexes = [models.Index(fields=["subject", "dimension", "value"], name="figure_of_subject")]

    def __str__(self) -> str:
        return f"{self.subject} {self.dimension}={self.value}"


class SharedPerson(Record):
    """One identity number in two schools at once: both are told, somebody decides."""

    org_path = None
    org_path_reason = REASON

    class State(models.TextChoices):
        OPEN = "open", "待核实"
        ACCEPTED = "accepted", "情况属实"
        GONE = "gone", "已不重复"

    subject = models.CharField("主题", max_length=40)
    identity = models.BinaryField("证件号索引", editable=False)
    name = models.CharField("姓名", max_length=60)
    places = models.JSONField("在哪些学校", default=list)
    where = models.CharField("学校", max_length=300)
    state = models.CharField("状态", max_length=8, choices=State, default=State.OPEN)
    note = models.CharField("核实说明", max_length=300, blank=True)
    found_at = models.DateTimeField("发现时间")
    ended_at = models.DateTimeField("了结时间", null=True, blank=True)

    class Meta:
        verbose_name = "跨校重复人员"
        ordering = ("state", "-pk")
        constraints = [models.UniqueConstraint(fields=["subject", "identity"], name="shared_person_once")]

    def __str__(self) -> str:
        return f"{self.name}（{self.where}）"[:120]
