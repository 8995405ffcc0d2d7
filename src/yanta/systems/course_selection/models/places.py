"""Class sections as students choose them: their seats in pools, their times."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from yanta.kernel.base import Refused
from yanta.kernel.base.models import Record
from yanta.masterdata import weeks


class Place(Record):
    """A class section of the term's teaching that students may choose; `section_id` is that of the offerings."""

    org_path = "department"
    title_needs = ("course",)

    class Sex(models.TextChoices):
        ANY = "", "不限"
        MEN = "1", "男"
        WOMEN = "2", "女"

    term = models.ForeignKey("masterdata.Term", models.PROTECT, verbose_name="学期", related_name="+")
    section_id = models.BigIntegerField("教学班", unique=True, editable=False)
    number = models.CharField("教学班号", max_length=40, unique=True)
    course = models.ForeignKey("masterdata.Course", models.PROTECT, verbose_name="课程", related_name="+")
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="开课单位", related_name="+"
    )
    campus = models.ForeignKey(
        "masterdata.Campus", models.PROTECT, verbose_name="校区", null=True, blank=True, related_name="+"
    )
    teachers = models.CharField("教师", max_length=120, blank=True)
    language = models.CharField("授课语言", max_length=10, default="中文")
    least_level = models.PositiveSmallIntegerField(
        "外语水平至少", null=True, blank=True, help_text="授课语言的水平，1 到 9 级；留空不限"
    )
    sex = models.CharField("限性别", max_length=1, choices=Sex, default=Sex.ANY, blank=True)
    is_plan_only = models.BooleanField("只限方案内", default=False)
    allows_retake = models.BooleanField(
        "可再次修读", default=False, help_text="已通过的学生也可以选，不论轮次"
    )
    is_open = models.BooleanField("可选", default=True)
    # More students than the section holds now: so many seats are not given again when somebody leaves.
    closing = models.PositiveIntegerField("超出容量", default=0, editable=False)

    class Meta:
        verbose_name = "可选教学班"
        ordering = ("number",)
        indexes = [models.Index(fields=["term", "course"], name="place_of_term")]
        constraints = [
            models.CheckConstraint(
                condition=Q(least_level__isnull=True) | Q(least_level__gte=1, least_level__lte=9),
                name="place_level_plausible", violation_error_message="外语水平须在 1 到 9 级之间",
            )
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "selection_place"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.course.name} {self.number}"


class Pool(Record):
    """Seats of a place: those for everybody, or those kept for a programme, a grade or a campus.

    `taken` never passes `capacity`: the database refuses it, whatever a program does.
    """

    org_path = "place__department"
    title_needs = ("place__course",)
    # Every seat taken or given back is a decision, every changed capacity an audit entry: both are kept.
    history = False

    place = models.ForeignKey(Place, models.PROTECT, verbose_name="教学班", related_name="pools")
    programme = models.ForeignKey(
        "masterdata.Programme", models.PROTECT, verbose_name="专业", null=True, blank=True, related_name="+"
    )
    grade = models.PositiveSmallIntegerField("年级", null=True, blank=True)
    campus = models.ForeignKey(
        "masterdata.Campus",
        models.PROTECT,
        verbose_name="学生所在校区",
        null=True,
        blank=True,
        related_name="+",
    )
    capacity = models.PositiveIntegerField("座位")
    taken = models.PositiveIntegerField("已选", default=0, editable=False)

    class Meta:
        verbose_name = "座位"
        ordering = ("place", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["place", "programme", "grade", "campus"], name="pool_once", nulls_distinct=False,
                violation_error_message="这些学生已有座位",
            ),
            models.CheckConstraint(
                condition=Q(taken__lte=F("capacity")), name="pool_never_oversold",
                violation_error_message="座位不能少于已选人数",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "selection_seats"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.place} {self.taken}/{self.capacity}"


class SectionTime(Record):
    """When a place meets, until a timetable is published for it."""

    org_path = "place__department"
    title_needs = ("place__course",)

    class Day(models.IntegerChoices):
        MONDAY = 1, "星期一"
        TUESDAY = 2, "星期二"
        WEDNESDAY = 3, "星期三"
        THURSDAY = 4, "星期四"
        FRIDAY = 5, "星期五"
        SATURDAY = 6, "星期六"
        SUNDAY = 7, "星期日"

    place = models.ForeignKey(Place, models.CASCADE, verbose_name="教学班", related_name="times")
    weekday = models.PositiveSmallIntegerField("星期", choices=Day)
    first_period = models.PositiveSmallIntegerField("从第几节")
    last_period = models.PositiveSmallIntegerField("到第几节")
    weeks = models.CharField("周次", max_length=80, help_text="如 1-16、1-15单、1-8,10-17")
    week_bits = models.BigIntegerField(editable=False, default=0)
    room = models.CharField("地点", max_length=40, blank=True)

    class Meta:
        verbose_name = "上课时间"
        ordering = ("place", "weekday", "first_period")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_period__gte=F("first_period")) & Q(first_period__gte=1) & Q(last_period__lte=14)
                & Q(weekday__gte=1) & Q(weekday__lte=7),
                name="section_time_forward", violation_error_message="节次须在 1 到 14 之间，且先小后大",
            )
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "section_time"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    @property
    def taught(self) -> str:
        """Its weeks as people read them."""
        return weeks.shown(self.weeks)

    def save(self, *args: Any, **kwargs: Any) -> None:
        try:
            self.week_bits = weeks.bits(self.weeks)
        except weeks.NotWeeks as problem:
            raise Refused(str(problem), field="weeks") from problem
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.first_period}-{self.last_period} 节 {self.weeks} 周"
