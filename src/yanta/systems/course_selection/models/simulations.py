"""A draw that was only tried out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from yanta.kernel.base.models import Record
from yanta.systems.course_selection.models.rounds import Round


class Simulation(Record):
    """What a round would give with the wishes of another, or with its own so far; nobody got or lost a seat by it."""

    org_path = None
    org_path_reason = "选课轮次由教务处为全校安排"
    title_needs = ("round",)
    history = False  # made once, never changed by hand

    round = models.ForeignKey(Round, models.CASCADE, verbose_name="轮次", related_name="simulations")
    source = models.ForeignKey(Round, models.CASCADE, verbose_name="志愿取自", related_name="+")
    seed = models.CharField("模拟用的种子", max_length=64)
    is_done = models.BooleanField("已完成", default=False)
    wishes = models.PositiveIntegerField("志愿数", default=0)
    granted = models.PositiveIntegerField("中签", default=0)
    strangers = models.PositiveIntegerField("没有对应学生或课程的志愿", default=0)
    # One row for each programme and grade, and for each section; see `rules.simulation.Tally`.
    groups = models.JSONField(default=list, editable=False)
    sections = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name = "抽签模拟"
        ordering = ("-pk",)

    class Standard:
        source = "校内"
        subject = "selection_simulation"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.round.name}模拟"
