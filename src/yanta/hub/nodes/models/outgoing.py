"""What goes up: streams, the packages that wait in line, and what comes back to be put right."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yanta.hub.nodes.models.register import REASON, Node
from yanta.kernel.base.models import Record, RecordQuerySet


class Stream(Record):
    """One subject on its way to one upper node; `origin` is somebody else's data that we pass on."""

    org_path = None
    org_path_reason = REASON

    class State(models.TextChoices):
        PROPOSED = "proposed", "待同意"
        ACTIVE = "active", "上报中"
        PAUSED = "paused", "已暂停"
        ENDED = "ended", "上级不再要求"

    upper = models.ForeignKey(Node, models.PROTECT, verbose_name="上级节点", related_name="streams")
    origin = models.ForeignKey(
        Node, models.PROTECT, verbose_name="转报自", null=True, blank=True, related_name="+"
    )
    subject = models.CharField("主题", max_length=40)
    title = models.CharField("上报内容", max_length=60)
    owner = models.CharField("归口部门", max_length=60, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PROPOSED)
    fields = models.JSONField("上报的数据项", default=list, blank=True)
    every_minutes = models.PositiveIntegerField("至少每（分钟）", default=1440)
    agreed_by = models.CharField("同意人", max_length=60, blank=True)
    agreed_at = models.DateTimeField("同意时间", null=True, blank=True)
    position = models.TextField("已组包至", blank=True, editable=False)
    next_number = models.BigIntegerField("下一包号", default=1, editable=False)
    last_digest = models.CharField("上一包摘要", max_length=64, blank=True, editable=False)
    wants_full = models.BooleanField("下次全量", default=True, editable=False)
    extra_keys = models.JSONField("要求重报的键", default=list, blank=True, editable=False)
    checked_at = models.DateTimeField("最近查看变化", null=True, blank=True, editable=False)
    acknowledged_at = models.DateTimeField("最近回执", null=True, blank=True, editable=False)
    attempts = models.PositiveIntegerField("连续未成次数", default=0, editable=False)
    next_attempt_at = models.DateTimeField("下次尝试", null=True, blank=True, editable=False)
    waiting_since = models.DateTimeField("自何时起在等", null=True, blank=True, editable=False)
    error = models.CharField("未成原因", max_length=300, blank=True, editable=False)

    history_exclude = ("checked_at", "position", "attempts", "next_attempt_at", "waiting_since", "error")

    class Meta:
        verbose_name = "上报流"
        ordering = ("upper", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["upper", "subject", "origin"], nulls_distinct=False, name="stream_once_per_subject"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Package(Record):
    """What left the stream at one moment; kept until the upper node's receipt is here."""

    org_path = None
    org_path_reason = REASON
    history = False

    class State(models.TextChoices):
        WAITING = "waiting", "待发"
        SENT = "sent", "已送达待处理"
        DONE = "done", "已回执"
        REFUSED = "refused", "被拒收"
        SUPERSEDED = "superseded", "改报全量"

    OPEN = (State.WAITING, State.SENT)

    stream = models.ForeignKey(Stream, models.PROTECT, verbose_name="上报流", related_name="packages")
    number = models.BigIntegerField("包号")
    kind = models.CharField(
        "种类", max_length=9, choices=[("full", "全量"), ("increment", "增量"), ("report", "报表")]
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    rows = models.BigIntegerField("行数", default=0)
    size = models.BigIntegerField("字节", default=0)
    manifest = models.TextField("包说明")
    digest = models.CharField("包摘要", max_length=64, db_index=True)
    signature = models.TextField("签名")
    built_at = models.DateTimeField("组包时间")
    ended_at = models.DateTimeField("了结时间", null=True, blank=True)
    error = models.CharField("原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "上报包"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["stream", "number"], condition=~Q(state__in=["superseded", "refused"]),
                name="package_number_once",
            )
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["stream", "number"], condition=Q(state__in=["waiting", "sent"]), name="package_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stream} #{self.number}"


class PackagePart(models.Model):
    """The rows of a part, compressed, sealed at rest; dropped when the receipt is here."""

    org_path: ClassVar[None] = None
    org_path_reason = "上报包的内容，随包管理"
    person_path: ClassVar[None] = None

    package = models.ForeignKey(Package, models.CASCADE, verbose_name="上报包", related_name="parts")
    number = models.PositiveIntegerField("分块号")
    content = models.BinaryField("内容")

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "上报包分块"
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["package", "number"], name="package_part_once")]

    def __str__(self) -> str:
        return f"{self.package_id}/{self.number}"


class FeedbackItem(Record):
    """数据回流: what the upper node found, to be put right by the unit that owns the row, by a day."""

    org_path = "unit"

    class Kind(models.TextChoices):
        FAULT = "fault", "数据有误"
        SHARED = "shared", "跨校重复"
        FACT = "fact", "上级告知"
        REPORT = "report", "报表核查"

    class State(models.TextChoices):
        OPEN = "open", "待处理"
        RESENT = "resent", "已重报"
        EXPLAINED = "explained", "已说明"
        CLOSED = "closed", "上级已接受"

    upper = models.ForeignKey(Node, models.PROTECT, verbose_name="上级节点", related_name="+")
    serial = models.BigIntegerField("反馈号")
    kind = models.CharField("类别", max_length=6, choices=Kind, default=Kind.FAULT)
    subject = models.CharField("主题", max_length=40)
    key = models.CharField("编号", max_length=60)
    name = models.CharField("姓名或名称", max_length=100, blank=True)
    words = models.CharField("问题", max_length=500)
    faults = models.JSONField("逐项", default=list, blank=True)
    number = models.BigIntegerField("包号", null=True, blank=True)
    unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="责任单位", null=True, blank=True, related_name="+"
    )  # fmt: skip
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    due_on = models.DateField("期限", null=True, blank=True)
    explanation = models.CharField("说明", max_length=300, blank=True)
    handled_by = models.CharField("处理人", max_length=60, blank=True)
    noted_at = models.DateTimeField("收到时间")
    ended_at = models.DateTimeField("了结时间", null=True, blank=True)

    class Meta:
        verbose_name = "回流问题"
        ordering = ("state", "due_on", "pk")
        constraints = [
            # One answer to a report holds many findings.
            models.UniqueConstraint(
                fields=["upper", "serial"], condition=~Q(kind="report"), name="feedback_once"
            )
        ]
        indexes = [models.Index(fields=["subject", "key"], name="feedback_of_row")]

    def __str__(self) -> str:
        return f"{self.key} {self.words}"[:80]
