"""The dictionary of figures and what they were worth."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record

SHARED = "指标口径是全校共用的约定；数值按单位存放"
CODE = RegexValidator(
    r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$", "用小写英文字母、数字、点和下划线，如 student.count"
)


class Better(models.TextChoices):
    HIGHER = "higher", "越高越好"
    LOWER = "lower", "越低越好"
    NEITHER = "neither", "不分高低"


class Clock(models.TextChoices):
    NOW = "now", "实时"
    SEPTEMBER = "9-30", "9 月 30 日时点"
    SCHOOL_YEAR = "school_year", "学年"
    CALENDAR_YEAR = "calendar_year", "自然年"


class Indicator(Record):
    """One figure: its meaning, its unit, what is good, whose it is; the formula lies in its versions."""

    org_path = None
    org_path_reason = SHARED

    code = models.CharField("指标代码", max_length=60, unique=True, validators=[CODE])
    name = models.CharField("指标名称", max_length=60)
    group = models.CharField("分类", max_length=20, blank=True)
    owner = models.CharField("主管部门", max_length=40)
    unit_label = models.CharField("计量单位", max_length=12, blank=True)
    decimals = models.PositiveSmallIntegerField("小数位数", default=0)
    better = models.CharField("方向", max_length=8, choices=Better, default=Better.NEITHER)
    target = models.DecimalField("目标值", max_digits=16, decimal_places=4, null=True, blank=True)
    warn = models.DecimalField("预警值", max_digits=16, decimal_places=4, null=True, blank=True)
    dimensions = models.JSONField("可分维度", default=list, blank=True, editable=False)
    clock = models.CharField("时点", max_length=14, choices=Clock, default=Clock.NOW)
    basis = models.TextField("依据", blank=True, help_text="文件名称与文号")
    coverage = models.TextField("口径说明", blank=True, help_text="官方公式中哪些部分有数据、哪些没有")
    is_declared = models.BooleanField("随系统提供", default=False, editable=False)
    is_open = models.BooleanField("在用", default=True, editable=False)
    order = models.PositiveSmallIntegerField("次序", default=500, editable=False)

    class Meta:
        verbose_name = "指标"
        ordering = ("order", "code")

    def __str__(self) -> str:
        return self.name


class IndicatorVersion(Record):
    """A formula and the days it held."""

    org_path = None
    org_path_reason = SHARED
    title_needs = ("indicator",)

    indicator = models.ForeignKey(Indicator, models.CASCADE, verbose_name="指标", related_name="versions")
    number = models.PositiveSmallIntegerField("版本", default=1)
    parts = models.JSONField("组成部分", default=dict)
    expression = models.CharField("算式", max_length=200)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)
    reason = models.CharField("变更原因", max_length=200, blank=True)
    made_by = models.CharField("制定人", max_length=80, blank=True)

    class Meta:
        verbose_name = "指标版本"
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(fields=["indicator", "number"], name="indicator_version_once"),
            models.UniqueConstraint(
                fields=["indicator"], condition=Q(valid_to=None), name="indicator_one_version_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.name} 第 {self.number} 版"


class Computation(Record):
    """One passage over the school's data; its counts add up."""

    org_path = None
    org_path_reason = "一次计算涉及全校各单位"
    history = False

    on = models.DateField("日期")
    clock = models.CharField("时点", max_length=14, choices=Clock, default=Clock.NOW)
    started_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    indicators = models.PositiveIntegerField("指标数", default=0)
    values_read = models.PositiveIntegerField("算出数值", default=0)
    values_new = models.PositiveIntegerField("新增", default=0)
    values_changed = models.PositiveIntegerField("变更", default=0)
    values_unchanged = models.PositiveIntegerField("未变", default=0)
    values_gone = models.PositiveIntegerField("撤销", default=0)
    failures = models.JSONField("未算出", default=dict, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    asked_by = models.CharField("发起者", max_length=80, blank=True)

    class Meta:
        verbose_name = "指标计算"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.get_clock_display()} 指标计算"

    @property
    def adds_up(self) -> bool:
        return self.values_read == self.values_new + self.values_changed + self.values_unchanged


class IndicatorValue(Record):
    """What an indicator was worth for one unit and all below it on one day; `parts` are what it was made of."""

    org_path = "unit"
    history = False  # every day is a row of its own already
    title_needs = ("indicator", "unit")

    indicator = models.ForeignKey(Indicator, models.CASCADE, verbose_name="指标", related_name="+")
    version = models.ForeignKey(IndicatorVersion, models.CASCADE, verbose_name="版本", related_name="+")
    unit = models.ForeignKey("organisation.OrgUnit", models.CASCADE, verbose_name="单位", related_name="+")
    clock = models.CharField("时点", max_length=14, choices=Clock, default=Clock.NOW)
    on = models.DateField("日期")
    value = models.DecimalField("数值", max_digits=24, decimal_places=6, null=True, blank=True)
    parts = models.JSONField("组成部分的值", default=dict)
    computation = models.ForeignKey(
        Computation, models.SET_NULL, verbose_name="哪次计算", null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "指标数值"
        ordering = ("-on", "indicator__order")
        constraints = [
            models.UniqueConstraint(fields=["unit", "clock", "on", "indicator"], name="indicator_value_once")
        ]
        indexes = [models.Index(fields=["indicator", "unit", "clock", "on"], name="indicator_value_trend")]

    def __str__(self) -> str:
        return f"{self.unit.name} {self.indicator.name} {self.on:%Y-%m-%d}"
