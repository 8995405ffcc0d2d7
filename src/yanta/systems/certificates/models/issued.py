"""Certificates as they were issued."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record
from yanta.systems.certificates.models.kinds import Kind


class Batch(Record):
    """Certificates for many in one run; the numbers add up: asked = issued + refused."""

    org_path = "unit"

    class State(models.TextChoices):
        RUNNING = "running", "正在开具"
        DONE = "done", "已完成"
        STOPPED = "stopped", "已中止"

    kind = models.ForeignKey(Kind, models.PROTECT, verbose_name="证明种类", related_name="batches")
    unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="经办单位", related_name="+"
    )
    title = models.CharField("标题", max_length=120)
    purpose = models.CharField("用途", max_length=100)
    people = models.JSONField("名单", default=list)
    asked = models.PositiveIntegerField("名单人数", default=0)
    issued = models.PositiveIntegerField("已开具", default=0)
    refused = models.JSONField("未开具", default=list, blank=True)
    state = models.CharField("状态", max_length=8, choices=State, default=State.RUNNING)
    archive = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="压缩包", null=True, blank=True, related_name="+"
    )
    run_id = models.BigIntegerField("后台任务", null=True)
    by = models.CharField("经办人", max_length=60)

    class Meta:
        verbose_name = "批量开具"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title


class Certificate(Record):
    """One certificate of one person; its file bears the seal, its facts can be asked for again."""

    org_path = "unit"
    person_path = "person"
    title_needs = ("kind",)
    secret_fields = ("code", "facts")

    class State(models.TextChoices):
        ASKED = "asked", "待审核"
        ISSUED = "issued", "有效"
        REFUSED = "refused", "未通过"
        WITHDRAWN = "withdrawn", "已取消"
        REVOKED = "revoked", "已撤销"
        SUPERSEDED = "superseded", "已被新证明取代"
        ENDED = "ended", "因身份变化失效"

    # Those that have a document which anybody can verify.
    SEALED = (State.ISSUED, State.REVOKED, State.SUPERSEDED, State.ENDED)

    number = models.CharField("证明编号", max_length=24, unique=True, null=True, editable=False)
    kind = models.ForeignKey(Kind, models.PROTECT, verbose_name="证明种类", related_name="certificates")
    person = models.ForeignKey("people.Person", models.PROTECT, verbose_name="持证人", related_name="+")
    unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="所在单位", related_name="+"
    )
    purpose = models.CharField("用途", max_length=100)
    copies = models.PositiveSmallIntegerField("打印次数", default=0, editable=False)
    state = models.CharField("状态", max_length=10, choices=State, default=State.ASKED, editable=False)
    issued_at = models.DateTimeField("开具时间", null=True, blank=True, editable=False)
    valid_to = models.DateField(
        "有效期至", null=True, blank=True, editable=False, help_text="含当天；空为长期有效"
    )
    code = models.CharField("验证码", max_length=6, blank=True, editable=False)
    document = models.CharField("签章验证编号", max_length=20, blank=True, editable=False, db_index=True)
    file = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="文件", null=True, blank=True, editable=False, related_name="+"
    )  # fmt: skip
    # Which elements were written, whence, and a keyed digest of each value: enough to say later that one changed.
    facts = models.JSONField("所依据的数据", default=list, editable=False)
    opinion = models.CharField("处理意见", max_length=200, blank=True, editable=False)
    decided_by = models.CharField("处理人", max_length=60, blank=True, editable=False)
    ended_at = models.DateTimeField("失效时间", null=True, blank=True, editable=False)
    checks = models.PositiveIntegerField("被核验次数", default=0, editable=False)
    checked_at = models.DateTimeField("最近核验", null=True, blank=True, editable=False)
    batch = models.ForeignKey(
        Batch,
        models.PROTECT,
        verbose_name="批次",
        null=True,
        blank=True,
        editable=False,
        related_name="certificates",
    )

    class Meta:
        verbose_name = "证明"
        ordering = ("-pk",)
        indexes = [models.Index(fields=["person", "kind", "issued_at"], name="certificate_of_person")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="issued")
                | Q(issued_at__isnull=False, number__isnull=False) & ~Q(document=""),
                name="certificate_issued_is_sealed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number or ''}".strip()

    @property
    def is_sealed(self) -> bool:
        return self.state in self.SEALED
