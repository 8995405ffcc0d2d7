"""Rules as data."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from yanta.hub.quality import checks
from yanta.kernel.base.models import Record


class Severity(models.TextChoices):
    BLOCKING = "blocking", "阻断"
    SEVERE = "severe", "严重"
    NORMAL = "normal", "一般"
    HINT = "hint", "提示"


class Handling(models.TextChoices):
    """Who puts right what is found."""

    UNIT = "unit", "数据所在单位"
    OWNER = "owner", "归口部门"


class OnLoad(models.TextChoices):
    """What a blocking rule does to a delivery, before anything of it is written."""

    HOLD = "hold", "隔离不合格的行，其余入库"
    STOP = "stop", "整批不入库"


# Kept as text choices, so that lists and forms show names; the templates themselves are code.
TemplateChoice = models.TextChoices(  # type: ignore[call-overload]  # the functional form of enums
    "TemplateChoice", [(one.code.upper(), (one.code, one.title)) for one in checks.TEMPLATES.values()]
)


class Rule(Record):
    """What is to hold of a subject's rows; the owning department answers for it."""

    org_path = "owner"

    title = models.CharField("规则名称", max_length=100)
    template = models.CharField("规则模板", max_length=20, choices=TemplateChoice)
    dimension = models.CharField(
        "质量维度", max_length=14, choices=[(key.value, text) for key, text in checks.DIMENSIONS.items()]
    )
    subject = models.CharField("数据主题", max_length=40)
    subject_title = models.CharField("主题名称", max_length=60)
    fields = ArrayField(models.CharField(max_length=60), verbose_name="检查项", default=list, blank=True)
    parameters = models.JSONField("参数", default=dict, blank=True)
    when = models.JSONField("适用条件", default=dict, blank=True)
    sentence = models.CharField("规则说明", max_length=400)
    severity = models.CharField("严重程度", max_length=10, choices=Severity, default=Severity.NORMAL)
    owner = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="归口单位", related_name="+"
    )
    handling = models.CharField("由谁整改", max_length=6, choices=Handling, default=Handling.UNIT)
    on_load = models.CharField(
        "入库前",
        max_length=4,
        choices=OnLoad,
        default=OnLoad.HOLD,
        help_text="只对阻断级的规则起作用；其余级别只计数",
    )
    tolerance = models.DecimalField(
        "容忍比例（%）", max_digits=5, decimal_places=2, default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="某单位不合格的比例超过它，才派发整改工单",
    )  # fmt: skip
    is_enabled = models.BooleanField("启用", default=True)
    valid_from = models.DateField("自何日起")
    origin = models.CharField("来历", max_length=60, blank=True, editable=False)
    signature = models.CharField("内容指纹", max_length=64, unique=True, editable=False)

    class Meta:
        verbose_name = "质量规则"
        ordering = ("subject", "dimension", "pk")
        indexes = [models.Index(fields=["subject", "is_enabled"], name="quality_rule_subject")]

    def __str__(self) -> str:
        return self.title

    @property
    def spec(self) -> checks.Spec:
        return checks.spec_of(self.template, self.subject, tuple(self.fields), self.parameters, self.when)

    @property
    def field_titles(self) -> list[str]:
        subject: Any = checks.subject_named(self.subject)
        return [subject.field(name).title for name in self.fields]
