"""Crosswalks from a department's own codes to a standard set."""

from __future__ import annotations

from django.db import models

from yanta.kernel.base.models import Record
from yanta.kernel.codes.models.sets import PUBLIC, Code, CodeSet


class Crosswalk(Record):
    """How the codes of one local system stand to a code set."""

    org_path = None
    org_path_reason = PUBLIC

    class Direction(models.TextChoices):
        INWARD = "inward", "本地码 → 标准码"
        OUTWARD = "outward", "标准码 → 本地码"
        BOTH = "both", "双向"

    key = models.SlugField("标识", max_length=60, unique=True)
    title = models.CharField("名称", max_length=120)
    local_system = models.CharField("本地系统", max_length=80)
    code_set = models.ForeignKey(
        CodeSet, models.PROTECT, verbose_name="目标代码集", related_name="crosswalks"
    )
    direction = models.CharField("方向", max_length=10, choices=Direction, default=Direction.INWARD)
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
        verbose_name = "代码对照"
        ordering = ("key",)

    def __str__(self) -> str:
        return self.title


class CrosswalkEntry(Record):
    """One local code; without a target it is known to have none."""

    org_path = None
    org_path_reason = PUBLIC

    crosswalk = models.ForeignKey(Crosswalk, models.CASCADE, verbose_name="代码对照", related_name="entries")
    local_code = models.CharField("本地码", max_length=60)
    local_name = models.CharField("本地名称", max_length=120, blank=True)
    code = models.ForeignKey(
        Code, models.PROTECT, verbose_name="标准码", null=True, blank=True, related_name="crosswalk_entries"
    )
    loss = models.BooleanField("有损", default=False, help_text="标准码说得比本地码少，换过去就换不回来")
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "对照项"
        ordering = ("crosswalk", "local_code")
        constraints = [
            models.UniqueConstraint(fields=["crosswalk", "local_code"], name="local_code_once_per_crosswalk")
        ]

    def __str__(self) -> str:
        return f"{self.local_code} {self.local_name}"
