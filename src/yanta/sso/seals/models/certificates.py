"""Certificates: of the installation's own authority, of people, of units."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record


class Certificate(Record):
    """One X.509 certificate from the application for it to its end, with its private key sealed."""

    org_path = "org_unit"
    person_path = "person"
    # The sealed key lies in one place only, so that destroying it destroys it.
    history_exclude = ("private",)

    class Kind(models.TextChoices):
        ROOT = "root", "根证书"
        ISSUING = "issuing", "签发证书"
        CLOCK = "clock", "时间戳证书"
        PERSON = "person", "个人证书"
        UNIT = "unit", "机构证书"

    class Algorithm(models.TextChoices):
        RSA = "rsa", "RSA"
        P256 = "p256", "ECDSA P-256"
        SM2 = "sm2", "SM2"

    class State(models.TextChoices):
        APPLIED = "applied", "待签发"
        ISSUED = "issued", "有效"
        SUSPENDED = "suspended", "已冻结"
        REVOKED = "revoked", "已吊销"
        REPLACED = "replaced", "已更新"
        EXPIRED = "expired", "已过期"
        REFUSED = "refused", "未批准"

    class Reason(models.TextChoices):
        """RFC 5280, 5.3.1."""

        UNSPECIFIED = "unspecified", "其他原因"
        KEY = "key_compromise", "私钥泄露或遗失"
        CHANGED = "affiliation_changed", "离职、离校或调离"
        SUPERSEDED = "superseded", "已更换新证书"
        CLOSED = "cessation_of_operation", "停止使用"

    kind = models.CharField("类别", max_length=10, choices=Kind)
    algorithm = models.CharField("算法", max_length=5, choices=Algorithm)
    subject = models.CharField("持有者", max_length=120)
    person = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="个人", null=True, blank=True, related_name="+"
    )
    org_unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="单位", null=True, blank=True, related_name="+"
    )
    issuer = models.ForeignKey(
        "self", models.PROTECT, verbose_name="签发者", null=True, blank=True, editable=False, related_name="issued"
    )  # fmt: skip
    serial = models.CharField("证书序列号", max_length=40, blank=True, editable=False, db_index=True)
    pem = models.TextField("证书", blank=True, editable=False)
    chain = models.TextField("上级证书", blank=True, editable=False)
    private = SealedField("私钥", null=True, blank=True, editable=False)
    outside = models.BooleanField("外部机构签发", default=False, editable=False)
    reason = models.CharField("申请理由", max_length=200, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.APPLIED, editable=False)
    opinion = models.CharField("办理意见", max_length=200, blank=True, editable=False)
    valid_from = models.DateTimeField("有效期自", null=True, blank=True, editable=False)
    valid_to = models.DateTimeField("有效期至", null=True, blank=True, editable=False)
    ended_at = models.DateTimeField("失效时间", null=True, blank=True, editable=False)
    ended_for = models.CharField("失效原因", max_length=24, choices=Reason, blank=True, editable=False)
    replaces = models.ForeignKey(
        "self", models.PROTECT, verbose_name="更新自", null=True, blank=True, editable=False, related_name="replaced_by"
    )  # fmt: skip

    class Meta:
        verbose_name = "证书"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "serial"], condition=~Q(serial=""), name="certificate_serial_once"
            ),
            models.CheckConstraint(
                condition=~Q(kind="person") | Q(person__isnull=False), name="certificate_of_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}（{self.get_algorithm_display()}）"

    def is_usable(self, *, at: datetime) -> bool:
        """Whether something may be signed with it at this moment."""
        if self.state != self.State.ISSUED or self.valid_from is None or self.valid_to is None:
            return False
        return self.valid_from <= at < self.valid_to
