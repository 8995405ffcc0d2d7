"""What stands between courses: before, together, instead."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from yanta.kernel.base.models import Record


class Prerequisite(Record):
    """A course that needs another before it or beside it. Lines of one alternative set are alternatives: one suffices."""

    org_path = None
    org_path_reason = "先修关系随课程库，全校共用"
    title_needs = ("course", "needs")

    class Kind(models.TextChoices):
        BEFORE = "before", "先修"
        TOGETHER = "together", "先修或同修"

    course = models.ForeignKey("masterdata.Course", models.PROTECT, verbose_name="课程", related_name="+")
    needs = models.ForeignKey("masterdata.Course", models.PROTECT, verbose_name="所需课程", related_name="+")
    kind = models.CharField("关系", max_length=8, choices=Kind, default=Kind.BEFORE)
    alternative = models.PositiveSmallIntegerField(
        "任选号", default=0, help_text="同一课程任选号相同的几门，修过一门即可；0 为必须"
    )

    class Meta:
        verbose_name = "先修关系"
        ordering = ("course", "alternative", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["course", "needs"], name="prerequisite_once", violation_error_message="这条先修关系已经有了"
            ),
            models.CheckConstraint(
                condition=~Q(course=F("needs")), name="prerequisite_of_another",
                violation_error_message="课程不能以自己为先修",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "prerequisite"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.course.name} ← {self.needs.name}"


class Replacement(Record):
    """A course that counts instead of another in plans that ask for it: for everybody, one programme or one student."""

    org_path = None
    org_path_reason = "替代关系由教务处认定，全校共用"
    title_needs = ("course", "by")

    course = models.ForeignKey(
        "masterdata.Course", models.PROTECT, verbose_name="计划要求的课程", related_name="+"
    )
    by = models.ForeignKey("masterdata.Course", models.PROTECT, verbose_name="可代替的课程", related_name="+")
    programme = models.ForeignKey(
        "masterdata.Programme",
        models.PROTECT,
        verbose_name="仅限专业",
        null=True,
        blank=True,
        related_name="+",
    )
    student = models.ForeignKey(
        "masterdata.Student", models.PROTECT, verbose_name="仅限学生", null=True, blank=True, related_name="+"
    )
    basis = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        verbose_name = "课程替代"
        ordering = ("course", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["course", "by", "programme", "student"], name="replacement_once", nulls_distinct=False,
                violation_error_message="这条替代关系已经有了",
            ),
            models.CheckConstraint(
                condition=~Q(course=F("by")), name="replacement_by_another", violation_error_message="课程不能代替自己"
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "replacement"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.by.name} 代 {self.course.name}"


class CreditRecord(Record):
    """A course that a student has passed or been credited with: what an audit counts."""

    org_path = "student__department"
    person_path = "student__person"
    title_needs = ("student__person", "course")

    class Kind(models.TextChoices):
        STUDIED = "studied", "修读合格"
        EXEMPT = "exempt", "免修"
        TRANSFERRED = "transferred", "学分转换"

    student = models.ForeignKey("masterdata.Student", models.PROTECT, verbose_name="学生", related_name="+")
    course = models.ForeignKey("masterdata.Course", models.PROTECT, verbose_name="课程", related_name="+")
    kind = models.CharField("方式", max_length=12, choices=Kind, default=Kind.STUDIED)
    credits = models.DecimalField("获得学分", max_digits=4, decimal_places=1)
    term = models.ForeignKey(
        "masterdata.Term", models.PROTECT, verbose_name="学期", null=True, blank=True, related_name="+"
    )
    basis = models.CharField("依据", max_length=200, blank=True, help_text="免修、转换须写明")

    class Meta:
        verbose_name = "已获学分"
        ordering = ("student", "term", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["student", "course"], name="credit_once_per_course",
                violation_error_message="这名学生这门课程的学分已经记过",
            ),
            models.CheckConstraint(condition=Q(credits__gte=0) & Q(credits__lte=30), name="credit_plausible"),
            models.CheckConstraint(
                condition=Q(kind="studied") | ~Q(basis=""), name="credit_says_why",
                violation_error_message="免修和学分转换须写明依据",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "credit_record"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}
        levels: ClassVar = {"credits": 2}

    def __str__(self) -> str:
        return f"{self.student.person.name} {self.course.name}"
