"""Stored files."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from yanta.kernel.base.models import Record


class StoredFile(Record):
    """One file as somebody gave it; equal contents lie in the storage once."""

    org_path = "org_unit"
    person_path = "owner"

    name = models.CharField("文件名", max_length=150)
    size = models.BigIntegerField("大小（字节）")
    content_type = models.CharField("类型", max_length=100)
    digest = models.CharField("SM3 摘要", max_length=64, db_index=True)
    purpose = models.CharField("用途", max_length=60)
    owner = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="所有者", null=True, blank=True, related_name="+"
    )
    org_unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="单位", null=True, blank=True, related_name="+"
    )
    account_id = models.BigIntegerField("上传账号", null=True, blank=True)
    held = models.BooleanField("长期保存", default=False)
    expires_at = models.DateTimeField("到期时间", null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = "文件"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """Where the content lies; made of the digest alone, never of what a user typed."""
        return f"{self.digest[:2]}/{self.digest[2:4]}/{self.digest}"

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()
