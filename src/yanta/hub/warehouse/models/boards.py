"""Boards composed of indicators."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record


class Board(Record):
    """Indicators in an order; the system's own boards are for roles, people's own may be shared."""

    org_path = "unit"
    person_path = "person"

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("看板名称", max_length=60)
    note = models.CharField("说明", max_length=200, blank=True)
    items = models.JSONField("指标", default=list, blank=True)
    role = models.CharField("给哪种角色", max_length=16, blank=True)
    unit = models.ForeignKey(
        "organisation.OrgUnit",
        models.PROTECT,
        verbose_name="给哪个单位",
        null=True,
        blank=True,
        related_name="+",
    )
    person = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="谁的", null=True, blank=True, related_name="+"
    )
    is_declared = models.BooleanField("随系统提供", default=False)

    class Meta:
        verbose_name = "看板"
        ordering = ("-is_declared", "name")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_declared=True) | Q(person__isnull=False), name="board_has_owner"
            )
        ]

    def __str__(self) -> str:
        return self.name
