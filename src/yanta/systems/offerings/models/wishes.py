"""When sections and teachers must, must not or would like to meet, and which sections hang together."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from yanta.kernel.base.models import Record
from yanta.systems.offerings.models.offers import Season
from yanta.systems.offerings.models.sections import Section


class TimeWish(Record):
    """A time that is fixed, forbidden or wished for: for a section or for a teacher."""

    org_path = "department"
    title_needs = ("section__offering__course", "teacher__person")

    class Kind(models.TextChoices):
        FIXED = "fixed", "固定在"
        FORBIDDEN = "forbidden", "不排"
        PREFERRED = "preferred", "希望"
        AVOIDED = "avoided", "尽量不排"

    class Day(models.IntegerChoices):
        MONDAY = 1, "星期一"
        TUESDAY = 2, "星期二"
        WEDNESDAY = 3, "星期三"
        THURSDAY = 4, "星期四"
        FRIDAY = 5, "星期五"
        SATURDAY = 6, "星期六"
        SUNDAY = 7, "星期日"

    season = models.ForeignKey(Season, models.PROTECT, verbose_name="学期开课", related_name="wishes")
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="提出单位", related_name="+"
    )
    section = models.ForeignKey(
        Section, models.PROTECT, verbose_name="教学班", null=True, blank=True, related_name="wishes"
    )
    teacher = models.ForeignKey(
        "masterdata.StaffMember", models.PROTECT, verbose_name="教师", null=True, blank=True, related_name="+"
    )
    kind = models.CharField("要求", max_length=10, choices=Kind)
    weekday = models.PositiveSmallIntegerField("星期", choices=Day)
    first_period = models.PositiveSmallIntegerField("从第几节", default=1)
    last_period = models.PositiveSmallIntegerField("到第几节", default=12)
    weeks = models.CharField("周次", max_length=80, blank=True, help_text="留空为所有周")
    reason = models.CharField("理由", max_length=200)

    class Meta:
        verbose_name = "时间要求"
        ordering = ("season", "weekday", "first_period")
        constraints = [
            models.CheckConstraint(
                condition=Q(section__isnull=False, teacher__isnull=True) | Q(section__isnull=True, teacher__isnull=False),
                name="wish_of_section_or_teacher", violation_error_message="教学班和教师填一个",
            ),
            models.CheckConstraint(
                condition=Q(last_period__gte=F("first_period")) & Q(first_period__gte=1) & Q(last_period__lte=14),
                name="wish_forward", violation_error_message="节次须在 1 到 14 之间，且先小后大",
            ),
            models.CheckConstraint(
                condition=~Q(kind="fixed") | Q(section__isnull=False), name="wish_fixed_is_a_sections",
                violation_error_message="固定时间只用于教学班",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "time_wish"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.section or self.teacher} {self.get_kind_display()}{self.get_weekday_display()}"


class Link(Record):
    """Sections whose times hang together."""

    org_path = "department"

    class Kind(models.TextChoices):
        SAME_TIME = "same_time", "同一时间"
        DIFFERENT_TIME = "different_time", "不同时间"
        SAME_DAY = "same_day", "同一天"
        DIFFERENT_DAY = "different_day", "不同天"
        BACK_TO_BACK = "back_to_back", "前后相接"
        TOGETHER = "together", "合上（同时同地）"

    season = models.ForeignKey(Season, models.PROTECT, verbose_name="学期开课", related_name="links")
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="提出单位", related_name="+"
    )
    name = models.CharField("名称", max_length=60)
    kind = models.CharField("关系", max_length=16, choices=Kind)
    is_hard = models.BooleanField("必须满足", default=True)

    class Meta:
        verbose_name = "关联组"
        ordering = ("season", "name")
        constraints = [
            models.UniqueConstraint(
                fields=["season", "department", "name"], name="link_name_once", violation_error_message="已有同名的关联组"
            )
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "section_link"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.name}（{self.get_kind_display()}）"


class LinkedSection(Record):
    """A member of a link."""

    org_path = "link__department"
    title_needs = ("link", "section__offering__course")

    link = models.ForeignKey(Link, models.PROTECT, verbose_name="关联组", related_name="members")
    section = models.ForeignKey(Section, models.PROTECT, verbose_name="教学班", related_name="links")

    class Meta:
        verbose_name = "关联的教学班"
        ordering = ("link", "section")
        constraints = [
            models.UniqueConstraint(
                fields=["link", "section"], name="linked_once", violation_error_message="这个教学班已在组里"
            )
        ]

    class Standard:
        source = "校内"
        subject = "linked_section"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.section} · {self.link.name}"
