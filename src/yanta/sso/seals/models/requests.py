"""Applications for the use of a seal."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from yanta.kernel.base.models import Record


class SealRequest(Record):
    """用印申请: once for the files that are handed in, or for a time as an authority that a system uses up."""

    org_path = "seal__org_unit"
    person_path = "applicant"
    title_needs = ("seal",)

    class Kind(models.TextChoices):
        ONCE = "once", "一次用印"
        STANDING = "standing", "授权用印"

    class State(models.TextChoices):
        SUBMITTED = "submitted", "待负责人审批"
        ENDORSED = "endorsed", "待保管人用印"
        PRESSING = "pressing", "正在用印"
        IN_FORCE = "in_force", "授权生效"
        SEALED = "sealed", "已用印"
        REFUSED = "refused", "未批准"
        WITHDRAWN = "withdrawn", "已撤回"
        ENDED = "ended", "授权已结束"

    WAITING = (State.SUBMITTED, State.ENDORSED)

    kind = models.CharField("方式", max_length=10, choices=Kind, default=Kind.ONCE, editable=False)
    seal = models.ForeignKey("seals.Seal", models.PROTECT, verbose_name="印章", related_name="requests")
    applicant = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="申请人", null=True, blank=True, related_name="+"
    )
    title = models.CharField("文件标题", max_length=120)
    purpose = models.CharField("用途", max_length=300)
    places = models.CharField("盖章位置", max_length=300, blank=True)
    copies = models.PositiveSmallIntegerField("份数", default=1)
    quota = models.PositiveIntegerField("授权份数", null=True, blank=True)
    used = models.PositiveIntegerField("已用份数", default=0, editable=False)
    valid_to = models.DateField("授权截止", null=True, blank=True)
    contents = models.CharField("材料摘要（SM3）", max_length=64, blank=True, editable=False)
    state = models.CharField("状态", max_length=10, choices=State, default=State.SUBMITTED, editable=False)
    opinion = models.CharField("审批意见", max_length=200, blank=True, editable=False)
    endorsed_by = models.CharField("审批人", max_length=60, blank=True, editable=False)
    endorsed_at = models.DateTimeField("审批时间", null=True, blank=True, editable=False)
    kept_by = models.CharField("用印人", max_length=60, blank=True, editable=False)
    kept_at = models.DateTimeField("用印时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "用印申请"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="standing") | Q(quota__isnull=False, valid_to__isnull=False),
                name="seal_authority_is_limited",
            ),
            models.CheckConstraint(
                condition=Q(quota=None) | Q(used__lte=models.F("quota")), name="seal_authority_not_exceeded"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} · {self.seal}"

    @property
    def number(self) -> str:
        """What people call it."""
        return f"YY{timezone.localtime(self.created_at):%Y}{self.pk:06d}"


class RequestFile(Record):
    """One document of an application and what became of it."""

    org_path = "request__seal__org_unit"
    person_path = "request__applicant"

    class State(models.TextChoices):
        WAITING = "waiting", "待用印"
        SEALED = "sealed", "已用印"
        REFUSED = "refused", "未用印"

    request = models.ForeignKey(SealRequest, models.CASCADE, verbose_name="用印申请", related_name="files")
    file = models.ForeignKey("files.StoredFile", models.PROTECT, verbose_name="文件", related_name="+")
    name = models.CharField("文件名", max_length=150)
    digest = models.CharField("SM3 摘要", max_length=64)
    pages = models.PositiveIntegerField("页数", default=1)
    state = models.CharField("结果", max_length=8, choices=State, default=State.WAITING, editable=False)
    refusal = models.CharField("未用印原因", max_length=200, blank=True, editable=False)
    document = models.ForeignKey(
        "seals.SignedDocument", models.PROTECT, verbose_name="成品", null=True, blank=True, editable=False, related_name="+"
    )  # fmt: skip

    class Meta:
        verbose_name = "用印材料"
        ordering = ("request", "pk")

    def __str__(self) -> str:
        return self.name
