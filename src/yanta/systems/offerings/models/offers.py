"""A term's teaching as a whole, the courses offered in it, the classes that need them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record


class Season(Record):
    """The preparation of one term's teaching, from the plans to the lock for timetabling."""

    org_path = None
    org_path_reason = "一个学期的开课工作是全校的"
    title_needs = ("term",)

    class Status(models.TextChoices):
        PREPARING = "preparing", "准备中"
        CONFIRMING = "confirming", "学院确认中"
        LOCKED = "locked", "已锁定排课"

    term = models.OneToOneField("masterdata.Term", models.PROTECT, verbose_name="学期", related_name="+")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PREPARING, editable=False)
    confirm_by = models.DateField("学院确认截止", null=True, blank=True)
    largest_class = models.PositiveSmallIntegerField("理论课合班上限（人）", default=120)
    largest_lab = models.PositiveSmallIntegerField("实验、体育、语言课上限（人）", default=45)
    receipt = models.JSONField("最近一次生成的对账单", default=dict, blank=True, editable=False)
    generated_at = models.DateTimeField("最近一次生成", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "学期开课"
        ordering = ("-term__starts_on",)
        constraints = [
            models.CheckConstraint(
                condition=Q(largest_class__gte=10) & Q(largest_lab__gte=10), name="season_sizes_plausible",
                violation_error_message="班额上限至少 10 人",
            )
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "teaching_season"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.term.name}开课"

    @property
    def is_locked(self) -> bool:
        return self.status == self.Status.LOCKED


class Offering(Record):
    """A course offered in a term by the unit that teaches it."""

    org_path = "department"
    title_needs = ("course",)

    class Status(models.TextChoices):
        DRAFT = "draft", "待确认"
        CONFIRMED = "confirmed", "已确认"
        DROPPED = "dropped", "不再需要"

    season = models.ForeignKey(Season, models.PROTECT, verbose_name="学期开课", related_name="offerings")
    course = models.ForeignKey("masterdata.Course", models.PROTECT, verbose_name="课程", related_name="+")
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="开课单位", related_name="+"
    )
    hours = models.PositiveSmallIntegerField("计划学时", default=0)
    is_elective = models.BooleanField("供学生选修", default=False)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    confirmed_by = models.CharField("确认人", max_length=60, blank=True, editable=False)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True, editable=False)
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "开课"
        ordering = ("course__code",)
        constraints = [
            models.UniqueConstraint(
                fields=["season", "course"], name="offering_once_per_term", violation_error_message="这门课程本学期已开"
            )
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "offering"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.course.name}（{self.course.code}）"


class Need(Record):
    """A class whose plan asks for an offered course, and how many of it will come."""

    org_path = "offering__department"
    title_needs = ("offering__course", "admin_class")

    offering = models.ForeignKey(Offering, models.PROTECT, verbose_name="开课", related_name="needs")
    admin_class = models.ForeignKey(
        "masterdata.AdminClass", models.PROTECT, verbose_name="行政班", related_name="+"
    )
    plan_id = models.BigIntegerField("培养方案", default=0, editable=False)
    is_elective = models.BooleanField("选修", default=False)
    size = models.PositiveSmallIntegerField("人数")

    class Meta:
        verbose_name = "修读需求"
        ordering = ("offering", "admin_class__code")
        constraints = [
            models.UniqueConstraint(
                fields=["offering", "admin_class"], name="need_once_per_class", violation_error_message="这个班已在需求里"
            )
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "course_need"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.admin_class.name} {self.offering.course.name}"
