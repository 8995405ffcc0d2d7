"""A service that a department designs by itself: what it says of itself, and the versions of its form."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from yanta.kernel.base import areas
from yanta.kernel.base.models import Record
from yanta.kernel.workflow.offering import CHANNELS

LINES = "每行一条"


def of_the_menu() -> list[tuple[str, str]]:
    """The areas of the menu: a service stands where people know its department's systems to be."""
    return [(area, area) for area in areas()]


class ProcessField(models.CharField):
    """The key of a process, chosen by its name among those that can decide a designed service."""

    def formfield(self, **kwargs: Any) -> forms.Field:
        from yanta.systems.hall.queries import designed

        return forms.ChoiceField(
            label=self.verbose_name, help_text=self.help_text, initial=self.default,
            choices=list(designed.processes().items()),
        )  # fmt: skip

    def deconstruct(self) -> Any:
        """A plain text to the database, and so to migrations."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class Design(Record):
    """The guide of a designed service, its draft form and whether people find it in the hall."""

    org_path = "department"

    class State(models.TextChoices):
        DRAFT = "draft", "设计中"
        OPEN = "open", "受理中"
        CLOSED = "closed", "已停办"

    key = models.CharField(
        "标识", max_length=40, unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9-]*$", "小写字母开头，只用小写字母、数字和短横线")],
        help_text="出现在网址里，定了不再改，如 card-reissue",
    )  # fmt: skip
    title = models.CharField("事项名称", max_length=60)
    area = models.CharField("分类", max_length=20, choices=of_the_menu)
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="主管部门", related_name="+"
    )
    icon = models.CharField("图标", max_length=40, default="file-text")
    guide = models.TextField("办理说明", max_length=1000)
    basis = models.TextField("办理依据", max_length=1000, blank=True, help_text=LINES)
    materials = models.TextField(
        "申请材料", max_length=1000, blank=True,
        help_text="每行一份；学校已有的在后面写数据元，如：本人照片 | person.photo",
    )  # fmt: skip
    words = models.CharField("别名", max_length=200, blank=True, help_text="师生怎么叫它，用空格分开")
    students = models.BooleanField("面向学生", default=True)
    staff = models.BooleanField("面向教职工", default=False)
    by_others = models.BooleanField(
        "可由他人代办", default=False, help_text="辅导员、经办人可以为其管理范围内的人申请"
    )
    channel = models.CharField("办理方式", max_length=10, choices=list(CHANNELS.items()), default="online")
    fee = models.CharField("收费", max_length=60, default="免费")
    days = models.PositiveSmallIntegerField("承诺办结（工作日）", null=True, blank=True)
    opens_on = models.DateField("开始受理", null=True, blank=True)
    closes_on = models.DateField("截止受理", null=True, blank=True)
    process = ProcessField("审批流程", max_length=80, default="hall.handling")
    state = models.CharField("状态", max_length=8, choices=State, default=State.DRAFT, editable=False)
    layout = models.JSONField("表单草稿", default=dict, blank=True, editable=False, db_column="schema")

    class Meta:
        verbose_name = "自建事项"
        ordering = ("area", "title")
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_on=None) | Q(closes_on=None) | Q(closes_on__gte=F("opens_on")),
                name="hall_design_opens_before_closing", violation_error_message="截止日期不能早于开始日期",
            ),
            models.CheckConstraint(
                condition=Q(students=True) | Q(staff=True), name="hall_design_for_somebody",
                violation_error_message="至少面向学生或教职工之一",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "service_design"
        owner = "信息中心"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return self.title

    @property
    def who(self) -> tuple[str, ...]:
        return (("student",) if self.students else ()) + (("teacher",) if self.staff else ())


class Version(Record):
    """A published form; what was handed in under it keeps it."""

    org_path = "design__department"
    history = False  # published once, never changed
    title_needs = ("design",)

    design = models.ForeignKey(Design, models.PROTECT, verbose_name="事项", related_name="versions")
    number = models.PositiveIntegerField("版本")
    layout = models.JSONField("表单", editable=False, db_column="schema")
    note = models.CharField("说明", max_length=200, blank=True)
    by_name = models.CharField("发布人", max_length=60)
    published_at = models.DateTimeField("发布时间")

    class Meta:
        verbose_name = "表单版本"
        ordering = ("design", "-number")
        constraints = [models.UniqueConstraint(fields=["design", "number"], name="hall_version_once")]

    def __str__(self) -> str:
        return f"{self.design.title} 第 {self.number} 版"
