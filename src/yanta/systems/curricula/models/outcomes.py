"""What graduates shall be able to do, and which courses bring them there."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record
from yanta.systems.curricula.models.plans import Plan, kept_with_plan


class Outcome(Record):
    """One graduate requirement of a plan."""

    org_path = "plan__programme__department"

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name="培养方案", related_name="outcomes")
    code = models.CharField("编号", max_length=8, help_text="如 1、3.2")
    title = models.CharField("毕业要求", max_length=60)
    text = models.TextField("内容", max_length=1000, blank=True)

    class Meta:
        verbose_name = "毕业要求"
        ordering = ("plan", "code")
        triggers = kept_with_plan("{rows} r JOIN curricula_plan p ON p.id = r.plan_id")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"], name="outcome_code_once", violation_error_message="编号重复"
            ),
        ]

    class Standard:
        source = "校内"
        subject = "graduate_outcome"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Support(Record):
    """How much a course carries of a graduate requirement."""

    org_path = "outcome__plan__programme__department"
    title_needs = ("outcome", "course")

    outcome = models.ForeignKey(Outcome, models.PROTECT, verbose_name="毕业要求", related_name="supports")
    course = models.ForeignKey("masterdata.Course", models.PROTECT, verbose_name="课程", related_name="+")
    weight = models.DecimalField(
        "权重", max_digits=4, decimal_places=3, help_text="同一毕业要求的权重合计为 1"
    )

    class Meta:
        verbose_name = "课程支撑"
        ordering = ("outcome", "-weight")
        triggers = kept_with_plan(
            "{rows} r JOIN curricula_outcome o ON o.id = r.outcome_id JOIN curricula_plan p ON p.id = o.plan_id"
        )
        constraints = [
            models.UniqueConstraint(
                fields=["outcome", "course"], name="support_once", violation_error_message="这门课程已支撑这条毕业要求"
            ),
            models.CheckConstraint(
                condition=Q(weight__gt=0) & Q(weight__lte=1), name="support_weight_is_a_share",
                violation_error_message="权重须大于 0、不超过 1",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "outcome_support"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.course.name} → {self.outcome.code}"
