"""What departments deliver for certificates as long as their own systems do not keep it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record


class Mark(Record):
    """A student's final result in a course, as the registry delivers it."""

    org_path = "student__department"
    person_path = "student__person"
    title_needs = ("student__person", "course")

    student = models.ForeignKey("masterdata.Student", models.PROTECT, verbose_name="学生", related_name="+")
    course = models.ForeignKey("masterdata.Course", models.PROTECT, verbose_name="课程", related_name="+")
    term = models.ForeignKey("masterdata.Term", models.PROTECT, verbose_name="学期", related_name="+")
    credits = models.DecimalField("学分", max_digits=4, decimal_places=1)
    score = models.DecimalField("百分制成绩", max_digits=4, decimal_places=1)

    class Meta:
        verbose_name = "课程成绩"
        ordering = ("student", "term", "course")
        constraints = [
            models.UniqueConstraint(
                fields=["student", "course", "term"], name="mark_once_per_term",
                violation_error_message="这名学生这学期这门课程的成绩已经有了",
            ),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=100), name="mark_is_a_percentage",
                violation_error_message="成绩在 0 至 100 之间",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "course_mark"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}
        levels: ClassVar = {"score": 3}

    def __str__(self) -> str:
        return f"{self.student.person.name} {self.course.name}"


class Income(Record):
    """What a member of staff was paid in a month, as the treasury delivers it."""

    org_path = "member__department"
    person_path = "member__person"
    title_needs = ("member__person",)

    member = models.ForeignKey(
        "masterdata.StaffMember", models.PROTECT, verbose_name="教职工", related_name="+"
    )
    month = models.DateField("月份", help_text="当月第一天")
    gross = models.DecimalField("应发（元）", max_digits=10, decimal_places=2)
    net = models.DecimalField("实发（元）", max_digits=10, decimal_places=2)

    class Meta:
        verbose_name = "月收入"
        ordering = ("member", "-month")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "month"], name="income_once_a_month",
                violation_error_message="这名教职工这个月的收入已经有了",
            ),
            models.CheckConstraint(
                condition=Q(net__gte=0, gross__gte=models.F("net")), name="income_plausible",
                violation_error_message="实发不能大于应发",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="income_month_first_day", violation_error_message="月份写当月第一天",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "income"
        owner = "财务处"
        fields: ClassVar[dict[str, str]] = {}
        levels: ClassVar = {"gross": 4, "net": 4}

    def __str__(self) -> str:
        return f"{self.member.person.name} {self.month:%Y-%m}"
