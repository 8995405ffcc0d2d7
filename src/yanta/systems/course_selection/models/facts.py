"""What the rules need of other systems, taken over when a round is prepared: passed and planned courses, prerequisites."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from yanta.kernel.base.models import Record


class Standing(Record):
    """A course that a student has passed, or that the student's plan asks for."""

    org_path = "student__department"
    person_path = "student__person"
    title_needs = ("student__person", "course")
    history = False  # a copy, made anew when a round is prepared

    class Kind(models.TextChoices):
        PASSED = "passed", "已通过"
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
