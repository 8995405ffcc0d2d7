"""The line at the entrance of a round."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from yanta.kernel.base.models import Record
from yanta.systems.course_selection.models.rounds import Round


class Line(Record):
    """How far the line of a round has come; moved on every half second while somebody asks."""

    org_path = None
    org_path_reason = "选课轮次由教务处为全校安排"
    title_needs = ("round",)
    history = False  # a count that moves on twice a second

    round = models.OneToOneField(Round, models.CASCADE, verbose_name="轮次", related_name="line")
    admitted = models.FloatField("已放行到")
    per_second = models.FloatField("每秒放行")

    class Meta:
        verbose_name = "入口"

    class Standard:
        source = "校内"
        subject = "selection_line"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.round.name} {self.admitted:.0f}"


class Turn(Record):
    """A student's number in the line of a round, which is its key: one each, in the order in which they came."""

    org_path = "student__department"
    person_path = "student__person"
    title_needs = ("student__person",)
    history = False  # rows are only ever added

    # The constraint below serves the look-ups of a round too.
    round = models.ForeignKey(
        Round, models.CASCADE, verbose_name="轮次", db_index=False, related_name="turns"
    )
    student = models.ForeignKey("masterdata.Student", models.PROTECT, verbose_name="学生", related_name="+")

    class Meta:
        verbose_name = "入口号"
        constraints = [models.UniqueConstraint(fields=["round", "student"], name="turn_once")]
        indexes = [models.Index(fields=["round", "id"], name="turns_in_order")]

    class Standard:
        source = "校内"
        subject = "selection_turn"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.student.person.name} {self.pk}"
