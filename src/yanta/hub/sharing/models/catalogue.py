"""What may be asked for: datasets, their versions, and the departments' consent to each."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.hub import subjects
from yanta.hub.subjects import Level
from yanta.kernel.base.models import Record

LEVELS = [(level.value, level.label) for level in Level]


class Dataset(Record):
    """Fields of one subject and which rows of it, as a department offers them to others."""

    org_path = None
    org_path_reason = "目录对全体教职工公开；改动须由归口部门办理，发布须来源部门认可"

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        PUBLISHED = "published", "已发布"
        DEPRECATED = "deprecated", "已弃用"
        RETIRED = "retired", "已下线"

    class Refresh(models.TextChoices):
        LIVE = "live", "实时"
        DAILY = "daily", "每日"
        WEEKLY = "weekly", "每周"
        TERM = "term", "每学期"

    OPEN = (State.PUBLISHED, State.DEPRECATED)

    code = models.SlugField("编码", max_length=40, unique=True)
    title = models.CharField("名称", max_length=60)
    subject = models.CharField("数据主题", max_length=40)
    names = models.JSONField("字段", default=list)
    condition = models.JSONField("数据范围", default=dict, blank=True)
    meaning = models.TextField("业务口径", max_length=2000)
    owner = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="归口部门", related_name="+"
    )
    refresh = models.CharField("更新频率", max_length=8, choices=Refresh, default=Refresh.LIVE)
    service = models.CharField("服务承诺", max_length=300, blank=True)
    contact = models.CharField("联系方式", max_length=100, blank=True)
    level = models.PositiveSmallIntegerField("最高级别", choices=LEVELS, default=1, editable=False)
    version = models.PositiveIntegerField("版本", default=0, editable=False)
    state = models.CharField("状态", max_length=12, choices=State, default=State.DRAFT, editable=False)
    published_on = models.DateField("发布日期", null=True, blank=True, editable=False)
    ends_on = models.DateField("停止服务日期", null=True, blank=True, editable=False)
    successor = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="替代数据集",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        verbose_name = "数据集"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.title

    @property
    def about(self) -> subjects.Subject:
        return subjects.subject(self.subject)

    @property
    def is_open(self) -> bool:
        """Whether it is served to those who hold a grant."""
        return self.state in self.OPEN


class DatasetVersion(Record):
    """One edition of a dataset: asked about, consented to, published."""

    org_path = None
    org_path_reason = "目录的变更记录，对全体教职工公开"
    title_needs = ("dataset",)

    class State(models.TextChoices):
        ASKED = "asked", "征求来源部门意见"
        PUBLISHED = "published", "已发布"
        WITHDRAWN = "withdrawn", "已撤回"

    dataset = models.ForeignKey(Dataset, models.CASCADE, verbose_name="数据集", related_name="versions")
    number = models.PositiveIntegerField("版本")
    names = models.JSONField("字段", default=list)
    condition = models.JSONField("数据范围", default=dict, blank=True)
    meaning = models.TextField("业务口径", max_length=2000)
    note = models.CharField("变更说明", max_length=300)
    state = models.CharField("状态", max_length=10, choices=State, default=State.ASKED, editable=False)
    published_at = models.DateTimeField("发布时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "数据集版本"
        ordering = ("dataset", "-number")
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="dataset_version_once"),
            models.UniqueConstraint(
                fields=["dataset"], condition=Q(state="asked"), name="dataset_one_version_asked",
                violation_error_message="上一次修订还在征求意见",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.dataset} 第 {self.number} 版"


class Consent(Record):
    """One source department's word on publishing its fields (制度第二十九条)."""

    org_path = "unit"
    title_needs = ("version__dataset", "unit")

    class State(models.TextChoices):
        WAITING = "waiting", "待认可"
        GIVEN = "given", "已认可"
        REFUSED = "refused", "不认可"

    version = models.ForeignKey(
        DatasetVersion, models.CASCADE, verbose_name="数据集版本", related_name="consents"
    )
    unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="来源部门", related_name="+"
    )
    names = models.JSONField("涉及字段", default=list)
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING, editable=False)
    opinion = models.CharField("意见", max_length=200, blank=True, editable=False)
    decided_by = models.CharField("经办人", max_length=60, blank=True, editable=False)
    decided_at = models.DateTimeField("办理时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "发布认可"
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["version", "unit"], name="consent_once_per_unit")]

    def __str__(self) -> str:
        return f"{self.version} · {self.unit}"
