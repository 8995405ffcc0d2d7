"""Numbers that the school gives out, each once and for good."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from yanta.kernel.base import Refused
from yanta.kernel.base.models import Record
from yanta.kernel.codes.models.sets import PUBLIC
from yanta.kernel.codes.rules import Pattern


class NumberRule(Record):
    """How one kind of number is made, e.g. `{year:4}{college:2}{seq:4}{check:luhn}`."""

    org_path = None
    org_path_reason = PUBLIC

    key = models.SlugField("标识", max_length=40, unique=True)
    title = models.CharField("名称", max_length=80)
    pattern = models.CharField(
        "规则",
        max_length=120,
        help_text="文字与 {名称:位数} 组成；{seq:4} 为流水号，{check:luhn} 或 {check:mod11-2} 为校验位",
    )
    counts_within = models.CharField(
        "流水号范围", max_length=120, blank=True, help_text="按哪几段分别计数，用逗号分开；留空则按全部取值段"
    )
    example = models.CharField("示例", max_length=60, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    owner = models.ForeignKey(
        "organisation.OrgUnit",
        models.PROTECT,
        verbose_name="管理部门",
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = "编号规则"
        ordering = ("key",)

    def clean(self) -> None:
        """A rule that can be read, counts within its own values, and stays once numbers were given out by it."""
        try:
            unknown = set(self.scope_names) - set(self.parsed.values)
        except Refused as refusal:
            raise ValidationError({"pattern": refusal.message}) from refusal
        if unknown:
            raise ValidationError({"counts_within": f"规则中没有 {'、'.join(sorted(unknown))}"})
        stored = NumberRule.objects.filter(pk=self.pk).exclude(pattern=self.pattern)
        if stored.filter(reservations__isnull=False).exists():
            raise ValidationError({"pattern": "已按这条规则发出过号码，不能再改；请新建一条规则"})

    @property
    def parsed(self) -> Pattern:
        return Pattern.parse(self.pattern)

    @property
    def scope_names(self) -> tuple[str, ...]:
        chosen = tuple(name.strip() for name in self.counts_within.split(",") if name.strip())
        return chosen or self.parsed.values

    def __str__(self) -> str:
        return self.title


class NumberCounter(Record):
    """The last running number given out within one scope; its row is the lock."""

    org_path = None
    org_path_reason = PUBLIC
    history = False  # a bare counter: the reservations tell who got which number

    rule = models.ForeignKey(NumberRule, models.CASCADE, verbose_name="编号规则", related_name="counters")
    scope = models.CharField("范围", max_length=200, blank=True)
    last = models.PositiveBigIntegerField("最后流水号", default=0)

    class Meta:
        verbose_name = "流水号"
        constraints = [models.UniqueConstraint(fields=["rule", "scope"], name="one_counter_per_scope")]

    def __str__(self) -> str:
        return f"{self.scope}：{self.last}"


class NumberReservation(Record):
    """A number that was given out; released ones stay, so that no number ever comes twice."""

    org_path = None
    org_path_reason = PUBLIC

    class Status(models.TextChoices):
        RESERVED = "reserved", "已预留"
        CONFIRMED = "confirmed", "已使用"
        RELEASED = "released", "已作废"

    rule = models.ForeignKey(NumberRule, models.PROTECT, verbose_name="编号规则", related_name="reservations")
    number = models.CharField("号码", max_length=60)
    scope = models.CharField("范围", max_length=200, blank=True)
    sequence = models.PositiveBigIntegerField("流水号")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.RESERVED)
    purpose = models.CharField("用途", max_length=120, blank=True)
    reserved_by = models.CharField("预留人", max_length=80)

    class Meta:
        verbose_name = "号码"
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["rule", "number"], name="number_once_per_rule")]

    def __str__(self) -> str:
        return self.number
