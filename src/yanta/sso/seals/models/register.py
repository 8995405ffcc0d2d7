"""The register: every document that carries a seal or a signature, and every impression."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models

from yanta.kernel.base.models import Record

_REFUSE = "RAISE EXCEPTION 'the register of seals is append-only' USING ERRCODE = 'insufficient_privilege';"


class SignedDocument(Record):
    """One document under its verification number, in its present version."""

    org_path = "org_unit"
    person_path = "person"

    class State(models.TextChoices):
        VALID = "valid", "有效"
        WITHDRAWN = "withdrawn", "已撤回"

    number = models.CharField("验证编号", max_length=20, unique=True, editable=False)
    title = models.CharField("文件标题", max_length=150)
    org_unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="单位", null=True, blank=True, related_name="+"
    )
    person = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="申请人", null=True, blank=True, related_name="+"
    )
    file = models.ForeignKey("files.StoredFile", models.PROTECT, verbose_name="文件", related_name="+")
    pages = models.PositiveIntegerField("页数", default=1)
    source_sm3 = models.CharField("原文 SM3", max_length=64)
    state = models.CharField("状态", max_length=10, choices=State, default=State.VALID, editable=False)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True, editable=False)
    withdrawn_for = models.CharField("撤回原因", max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = "签章文件"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title

    @property
    def shown_number(self) -> str:
        """In groups of four, as people read it aloud."""
        return "-".join(self.number[start : start + 4] for start in range(0, len(self.number), 4))


class Impression(Record):
    """用印登记: one signature on one document. Written once; the database refuses to change or remove it."""

    org_path = "org_unit"
    person_path = "person"
    title_needs = ("seal", "document")
    history: ClassVar[bool] = False

    class Kind(models.TextChoices):
        SEAL = "seal", "盖章"
        SIGNATURE = "signature", "个人签名"

    document = models.ForeignKey(
        SignedDocument, models.PROTECT, verbose_name="文件", related_name="impressions"
    )
    kind = models.CharField("方式", max_length=10, choices=Kind)
    seal = models.ForeignKey(
        "seals.Seal", models.PROTECT, verbose_name="印章", null=True, related_name="impressions"
    )
    certificate = models.ForeignKey(
        "seals.Certificate", models.PROTECT, verbose_name="签名证书", related_name="impressions"
    )
    national = models.ForeignKey(
        "seals.Certificate", models.PROTECT, verbose_name="国密证书", null=True, related_name="+"
    )
    request = models.ForeignKey(
        "seals.SealRequest", models.PROTECT, verbose_name="用印申请", null=True, related_name="impressions"
    )
    org_unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="单位", null=True, related_name="+"
    )
    person = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="申请人", null=True, related_name="+"
    )
    at = models.DateTimeField("时间", db_index=True)
    by = models.CharField("经办人", max_length=60)
    account_id = models.BigIntegerField("账号", null=True)
    approval = models.CharField("审批依据", max_length=200)
    places = models.CharField("位置", max_length=300)
    copies = models.PositiveSmallIntegerField("份数", default=1)
    sm3 = models.CharField("成品 SM3", max_length=64, db_index=True)
    sha256 = models.CharField("成品 SHA-256", max_length=64, db_index=True)
    sm2 = models.CharField("SM2 签名值", max_length=200, blank=True)

    class Meta:
        verbose_name = "用印登记"
        ordering = ("-at", "-pk")
        triggers = [
            pgtrigger.Trigger(
                name="append_only", when=pgtrigger.Before, operation=pgtrigger.Update | pgtrigger.Delete, func=_REFUSE
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.document} · {self.seal or self.by}"
