"""好差评: what people say of a matter that is over, and what the department answers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record
from yanta.systems.hall.models.matters import Matter


class Rating(Record):
    """One per matter. Who wrote it is seen by the writer alone: lists and pages of departments leave it out."""

    org_path = "matter__department"
    person_path = "matter__applicant"
    history = False  # its history would name the writer

    class Stars(models.IntegerChoices):
        WORST = 1, "非常不满意"
        BAD = 2, "不满意"
        FAIR = 3, "基本满意"
        GOOD = 4, "满意"
        BEST = 5, "非常满意"

    matter = models.OneToOneField(Matter, models.PROTECT, verbose_name="办件", related_name="rating")
    service = models.CharField("事项标识", max_length=80)
    title = models.CharField("事项", max_length=60)
    stars = models.PositiveSmallIntegerField("评价", choices=Stars)
    text = models.CharField("评价内容", max_length=500, blank=True)
    rated_on = models.DateField("评价日期")
    answer = models.CharField("部门答复", max_length=500, blank=True)
    answer_due_on = models.DateField("答复期限", null=True, blank=True)
    answered_on = models.DateField("答复日期", null=True, blank=True)
    answered_by = models.CharField("答复人", max_length=60, blank=True)

    class Meta:
        verbose_name = "好差评"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=Q(stars__gte=1, stars__lte=5), name="hall_rating_stars")
        ]
        indexes = [models.Index(fields=["service", "-rated_on"], name="hall_rating_service")]

    class Standard:
        source = "校内"
        subject = "service_rating"
        owner = "信息中心"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.title} {self.get_stars_display()}"

    @property
    def owes_answer(self) -> bool:
        return self.answer_due_on is not None and self.answered_on is None
