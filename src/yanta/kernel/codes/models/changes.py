"""How a code set changes: proposed, reviewed, published as a new revision."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record
from yanta.kernel.codes.models.sets import PUBLIC, CodeSet


class Proposal(Record):
    """One wished change of one code."""

    org_path = None
    org_path_reason = PUBLIC

    class Kind(models.TextChoices):
        ADD = "add", "新增"
        RENAME = "rename", "更名"
        RETIRE = "retire", "停用"

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待审核"
        APPROVED = "approved", "待发布"
        REJECTED = "rejected", "已驳回"
        PUBLISHED = "published", "已发布"

    code_set = models.ForeignKey(CodeSet, models.CASCADE, verbose_name="代码集", related_name="proposals")
    kind = models.CharField("变更", max_length=10, choices=Kind)
    code = models.CharField("代码", max_length=60)
    name = models.CharField("名称", max_length=120, blank=True)
    parent = models.CharField("上级代码", max_length=60, blank=True)
    successor = models.CharField("改用代码", max_length=60, blank=True)
    effective_on = models.DateField("生效日期")
    reason = models.CharField("理由", max_length=300)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PROPOSED, editable=False)
    proposed_by = models.CharField("提出人", max_length=80, editable=False)
    reviewed_by = models.CharField("审核人", max_length=80, blank=True, editable=False)
    opinion = models.CharField("审核意见", max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = "代码变更"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["code_set", "code"],
                condition=Q(status__in=["proposed", "approved"]),
                name="one_open_proposal_per_code",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.code} {self.name}"


class Revision(Record):
    """What one publication changed; never edited."""

    org_path = None
    org_path_reason = PUBLIC

    code_set = models.ForeignKey(CodeSet, models.CASCADE, verbose_name="代码集", related_name="revisions")
    number = models.PositiveIntegerField("版次")
    published_by = models.CharField("发布人", max_length=80)
    reason = models.CharField("说明", max_length=300, blank=True)
    changes = models.JSONField("变更", default=list)
    remapped = models.JSONField("已改写的数据", default=list)

    class Meta:
        verbose_name = "发布记录"
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["code_set", "number"], name="revision_once_per_set")]

    def __str__(self) -> str:
        return f"{self.code_set} 第 {self.number} 版"
