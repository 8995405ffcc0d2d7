"""Where data comes from, how its columns are read, and who is believed first."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record


class Source(Record):
    """One department's kind of file or system, delivered again and again."""

    org_path = "owner"

    class Kind(models.TextChoices):
        FILE = "file", "文件"
        DATABASE = "database", "数据库"
        API = "api", "接口"
        ENTRY = "entry", "系统录入"

    code = models.CharField("来源编码", max_length=30, unique=True)
    title = models.CharField("来源名称", max_length=100)
    department = models.CharField("归口部门", max_length=100)
    owner = models.ForeignKey(
        "organisation.OrgUnit",
        models.PROTECT,
        verbose_name="归口单位",
        null=True,
        blank=True,
        related_name="+",
    )
    kind = models.CharField("类型", max_length=10, choices=Kind, default=Kind.FILE)

    class Meta:
        verbose_name = "数据来源"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.title


class Mapping(Record):
    """Which column is which element, in one layout of one source; a new layout asks for a new version."""

    org_path = "source__owner"

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待确认"
        CONFIRMED = "confirmed", "已确认"
        RETIRED = "retired", "已停用"

    source = models.ForeignKey(Source, models.PROTECT, verbose_name="来源", related_name="mappings")
    version = models.PositiveIntegerField("版本")
    fingerprint = models.CharField("版式指纹", max_length=64)
    file_name = models.CharField("文件", max_length=200, blank=True)
    document = models.JSONField("映射", default=dict)
    samples = models.JSONField("样例（遮盖）", default=dict, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PROPOSED)
    confirmed_by = models.CharField("确认人", max_length=100, blank=True)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)

    class Meta:
        verbose_name = "列映射"
        ordering = ("source", "-version")
        constraints = [
            models.UniqueConstraint(fields=["source", "version"], name="mapping_version_once"),
            models.UniqueConstraint(
                fields=["source", "fingerprint"], condition=~Q(status="retired"), name="mapping_layout_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} 第 {self.version} 版"


class Authority(Record):
    """Which source is believed for an element of a population, in which order."""

    org_path = None
    org_path_reason = "权威源约定由全校共同商定，人人可查"

    element = models.CharField("数据元", max_length=30)
    label = models.CharField("名称", max_length=60)
    population = models.CharField("人群", max_length=10)
    rank = models.PositiveSmallIntegerField("次序")
    source = models.ForeignKey(Source, models.PROTECT, verbose_name="来源", related_name="+")
    form = models.CharField("写法", max_length=200, blank=True)

    class Meta:
        verbose_name = "权威源"
        ordering = ("element", "population", "rank")
        constraints = [
            models.UniqueConstraint(fields=["element", "population", "rank"], name="authority_rank_once"),
            models.UniqueConstraint(fields=["element", "population", "source"], name="authority_source_once"),
        ]

    def __str__(self) -> str:
        return f"{self.label}（{self.population}）第 {self.rank} 位：{self.source}"
