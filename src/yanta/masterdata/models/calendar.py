"""Terms and the school calendar."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from yanta.kernel.base.models import Record
from yanta.kernel.codes.fields import CodeField

ORG_REASON = "全校统一的校历"


class Term(Record):
    """One term of an academic year; weeks count from its first Monday."""

    org_path = None
    org_path_reason = ORG_REASON

    code = models.CharField("学期代码", max_length=11, unique=True, help_text="如 2026-2027-1")
    name = models.CharField("学期名称", max_length=40)
    academic_year = models.CharField("学年", max_length=9, help_text="如 2026-2027")
    half = CodeField("学期", "JYT1001_XQ")
    starts_on = models.DateField("开始日期", help_text="第一教学周的星期一")
    ends_on = models.DateField("结束日期")
    teaching_weeks = models.PositiveSmallIntegerField("教学周数", default=18)

    class Meta:
        verbose_name = "学期"
        ordering = ("-starts_on",)
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="term_forward"),
            models.CheckConstraint(condition=Q(starts_on__week_day=2), name="term_starts_on_monday"),
        ]

    class Standard:
        source = "JY/T 1002"
        subject = "term"
        subset = "JCTB0102"
        owner = "教务处"
        fields = {"academic_year": "XN", "half": "XQM"}

    def __str__(self) -> str:
        return self.name

    def week_of(self, day: date) -> int:
        """The number of the week that a day lies in, the first being 1; beyond the term it is still counted."""
        return (day - self.starts_on).days // 7 + 1


class CalendarEvent(Record):
    """A day or days on which the timetable does not run as usual."""

    org_path = None
    org_path_reason = ORG_REASON

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", "放假"
        SWAPPED = "swapped", "调休上课"
        EXAM = "exam", "考试周"
        EVENT = "event", "全校活动"

    term = models.ForeignKey(Term, models.PROTECT, verbose_name="学期", related_name="events")
    name = models.CharField("名称", max_length=60)
    kind = models.CharField("类别", max_length=10, choices=Kind)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    follows_on = models.DateField("按哪天的课表", null=True, blank=True, help_text="仅调休上课时填写")

    class Meta:
        verbose_name = "校历安排"
        ordering = ("starts_on",)
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="calendar_event_forward"),
            models.CheckConstraint(
                condition=~Q(kind="swapped") | Q(follows_on__isnull=False), name="calendar_swap_names_day"
            ),
        ]

    def __str__(self) -> str:
        return self.name
