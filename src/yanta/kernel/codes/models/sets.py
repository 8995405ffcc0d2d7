"""Code sets and their codes."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yanta.kernel.base.models import Record

PUBLIC = "编码标准是公共的，全校可查"


class CodeSet(Record):
    """One edition of one standard; editions of a family stand side by side."""

    org_path = None
    org_path_reason = PUBLIC

    class Verdict(models.TextChoices):
        COMPLETE = "complete", "完整（已与官方数字或第二来源核对）"
        SINGLE = "complete-single-source", "看来完整（只有一个来源）"
        PARTIAL = "partial", "不完整"
        KNOWLEDGE = "from-knowledge-needs-check", "凭经验整理，待核对"
        LIVE = "master-data", "由主数据实时提供"
        SCHOOL = "school", "学校自定"

    class Domain(models.TextChoices):
        PUBLIC = "公共", "公共"
        PERSONNEL = "人事", "人事"
        TEACHING = "教学", "教学"
        ADMISSION = "招生学籍", "招生学籍"
        STUDENTS = "学生工作", "学生工作"
        GRADUATE = "研究生", "研究生"
        RESEARCH = "科研", "科研"
        ASSETS = "资产设备", "资产设备"
        OFFICE = "办公档案", "办公档案"
        FINANCE = "财务", "财务"
        FOREIGN = "外事", "外事"
        LIBRARY = "图书", "图书"
        SCHOOL = "学校", "学校自有"
        SCHOOLING = "基础教育（高校可不装）", "基础教育"
        TESTING = "测试", "测试"

    set_id = models.CharField("标识", max_length=60, unique=True)
    title = models.CharField("名称", max_length=120)
    standard = models.CharField("标准", max_length=120)
    family = models.CharField("标准系列", max_length=60, db_index=True)
    edition = models.CharField("版本（年份）", max_length=20, blank=True)
    domain = models.CharField("领域", max_length=40, choices=Domain, db_index=True)
    valid_from = models.DateField("启用日期", null=True, blank=True)
    valid_to = models.DateField("停用日期", null=True, blank=True)
    source = models.CharField("来源", max_length=300, blank=True)
    licence = models.CharField("许可", max_length=120, blank=True)
    verdict = models.CharField("核对结论", max_length=30, choices=Verdict, default=Verdict.SCHOOL)
    check_note = models.TextField("核对说明", blank=True)
    hierarchical = models.BooleanField("有层级", default=False)
    width = models.PositiveSmallIntegerField("最长位数", default=20)
    size = models.PositiveIntegerField("代码数", default=0, editable=False)
    revision = models.PositiveIntegerField("发布版次", default=1, editable=False)
    owner = models.ForeignKey(
        "organisation.OrgUnit",
        models.PROTECT,
        verbose_name="管理部门",
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = "代码集"
        ordering = ("set_id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gt=F("valid_from")),
                name="code_set_period_forward",
            )
        ]

    @property
    def is_live(self) -> bool:
        return self.verdict == self.Verdict.LIVE

    def __str__(self) -> str:
        return f"{self.title}（{self.standard}）"


class Code(Record):
    """One code; a retired code stays with its end date and, where there is one, its successor."""

    org_path = None
    org_path_reason = PUBLIC

    class Origin(models.TextChoices):
        STANDARD = "standard", "标准原文"
        SCHOOL = "school", "学校发布"

    code_set = models.ForeignKey(CodeSet, models.CASCADE, verbose_name="代码集", related_name="codes")
    code = models.CharField("代码", max_length=60)
    name = models.CharField("名称", max_length=120)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上级", null=True, blank=True, related_name="children"
    )
    note = models.CharField("说明", max_length=400, blank=True)
    valid_from = models.DateField("启用日期", null=True, blank=True)
    valid_to = models.DateField("停用日期", null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, verbose_name="改用", null=True, blank=True, related_name="predecessors"
    )
    attributes = models.JSONField("其他列", default=dict, blank=True)
    position = models.PositiveIntegerField("顺序", default=0, editable=False)
    origin = models.CharField("出处", max_length=10, choices=Origin, default=Origin.SCHOOL, editable=False)

    class Meta:
        verbose_name = "代码"
        ordering = ("code_set", "position", "code")
        constraints = [
            models.UniqueConstraint(fields=["code_set", "code"], name="code_once_per_set"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gt=F("valid_from")),
                name="code_period_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Alias(Record):
    """Another way of writing a code, understood on input and never shown."""

    org_path = None
    org_path_reason = PUBLIC

    code_set = models.ForeignKey(CodeSet, models.CASCADE, verbose_name="代码集", related_name="aliases")
    written = models.CharField("写法", max_length=120)
    code = models.ForeignKey(Code, models.CASCADE, verbose_name="代码", related_name="aliases")
    origin = models.CharField(
        "出处", max_length=10, choices=Code.Origin, default=Code.Origin.SCHOOL, editable=False
    )

    class Meta:
        verbose_name = "同义写法"
        ordering = ("code_set", "written")
        constraints = [
            models.UniqueConstraint(fields=["code_set", "written", "code"], name="alias_once"),
        ]

    def __str__(self) -> str:
        return f"{self.written} → {self.code_id}"
