"""Who read what: the log that the database itself keeps from change, and what is counted from it."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GistIndex
from django.db import models

from yanta.hub.sharing.ids import IdsField
from yanta.hub.sharing.models.catalogue import Dataset
from yanta.hub.sharing.models.granting import Consumer, Grant
from yanta.kernel.base.models import RecordQuerySet

KEPT_AT_LEAST_DAYS = 180
_GUARD = f"""
IF TG_OP = 'DELETE' AND OLD.at < now() - interval '{KEPT_AT_LEAST_DAYS} days' THEN
    RETURN OLD;
END IF;
RAISE EXCEPTION 'the read log is append-only' USING ERRCODE = 'insufficient_privilege';
"""


class ReadEntry(models.Model):
    """One delivery of rows to one consumer, or one that was refused."""

    org_path: ClassVar[str] = "dataset__owner"
    org_path_reason = ""
    person_path: ClassVar[None] = None
    history: ClassVar[bool] = False

    class Outcome(models.TextChoices):
        DONE = "done", "已交付"
        REFUSED = "refused", "被拒绝"
        FAILED = "failed", "出错"

    class How(models.TextChoices):
        REST = "rest", "接口"
        FILE = "file", "文件"
        DOWNLOAD = "download", "下载"
        SCHEMA = "schema", "只读库"
        WEBHOOK = "webhook", "推送"

    at = models.DateTimeField("时间")
    grant = models.ForeignKey(Grant, models.PROTECT, verbose_name="授权", related_name="+", db_index=False)
    consumer = models.ForeignKey(
        Consumer, models.PROTECT, verbose_name="使用方", related_name="+", db_index=False
    )
    dataset = models.ForeignKey(
        Dataset, models.PROTECT, verbose_name="数据集", related_name="+", db_index=False
    )
    version = models.PositiveIntegerField("数据集版本")
    how = models.CharField("方式", max_length=8, choices=How)
    outcome = models.CharField("结果", max_length=8, choices=Outcome, default=Outcome.DONE)
    status = models.PositiveSmallIntegerField("应答码", default=200)
    names = ArrayField(models.CharField(max_length=60), verbose_name="字段", default=list)
    rows = IdsField("行", null=True)
    persons = IdsField("涉及人员", null=True)
    count = models.BigIntegerField("行数", default=0)
    is_exact = models.BooleanField("逐行准确", default=True)
    is_signed = models.BooleanField("带签名", default=False)
    milliseconds = models.PositiveIntegerField("耗时（毫秒）", default=0)
    address = models.GenericIPAddressField("来源地址", null=True)
    person_name = models.CharField("经手人", max_length=60, blank=True)
    detail = models.CharField("说明", max_length=200, blank=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "读取记录"
        ordering = ("-pk",)
        indexes = [
            BrinIndex(fields=["at"], name="read_entry_at", pages_per_range=32),
            models.Index(fields=["consumer", "-id"], name="read_entry_consumer"),
            models.Index(fields=["dataset", "-id"], name="read_entry_dataset"),
            GistIndex(fields=["persons"], name="read_entry_persons"),
            GistIndex(fields=["grant", "rows"], name="read_entry_rows"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="append_only", when=pgtrigger.Before, operation=pgtrigger.Update | pgtrigger.Delete, func=_GUARD
            ),
            pgtrigger.Trigger(
                name="never_emptied", when=pgtrigger.Before, level=pgtrigger.Statement, operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'the read log is append-only' USING ERRCODE = 'insufficient_privilege';",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.consumer} 读取 {self.dataset}"


class UsageDay(models.Model):
    """One grant's use in one way on one day."""

    org_path = None
    org_path_reason = "由读取记录累计，随授权页面展示"
    person_path: ClassVar[None] = None

    grant = models.ForeignKey(Grant, models.CASCADE, verbose_name="授权", related_name="usage")
    day = models.DateField("日期", db_index=True)
    how = models.CharField("方式", max_length=8, choices=ReadEntry.How)
    reads = models.BigIntegerField("次数", default=0)
    rows = models.BigIntegerField("行数", default=0)
    errors = models.BigIntegerField("失败次数", default=0)
    milliseconds = models.BigIntegerField("总耗时", default=0)

    class Meta:
        verbose_name = "使用日计"
        constraints = [models.UniqueConstraint(fields=["grant", "day", "how"], name="usage_day_once")]

    def __str__(self) -> str:
        return f"{self.grant} {self.day}"


class Pace(models.Model):
    """How many requests of this minute and rows of this day a grant has used."""

    org_path = None
    org_path_reason = "限速计数器，不是业务数据"
    person_path: ClassVar[None] = None

    grant = models.OneToOneField(
        Grant, models.CASCADE, verbose_name="授权", primary_key=True, related_name="pace"
    )
    minute = models.DateTimeField("分钟")
    requests = models.PositiveIntegerField("次数", default=0)
    day = models.DateField("日期")
    rows = models.BigIntegerField("行数", default=0)

    class Meta:
        verbose_name = "限速计数"

    def __str__(self) -> str:
        return str(self.grant_id)


class Nonce(models.Model):
    """A signed request that was used; the same one again is refused while its time is still valid."""

    org_path = None
    org_path_reason = "防重放登记，几分钟后清除"
    person_path: ClassVar[None] = None

    value = models.CharField("随机数", max_length=100, unique=True)
    at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = "已用随机数"

    def __str__(self) -> str:
        return self.value
