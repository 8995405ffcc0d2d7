"""Questions people ask of the data, their versions, and what was exported."""

from __future__ import annotations

from django.db import models

from yanta.kernel.base.models import Record


class Question(Record):
    """A saved query; who is given it runs it with one's own rights over one's own rows."""

    org_path = "unit"
    person_path = "person"

    class Schedule(models.TextChoices):
        NEVER = "", "不定时"
        DAILY = "daily", "每天"
        WEEKLY = "weekly", "每周一"
        MONTHLY = "monthly", "每月 1 日"

    name = models.CharField("查询名称", max_length=60)
    document = models.JSONField("查询", default=dict)
    number = models.PositiveSmallIntegerField("版本", default=1)
    role = models.CharField("共享给角色", max_length=16, blank=True)
    unit = models.ForeignKey(
        "organisation.OrgUnit",
        models.PROTECT,
        verbose_name="共享给单位",
        null=True,
        blank=True,
        related_name="+",
    )
    person = models.ForeignKey("people.Person", models.PROTECT, verbose_name="谁的", related_name="+")
    account_id = models.BigIntegerField("账号", null=True, blank=True)
    schedule = models.CharField("定时", max_length=8, choices=Schedule, default=Schedule.NEVER, blank=True)
    sent_on = models.DateField("上次送达", null=True, blank=True)

    class Meta:
        verbose_name = "综合查询"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class QuestionVersion(Record):
    """What a saved query asked before it was changed, and since when."""

    org_path = "question__unit"
    person_path = "question__person"
    title_needs = ("question",)
    history = False

    question = models.ForeignKey(Question, models.CASCADE, verbose_name="查询", related_name="versions")
    number = models.PositiveSmallIntegerField("版本")
    document = models.JSONField("查询", default=dict)
    made_by = models.CharField("修改人", max_length=80)

    class Meta:
        verbose_name = "查询版本"
        ordering = ("-number",)
        constraints = [models.UniqueConstraint(fields=["question", "number"], name="question_version_once")]

    def __str__(self) -> str:
        return f"{self.question.name} 第 {self.number} 版"


class Export(Record):
    """A file made of a query: who, when, why, which fields, how many rows."""

    org_path = "unit"
    person_path = "person"

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        EXCEL = "xlsx", "Excel"
        PARQUET = "parquet", "Parquet"

    class State(models.TextChoices):
        WAITING = "waiting", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        CANCELLED = "cancelled", "已取消"
        FAILED = "failed", "未完成"

    number = models.CharField("导出编号", max_length=20, unique=True, editable=False)
    name = models.CharField("名称", max_length=80)
    document = models.JSONField("查询", default=dict, editable=False)
    format = models.CharField("格式", max_length=8, choices=Format, default=Format.EXCEL)
    fields = models.JSONField("字段", default=list, editable=False)
    reason = models.CharField("用途", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING, editable=False)
    rows = models.BigIntegerField("行数", default=0, editable=False)
    ended_at = models.DateTimeField("完成时间", null=True, blank=True, editable=False)
    file = models.ForeignKey(
        "files.StoredFile",
        models.SET_NULL,
        verbose_name="文件",
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    run_id = models.BigIntegerField("后台任务", null=True, blank=True, editable=False)
    person = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="导出人", null=True, blank=True, related_name="+"
    )
    unit = models.ForeignKey(
        "organisation.OrgUnit",
        models.PROTECT,
        verbose_name="导出人单位",
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = "数据导出"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.number} {self.name}"
