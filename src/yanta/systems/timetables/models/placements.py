"""Where and when each meeting of each section is."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record
from yanta.masterdata import weeks
from yanta.systems.timetables.models.versions import Version


class Weekday(models.IntegerChoices):
    MONDAY = 1, "星期一"
    TUESDAY = 2, "星期二"
    WEDNESDAY = 3, "星期三"
    THURSDAY = 4, "星期四"
    FRIDAY = 5, "星期五"
    SATURDAY = 6, "星期六"
    SUNDAY = 7, "星期日"


class Placement(Record):
    """One weekly meeting of a section in a version; what it needs is copied from the teaching task when it is made."""

    org_path = "department"
    title_needs = ("course",)
    history = (
        False  # a search writes all of them again and again; versions and the audit trail tell what moved
    )

    version = models.ForeignKey(Version, models.PROTECT, verbose_name="课表版本", related_name="placements")
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="开课单位", related_name="+"
    )
    course = models.ForeignKey("masterdata.Course", models.PROTECT, verbose_name="课程", related_name="+")
    section_id = models.BigIntegerField("教学班编号")
    section_number = models.CharField("教学班号", max_length=40)
    meeting_id = models.BigIntegerField("上课安排")
    turn = models.PositiveSmallIntegerField("每周第几次", default=1)
    group = models.PositiveSmallIntegerField("第几组", default=1)
    part = models.PositiveSmallIntegerField(
        "第几段", default=1, help_text="修复课表时一次课按周次分段，各段可以在不同的时间"
    )
    size = models.PositiveSmallIntegerField("人数")
    weeks = models.BigIntegerField("周次位图", help_text="最低位是第 1 周")
    periods = models.PositiveSmallIntegerField("连排节数", default=2)
    room_kind = models.CharField("教室类型", max_length=10)
    features = ArrayField(models.CharField(max_length=40), verbose_name="教室设备", default=list, blank=True)
    campus = models.ForeignKey(
        "masterdata.Campus", models.PROTECT, verbose_name="校区", null=True, blank=True, related_name="+"
    )
    teachers = ArrayField(models.BigIntegerField(), verbose_name="教师", default=list, blank=True)
    classes = ArrayField(models.BigIntegerField(), verbose_name="行政班", default=list, blank=True)
    wishes = models.JSONField("时间要求", default=list, blank=True)
    weekday = models.PositiveSmallIntegerField("星期", choices=Weekday, null=True, blank=True)
    first_period = models.PositiveSmallIntegerField("从第几节", null=True, blank=True)
    room = models.ForeignKey(
        "masterdata.Room", models.PROTECT, verbose_name="教室", null=True, blank=True, related_name="+"
    )
    is_fixed = models.BooleanField(
        "固定", default=False, help_text="自动排课不再移动它；修复课表时只有它自己受影响才移动"
    )
    problem = models.CharField("没排上的原因", max_length=200, blank=True)
    same_room = models.BooleanField("每次用同一教室", default=True)
    links = models.JSONField("关联", default=list, blank=True)
    why = models.CharField("为什么动", max_length=200, blank=True)

    class Meta:
        verbose_name = "排课"
        ordering = ("section_number", "meeting_id", "turn", "group", "part")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "meeting_id", "turn", "group", "part"], name="placement_once",
                violation_error_message="这次课已在这个版本里",
            ),
            models.CheckConstraint(
                condition=Q(weekday__isnull=False, first_period__isnull=False, problem="")
                | (Q(weekday__isnull=True, first_period__isnull=True, room__isnull=True) & ~Q(problem="")),
                name="placement_placed_or_reason", violation_error_message="要么有时间，要么写明没排上的原因",
            ),
            models.CheckConstraint(
                condition=Q(weekday__isnull=True) | (Q(weekday__gte=1) & Q(weekday__lte=7) & Q(first_period__gte=1)),
                name="placement_time_plausible", violation_error_message="星期和节次不对",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["version", "room"], name="placement_room"),
            models.Index(fields=["version", "section_id"], name="placement_section"),
            GinIndex(fields=["teachers"], name="placement_teachers"),
            GinIndex(fields=["classes"], name="placement_classes"),
        ]

    class Standard:
        source = "校内"
        subject = "placement"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.course.name} {self.section_number.rpartition('-')[2]} 班"

    @property
    def taught(self) -> str:
        """Its weeks as people read them."""
        return weeks.shown(weeks.text_of(self.weeks))

    @property
    def is_placed(self) -> bool:
        return self.weekday is not None
