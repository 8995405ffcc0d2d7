"""The audit trail. The database itself refuses to change or remove an entry."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yanta.kernel.base.models import RecordQuerySet

# Sealing fills sequence and seal of an entry once; nothing else may ever change.
_GUARD = """
IF TG_OP = 'UPDATE' THEN
    IF OLD.sequence IS NULL AND NEW.sequence IS NOT NULL AND NEW.seal IS NOT NULL
       AND to_jsonb(NEW) - 'sequence' - 'seal' = to_jsonb(OLD) - 'sequence' - 'seal' THEN
        RETURN NEW;
    END IF;
END IF;
RAISE EXCEPTION 'audit entries are append-only' USING ERRCODE = 'insufficient_privilege';
"""
_REFUSE = "RAISE EXCEPTION 'audit entries are append-only' USING ERRCODE = 'insufficient_privilege';"


class AuditEntry(models.Model):
    """One act: who, what, on which record, from where, with what outcome."""

    org_path: ClassVar[None] = None
    org_path_reason = "审计记录跨单位，只向审计员开放"
    person_path: ClassVar[None] = None

    class Outcome(models.TextChoices):
        DONE = "done", "完成"
        REFUSED = "refused", "被拒绝"
        FAILED = "failed", "出错"

    at = models.DateTimeField("时间", auto_now_add=True, db_default=Now())
    account_id = models.BigIntegerField("账号", null=True)
    person_id = models.BigIntegerField("人员", null=True)
    actor_name = models.CharField("操作者", max_length=80)
    action = models.CharField("操作", max_length=120)
    outcome = models.CharField("结果", max_length=8, choices=Outcome, default=Outcome.DONE)
    subject_type = models.CharField("对象类型", max_length=80, blank=True)
    subject_id = models.CharField("对象编号", max_length=64, blank=True)
    subject_label = models.CharField("对象", max_length=200, blank=True)
    unit_path = models.CharField("组织路径", max_length=255, blank=True)
    summary = models.CharField("摘要", max_length=500, blank=True)
    data = models.JSONField("内容", default=dict, blank=True)
    address = models.CharField("来源地址", max_length=64, blank=True)
    request_id = models.CharField("请求编号", max_length=64, blank=True)
    sequence = models.BigIntegerField("链上序号", null=True, unique=True, editable=False)
    seal = models.BinaryField("链值", null=True, max_length=32, editable=False)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "审计记录"
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["id"], condition=Q(sequence=None), name="audit_unsealed"),
            models.Index(fields=["subject_type", "subject_id", "-id"], name="audit_subject"),
            models.Index(fields=["account_id", "-id"], name="audit_account"),
            models.Index(fields=["at"], name="audit_at"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="append_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_GUARD,
            ),
            pgtrigger.Trigger(
                name="never_emptied",
                when=pgtrigger.Before,
                level=pgtrigger.Statement,
                operation=pgtrigger.Truncate,
                func=_REFUSE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.subject_label}".strip()


class AuditAnchor(models.Model):
    """A signed head of the chain: a chain that ends before it, or differs there, was cut or rewritten."""

    org_path: ClassVar[None] = None
    org_path_reason = "审计链的锚点，只向审计员开放"
    person_path: ClassVar[None] = None

    at = models.DateTimeField("时间", db_default=Now(), editable=False)
    sequence = models.BigIntegerField("链上序号", unique=True)
    seal = models.BinaryField("链值", max_length=32)
    signature = models.BinaryField("签名", max_length=32)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "审计锚点"
        ordering = ("-sequence",)

    def __str__(self) -> str:
        return f"#{self.sequence}"
