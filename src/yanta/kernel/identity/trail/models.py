"""Seals over the logs, what verifying them found, and receivers outside with their receipts."""

from __future__ import annotations

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from yanta.kernel.base.models import Record
from yanta.kernel.identity.trail import logs


class LogBlock(Record):
    """Consecutive rows of one log under one seal, which also covers the seal before it."""

    org_path_reason = "日志封存跨单位，只供核对"
    history = False  # rows are only ever added

    log = models.CharField("日志", max_length=20)
    number = models.PositiveBigIntegerField("序号")
    first_id = models.BigIntegerField("起始编号")
    last_id = models.BigIntegerField("截止编号")
    rows = models.PositiveIntegerField("条数")
    first_at = models.DateTimeField("最早时间")
    last_at = models.DateTimeField("最晚时间")
    digest = models.BinaryField("摘要", max_length=32)
    seal = models.BinaryField("链值", max_length=32)
    signature = models.BinaryField("签名", max_length=32)

    class Meta:
        verbose_name = "日志封存块"
        ordering = ("log", "number")
        constraints = [models.UniqueConstraint(fields=["log", "number"], name="log_block_once")]
        triggers = [pgtrigger.Protect(name="log_block_stays", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.log} #{self.number}"


class LogCheck(Record):
    """One walk over a whole log: does it still say what was sealed?"""

    org_path = None
    org_path_reason = "日志核对跨单位，只向审计员和信息中心开放"
    history = False  # rows are only ever added

    log = models.CharField("日志", max_length=20, choices=logs.choices)
    at = models.DateTimeField("核对时间")
    is_sound = models.BooleanField("完好")
    proved_from = models.DateTimeField("证明从", null=True)
    proved_to = models.DateTimeField("证明到", null=True)
    rows = models.PositiveBigIntegerField("核对条数")
    blocks = models.PositiveBigIntegerField("核对块数")
    waiting = models.PositiveIntegerField("尚未封存")
    finding = models.CharField("结论", max_length=300)

    class Meta:
        verbose_name = "日志核对"
        ordering = ("-at",)
        triggers = [pgtrigger.Protect(name="log_check_stays", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.get_log_display()} {self.finding}"


class LogFeed(Record):
    """A receiver of syslog (RFC 5424) that is sent one log, from its position on, each row at least once."""

    org_path = None
    org_path_reason = "日志外送面向全校，只由信息中心和安全管理员设置"
    history_exclude = ("position", "sent", "sent_at", "error", "updated_at")

    class Transport(models.TextChoices):
        TLS = "tls", "TLS（RFC 5425）"
        TCP = "tcp", "TCP（RFC 6587，按长度分帧）"
        UDP = "udp", "UDP（RFC 5426，不保证送达）"

    name = models.CharField("名称", max_length=60, unique=True)
    log = models.CharField("日志", max_length=20, choices=logs.choices)
    transport = models.CharField("传输", max_length=3, choices=Transport, default=Transport.TLS)
    host = models.CharField("接收地址", max_length=200, help_text="日志审计设备的主机名或地址")
    port = models.PositiveIntegerField(
        "端口", default=6514, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    authority = models.TextField(
        "签发者证书", blank=True, help_text="TLS：接收方证书由谁签发，PEM；留空则用系统信任的"
    )
    outcomes = models.CharField(
        "只送这些结果", max_length=200, blank=True, help_text="以逗号分隔，如 wrong_password,locked_out；留空则全部"
    )  # fmt: skip
    is_open = models.BooleanField("外送中", default=False, editable=False)
    position = models.BigIntegerField("已送到编号", default=0, editable=False)
    sent = models.PositiveBigIntegerField("累计条数", default=0, editable=False)
    sent_at = models.DateTimeField("最近送达", null=True, editable=False)
    error = models.CharField("最近错误", max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = "日志外送"

    def __str__(self) -> str:
        return self.name


class FeedReceipt(Record):
    """What one delivery carried, provable by its digest."""

    org_path = None
    org_path_reason = "日志外送面向全校，只由信息中心和安全管理员查看"
    title_needs = ("feed",)
    history = False  # rows are only ever added

    feed = models.ForeignKey(LogFeed, models.CASCADE, verbose_name="外送", related_name="receipts")
    first_id = models.BigIntegerField("起始编号")
    last_id = models.BigIntegerField("截止编号")
    rows = models.PositiveIntegerField("条数")
    digest = models.CharField("摘要（SM3）", max_length=64)
    sent_at = models.DateTimeField("送达时间")

    class Meta:
        verbose_name = "外送回执"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.feed} {self.first_id}–{self.last_id}"
