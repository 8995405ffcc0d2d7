"""What was produced and pushed, and the doors that stand open."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.hub.sharing.models.granting import Consumer, FileKind, Grant
from yanta.kernel.base.models import Record


class FileDelivery(Record):
    """One file made for one grant; the order of its rows tells a leaked copy from any other."""

    org_path = "grant__consumer__unit"
    title_needs = ("grant__dataset", "grant__consumer")

    Kind = FileKind

    class State(models.TextChoices):
        WAITING = "waiting", "生成中"
        DONE = "done", "可下载"
        FAILED = "failed", "未完成"
        GONE = "gone", "已清除"

    grant = models.ForeignKey(Grant, models.PROTECT, verbose_name="授权", related_name="files")
    kind = models.CharField("格式", max_length=8, choices=FileKind, default=FileKind.CSV)
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING, editable=False)
    file = models.ForeignKey(
        "files.StoredFile",
        models.SET_NULL,
        verbose_name="文件",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    mark = models.CharField("行序标记", max_length=32, editable=False)
    rows = models.BigIntegerField("行数", default=0, editable=False)
    downloads = models.PositiveIntegerField("下载次数", default=0, editable=False)
    asked_by = models.CharField("申请人", max_length=60, blank=True, editable=False)
    expires_at = models.DateTimeField("可下载至", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "文件交付"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.grant} {self.get_kind_display()}"


class SchemaAccess(Record):
    """A consumer's database role and the schema of views that it sees."""

    org_path = "consumer__unit"
    title_needs = ("consumer",)

    consumer = models.OneToOneField(
        Consumer, models.PROTECT, verbose_name="使用方", related_name="schema_access"
    )
    role = models.CharField("数据库账号", max_length=63, unique=True)
    schema = models.CharField("模式名", max_length=63, unique=True)
    is_open = models.BooleanField("可登录", default=True)

    class Meta:
        verbose_name = "只读库账号"

    def __str__(self) -> str:
        return self.role


class Subscription(Record):
    """Where a grant's changes are pushed, and how far they got."""

    org_path = "grant__consumer__unit"
    title_needs = ("grant__dataset", "grant__consumer")
    history_exclude = ("position", "sequence", "updated_at")

    class State(models.TextChoices):
        ACTIVE = "active", "推送中"
        PAUSED = "paused", "已暂停"

    grant = models.OneToOneField(Grant, models.PROTECT, verbose_name="授权", related_name="subscription")
    address = models.URLField("推送地址", max_length=300)
    state = models.CharField("状态", max_length=8, choices=State, default=State.ACTIVE, editable=False)
    position = models.TextField("历史位置", editable=False)
    sequence = models.BigIntegerField("已编号到", default=0, editable=False)
    last_sent_at = models.DateTimeField("最近送达", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "变更订阅"

    def __str__(self) -> str:
        return f"{self.grant} 推送"


class Push(Record):
    """One batch of changed ids on its way; what the rows say is read when it is sent, and kept nowhere."""

    org_path = "subscription__grant__consumer__unit"
    title_needs = ("subscription__grant__dataset", "subscription__grant__consumer")
    history = False  # each attempt is counted on the row; receipt is in the read log

    class State(models.TextChoices):
        WAITING = "waiting", "待送"
        SENT = "sent", "已送达"
        DEAD = "dead", "未能送达"

    subscription = models.ForeignKey(Subscription, models.CASCADE, verbose_name="订阅", related_name="pushes")
    sequence = models.BigIntegerField("序号")
    ids = models.JSONField("涉及的行", default=list)
    is_test = models.BooleanField("测试", default=False)
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    due_at = models.DateTimeField("下次发送")
    sent_at = models.DateTimeField("送达时间", null=True, blank=True)
    status = models.PositiveSmallIntegerField("对方应答", null=True, blank=True)
    error = models.CharField("原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "推送记录"
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["subscription", "sequence"], name="push_in_order")]
        indexes = [
            models.Index(
                fields=["subscription", "sequence"], condition=Q(state="waiting"), name="push_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subscription} #{self.sequence}"
