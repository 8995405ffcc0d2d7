"""Figures of the same meaning, and where two of them disagree."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record

WHOLE = "同一数字在不同地方的出处，全校共用"


class PublishedFigure(Record):
    """A number that the school has said somewhere by hand: a leaflet, a report, its web site."""

    org_path = None
    org_path_reason = WHOLE
    title_needs = ("indicator",)

    indicator = models.ForeignKey(
        "warehouse.Indicator", models.PROTECT, verbose_name="对应指标", related_name="+"
    )
    unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="单位", null=True, blank=True, related_name="+",
        help_text="留空为全校",
    )  # fmt: skip
    value = models.DecimalField("公布的数字", max_digits=20, decimal_places=4)
    tolerance = models.DecimalField("允许相差", max_digits=16, decimal_places=4, default=0)
    place = models.CharField("公布在哪里", max_length=100, help_text="如 学校简介网页、2026 年招生章程")
    link = models.URLField("网址", blank=True)
    published_on = models.DateField("公布日期")
    is_open = models.BooleanField("仍在公布", default=True)

    class Meta:
        verbose_name = "已公布的数字"
        ordering = ("-published_on", "-pk")

    def __str__(self) -> str:
        return f"{self.place}：{self.indicator.name}"


class SameFigure(Record):
    """Two places that ought to say the same number: `left` and `right` are keys of figures."""

    org_path = None
    org_path_reason = WHOLE

    name = models.CharField("说的是什么", max_length=100)
    left = models.CharField("出处甲", max_length=160, help_text="如 indicator:student.count")
    right = models.CharField(
        "出处乙",
        max_length=160,
        help_text="indicator:… 指标，units:… 各单位之和，published:… 已公布的数字，cell:… 报表单元格",
    )
    tolerance = models.DecimalField("允许相差", max_digits=16, decimal_places=4, default=0)
    owner = models.CharField("主管部门", max_length=40)
    is_open = models.BooleanField("在核对", default=True)
    is_declared = models.BooleanField("随系统提供", default=False, editable=False)
    checked_on = models.DateField("最近核对", null=True, blank=True, editable=False)
    verdict = models.CharField("核对结果", max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = "同一数字"
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["left", "right"], name="same_figure_once"),
            models.CheckConstraint(condition=~Q(left=models.F("right")), name="same_figure_two_places"),
        ]

    def __str__(self) -> str:
        return self.name


class Disagreement(Record):
    """Two figures of one meaning that differ: both derivations, who is asked, what came of it."""

    org_path = None
    org_path_reason = WHOLE
    title_needs = ("same",)

    class State(models.TextChoices):
        PENDING = "pending", "待核"
        EXPLAINED = "explained", "已解释"
        CORRECTED = "corrected", "已修正"

    same = models.ForeignKey(
        SameFigure, models.PROTECT, verbose_name="说的是什么", related_name="disagreements"
    )
    owner = models.CharField("主管部门", max_length=40, editable=False)
    left_value = models.DecimalField("甲", max_digits=24, decimal_places=4, editable=False)
    right_value = models.DecimalField("乙", max_digits=24, decimal_places=4, editable=False)
    left_story = models.JSONField("甲的由来", default=list, editable=False)
    right_story = models.JSONField("乙的由来", default=list, editable=False)
    found_on = models.DateField("发现日期", editable=False)
    seen_on = models.DateField("最近一次不一致", editable=False)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PENDING, editable=False)
    explanation = models.CharField("说明", max_length=500, blank=True, editable=False)
    decided_by = models.CharField("处理人", max_length=80, blank=True, editable=False)
    decided_at = models.DateTimeField("处理时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "数字不一致"
        ordering = ("-found_on", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["same"], condition=Q(state__in=["pending", "explained"]), name="disagreement_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(state="explained") | ~Q(explanation=""), name="disagreement_explained_in_words"
            ),
        ]

    def __str__(self) -> str:
        return self.same.name

    @property
    def difference(self) -> object:
        return self.left_value - self.right_value
