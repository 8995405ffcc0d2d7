"""What the rules need to know of students and courses: taken over when a round is prepared, or imported."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record


class Standing(Record):
    """A course that a student has passed or failed, or that the student's plan asks for."""

    org_path = "student__department"
    person_path = "student__person"
    title_needs = ("student__person", "course")
    history = False  # a copy, made anew when a round is prepared

    class Kind(models.TextChoices):
        PASSED = "passed", "已通过"
        FAILED = "failed", "未通过"
        PLANNED = "planned", "方案内"

    student = models.ForeignKey("masterdata.Student", models.PROTECT, verbose_name="学生", related_name="+")
    course = models.ForeignKey("masterdata.Course", models.PROTECT, verbose_name="课程", related_name="+")
    kind = models.CharField("情况", max_length=8, choices=Kind)

    class Meta:
        verbose_name = "修读情况"
        ordering = ("student", "course")
        constraints = [models.UniqueConstraint(fields=["student", "course", "kind"], name="standing_once")]

    class Standard:
        source = "校内"
        subject = "selection_standing"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.student.person.name} {self.course.name}"


class CourseNeed(Record):
    """A course that has to be passed, or with `together` chosen in the same term, before another may be chosen."""

    org_path = None
    org_path_reason = "先修关系随课程库，全校共用"
    title_needs = ("course", "needs")
    history = False  # a copy, made anew when a round is prepared

    course = models.ForeignKey("masterdata.Course", models.PROTECT, verbose_name="课程", related_name="+")
    needs = models.ForeignKey("masterdata.Course", models.PROTECT, verbose_name="所需课程", related_name="+")
    together = models.BooleanField("可同修", default=False)
    alternative = models.PositiveSmallIntegerField("任选号", default=0)

    class Meta:
        verbose_name = "选课先修"
        ordering = ("course", "alternative", "pk")
        constraints = [models.UniqueConstraint(fields=["course", "needs"], name="course_need_once")]

    class Standard:
        source = "校内"
        subject = "selection_need"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.course.name} ← {self.needs.name}"


class PlanGroup(Record):
    """To which group of the plan a course counts for the students of a programme and grade."""

    org_path = "programme__department"
    title_needs = ("programme", "course")
    history = False  # a copy, made anew when a round is prepared

    programme = models.ForeignKey(
        "masterdata.Programme", models.PROTECT, verbose_name="专业", related_name="+"
    )
    grade = models.PositiveSmallIntegerField("年级")
    course = models.ForeignKey("masterdata.Course", models.PROTECT, verbose_name="课程", related_name="+")
    name = models.CharField("课程组", max_length=60)

    class Meta:
        verbose_name = "课程所属课程组"
        ordering = ("programme", "grade", "course")
        constraints = [
            models.UniqueConstraint(fields=["programme", "grade", "course"], name="plan_group_once")
        ]

    class Standard:
        source = "校内"
        subject = "selection_plan_group"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.course.name}：{self.name}"


class LanguageLevel(Record):
    """How well a student knows a language in which courses are taught, in the levels of the national scales."""

    org_path = "student__department"
    person_path = "student__person"
    title_needs = ("student__person",)

    student = models.ForeignKey("masterdata.Student", models.PROTECT, verbose_name="学生", related_name="+")
    language = models.CharField("语言", max_length=10, help_text="与教学班的授课语言一致，如 英文、中文")
    level = models.PositiveSmallIntegerField("等级", help_text="英文按 GF 0018，中文按 GF 0025，1 到 9 级")
    basis = models.CharField("依据", max_length=60, blank=True, help_text="如 大学英语六级 498 分")

    class Meta:
        verbose_name = "语言水平"
        ordering = ("student", "language")
        constraints = [
            models.UniqueConstraint(
                fields=["student", "language"], name="language_level_once", violation_error_message="这名学生这种语言已有等级"
            ),
            models.CheckConstraint(
                condition=Q(level__gte=1) & Q(level__lte=9), name="language_level_plausible",
                violation_error_message="等级须在 1 到 9 之间",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "language_level"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.student.person.name} {self.language} {self.level} 级"
