"""The data dictionary: what an element is called, how long it is, which codes it takes."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from yanta.kernel.base.models import Record
from yanta.kernel.codes.models.sets import PUBLIC


class DataElement(Record):
    """One use of a data element in one subset of a standard; an identifier stands in several subsets."""

    org_path = None
    org_path_reason = PUBLIC

    class Obligation(models.TextChoices):
        MANDATORY = "M", "必备"
        OPTIONAL = "O", "可选"
        UNSTATED = "", "未说明"

    source = models.CharField("标准", max_length=80, db_index=True)
    subset = models.CharField("子类标识", max_length=40)
    subset_title = models.CharField("子类", max_length=80)
    identifier = models.CharField("标识符", max_length=40, db_index=True)
    number = models.CharField("编号", max_length=20, blank=True)
    name = models.CharField("名称", max_length=80)
    kind = models.CharField("类型", max_length=4, blank=True)
    stated_length = models.CharField("标准所列长度", max_length=10, blank=True)
    length = models.CharField("长度", max_length=10, blank=True)
    code_reference = models.CharField("引用代码", max_length=120, blank=True)
    code_sets = ArrayField(models.CharField(max_length=60), verbose_name="代码集", default=list, blank=True)
    obligation = models.CharField("约束", max_length=1, choices=Obligation, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    confidence = models.CharField("可信度", max_length=30, blank=True)
    position = models.PositiveIntegerField("顺序", default=0, editable=False)

    class Meta:
        verbose_name = "数据元"
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["source", "subset", "identifier"], name="element_once_per_subset")
        ]

    def __str__(self) -> str:
        return f"{self.identifier} {self.name}"
