"""The organisation tree with its history."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from yanta.kernel.base.models import Record, RecordQuerySet


class OrgUnitQuerySet(RecordQuerySet, MP_NodeQuerySet):
    """Scope and tree in one."""

    def current(self) -> OrgUnitQuerySet:
        return self.filter(valid_to=None)


class OrgUnitManager(MP_NodeManager.from_queryset(OrgUnitQuerySet)):
    """In tree order, always."""

    def get_queryset(self) -> Any:
        return OrgUnitQuerySet(self.model).order_by("path")


class OrgUnit(Record, MP_Node):
    """One unit of the school as it is today; `spells` tell what it was called and where it stood before."""

    org_path = "self"
    # The tree's own columns change for every sibling that moves; the spells carry the history.
    history_exclude = ("path", "depth", "numchild")
    node_order_by: list[str] = []
    steplen = 4

    class Kind(models.TextChoices):
        SCHOOL = "school", "学校"
        COLLEGE = "college", "学院"
        SECTION = "section", "系（教研室）"
        OFFICE = "office", "机关部处"
        SUPPORT = "support", "直属单位"
        PARTY = "party", "党群组织"
        RESEARCH = "research", "科研机构"
        OTHER = "other", "其他"

    code = models.CharField("单位号", max_length=20, unique=True)
    name = models.CharField("单位名称", max_length=100)
    short_name = models.CharField("单位简称", max_length=40, blank=True)
    aliases = models.CharField(
        "别称", max_length=200, blank=True, help_text="口头或其他部门表里的叫法，用顿号分开"
    )
    english_name = models.CharField("英文名称", max_length=180, blank=True)
    kind = models.CharField("单位类别", max_length=10, choices=Kind, default=Kind.OTHER)
    valid_from = models.DateField("设立日期", null=True, blank=True)
    valid_to = models.DateField("撤销日期", null=True, blank=True)

    objects = OrgUnitManager()

    class Meta:
        verbose_name = "组织机构"
        ordering = ("path",)
        indexes = [models.Index(fields=["name"], name="org_unit_name")]

    class Standard:
        source = "JY/T 1002"
        subject = "organisation"
        subset = "JCTB0103"
        owner = "人事处"
        fields = {"code": "DWH", "name": "DWMC", "short_name": "DWJC", "english_name": "DWYWMC"}

    def __str__(self) -> str:
        return self.name

    @property
    def names(self) -> frozenset[str]:
        """Every name it goes by today."""
        return frozenset({self.name, self.short_name, *self.aliases.split("、")} - {""})


class OrgUnitSpell(Record):
    """What a unit was called and whom it stood under during a period; the end is exclusive."""

    org_path = "unit"

    unit = models.ForeignKey(OrgUnit, models.CASCADE, verbose_name="单位", related_name="spells")
    name = models.CharField("单位名称", max_length=100)
    short_name = models.CharField("单位简称", max_length=40, blank=True)
    parent = models.ForeignKey(
        OrgUnit, models.PROTECT, verbose_name="上级单位", null=True, blank=True, related_name="+"
    )
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)
    document = models.CharField("依据文件", max_length=100, blank=True)

    class Meta:
        verbose_name = "单位沿革"
        ordering = ("unit", "valid_from")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="org_unit_spell_forward"
            ),
            ExclusionConstraint(
                name="org_unit_spell_no_overlap",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    (
                        Func(
                            F("valid_from"), F("valid_to"), RangeBoundary(),
                            function="DATERANGE", output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name}（{self.valid_from} 起）"


class OrgChange(Record):
    """A decision that changed the tree: what, when, by which document."""

    org_path = None
    org_path_reason = "机构调整涉及多个单位，全校公开"

    class Kind(models.TextChoices):
        ESTABLISHED = "established", "设立"
        RENAMED = "renamed", "更名"
        MOVED = "moved", "调整隶属"
        MERGED = "merged", "合并"
        SPLIT = "split", "拆分"
        ABOLISHED = "abolished", "撤销"

    kind = models.CharField("类别", max_length=12, choices=Kind)
    decided_on = models.DateField("生效日期")
    document = models.CharField("依据文件", max_length=100, blank=True)
    summary = models.CharField("说明", max_length=300)

    class Meta:
        verbose_name = "机构调整"
        ordering = ("-decided_on", "-pk")

    def __str__(self) -> str:
        return self.summary


class OrgSuccession(Record):
    """Which unit follows which: a merged unit has one successor, a split one several."""

    org_path = "successor"
    title_needs = ("predecessor", "successor")

    change = models.ForeignKey(OrgChange, models.CASCADE, verbose_name="机构调整", related_name="successions")
    predecessor = models.ForeignKey(
        OrgUnit, models.PROTECT, verbose_name="原单位", related_name="followed_by"
    )
    successor = models.ForeignKey(OrgUnit, models.PROTECT, verbose_name="现单位", related_name="follows")

    class Meta:
        verbose_name = "单位承继"
        constraints = [
            models.UniqueConstraint(fields=["change", "predecessor", "successor"], name="org_succession_once")
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"
