"""Pipelines, their versions, and which pipeline is the authority for which field."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record


class Pipeline(Record):
    """From one table of one connection into one subject; whose data it is and when it runs."""

    org_path = "owner"
    history_exclude = ("samples", "due_at", "heard_at", "watermark", "position")

    class Mode(models.TextChoices):
        FULL = "full", "全量"
        INCREMENT = "increment", "按水位增量"
        CAPTURE = "capture", "变更捕获"

    class Light(models.TextChoices):
        GREEN = "green", "正常"
        YELLOW = "yellow", "需留意"
        RED = "red", "异常"
        GREY = "grey", "未启用"

    code = models.SlugField("编码", max_length=40, unique=True)
    title = models.CharField("名称", max_length=100)
    connection = models.CharField("连接", max_length=60)
    table = models.CharField("来源表", max_length=200)
    subject = models.CharField("目标主题", max_length=60)
    mode = models.CharField("读取方式", max_length=10, choices=Mode, default=Mode.FULL)
    watermark_column = models.CharField("水位列", max_length=100, blank=True)
    owner = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="送出部门", related_name="+"
    )
    receiver = models.ForeignKey(
        "organisation.OrgUnit",
        models.PROTECT,
        verbose_name="接收部门",
        null=True,
        blank=True,
        related_name="+",
    )
    cron = models.CharField("定时（cron）", max_length=60, blank=True)
    expected_minutes = models.PositiveIntegerField("最长沉默（分钟）", default=0, help_text="0 为不检查")
    retries = models.PositiveSmallIntegerField("失败重试次数", default=3)
    depends_on = models.ManyToManyField(
        "self", verbose_name="上游管道", symmetrical=False, blank=True, related_name="followers"
    )
    is_active = models.BooleanField("启用", default=True)
    is_declared = models.BooleanField("由代码声明", default=False, editable=False)
    watermark = models.CharField("水位", max_length=200, blank=True, editable=False)
    position = models.TextField("变更位置", blank=True, editable=False)
    due_at = models.DateTimeField("上次应运行", null=True, blank=True, editable=False)
    heard_at = models.DateTimeField("上次有数据", null=True, blank=True, editable=False)
    silent_since = models.DateTimeField("沉默自", null=True, blank=True, editable=False)
    samples = models.BinaryField("样例（加密）", null=True, editable=False)

    class Meta:
        verbose_name = "数据管道"
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(mode="increment") | ~Q(watermark_column=""),
                name="pipeline_increment_has_watermark",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Version(Record):
    """How a pipeline maps and writes, numbered; runs remember theirs."""

    org_path = "pipeline__owner"
    title_needs = ("pipeline",)

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        PUBLISHED = "published", "已发布"
        RETIRED = "retired", "已停用"

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, verbose_name="管道", related_name="versions")
    number = models.PositiveIntegerField("版本")
    document = models.JSONField("内容", default=dict)
    digest = models.CharField("摘要", max_length=64, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT)
    note = models.CharField("改了什么", max_length=200, blank=True)
    author = models.CharField("编辑人", max_length=100, blank=True)
    published_by = models.CharField("发布人", max_length=100, blank=True)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)

    class Meta:
        verbose_name = "管道版本"
        ordering = ("pipeline", "-number")
        constraints = [
            models.UniqueConstraint(fields=["pipeline", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["pipeline"], condition=Q(status="draft"), name="version_one_draft"
            ),
            models.UniqueConstraint(
                fields=["pipeline"], condition=Q(status="published"), name="version_one_published"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pipeline} 第 {self.number} 版"


class Claim(Record):
    """One field of one subject has one pipeline that writes it: 一数一源."""

    org_path = "pipeline__owner"
    title_needs = ("pipeline",)

    subject = models.CharField("主题", max_length=60)
    field = models.CharField("字段", max_length=60)
    pipeline = models.ForeignKey(Pipeline, models.CASCADE, verbose_name="权威管道", related_name="claims")

    class Meta:
        verbose_name = "字段权威"
        ordering = ("subject", "field")
        constraints = [models.UniqueConstraint(fields=["subject", "field"], name="claim_field_once")]

    def __str__(self) -> str:
        return f"{self.subject}.{self.field}"
