"""The file and its entries: added to, never altered."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models

from yanta.kernel.base.models import Record

REFUSE = "RAISE EXCEPTION 'personal files are append-only' USING ERRCODE = 'insufficient_privilege';"


def append_only() -> list[pgtrigger.Trigger]:
    """The database itself refuses to change or remove what is kept."""
    return [
        pgtrigger.Trigger(
            name="append_only", when=pgtrigger.Before, operation=pgtrigger.Update | pgtrigger.Delete, func=REFUSE
        )
    ]  # fmt: skip


class Dossier(Record):
    """One person's file as a student or as a member of staff; `unit` keeps it: the college, or the personnel office."""

    org_path = "unit"
    person_path = "person"
    title_needs = ("person",)
    history = False  # the entries are its history

    class Kind(models.TextChoices):
        STUDENT = "student", "学生档案"
        STAFF = "staff", "教职工档案"

    person = models.ForeignKey("people.Person", models.PROTECT, verbose_name="姓名", related_name="+")
    kind = models.CharField("类别", max_length=8, choices=Kind)
    number = models.CharField("学号/工号", max_length=30)
    unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="保管单位", related_name="+"
    )
    state = models.CharField("现状", max_length=40, blank=True)
    has_left = models.BooleanField("已离校", default=False)
    entries_count = models.PositiveIntegerField("件数", default=0)
    head = models.CharField("链值", max_length=64, blank=True)
    missing = models.PositiveSmallIntegerField("缺件", default=0)
    collected_at = models.DateTimeField("最近归档", null=True)
    inspected_at = models.DateTimeField("最近检测", null=True)
    is_sound = models.BooleanField("检测通过", null=True)

    class Meta:
        verbose_name = "档案"
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="dossier_once_per_person")]

    def __str__(self) -> str:
        return f"{self.person.name}（{self.number}）"


class Entry(Record):
    """One record in a file. `link` binds it to the one before, so that none can be altered, left out or put between."""

    org_path = "dossier__unit"
    person_path = "dossier__person"
    title_needs = ("dossier__person",)
    history: ClassVar[bool] = False

    dossier = models.ForeignKey(Dossier, models.PROTECT, verbose_name="档案", related_name="entries")
    serial = models.PositiveIntegerField("件号")
    range_key = models.CharField("归档范围", max_length=40)
    range_title = models.CharField("材料类别", max_length=60)
    period = models.CharField("阶段", max_length=12)
    title = models.CharField("题名", max_length=150)
    happened_on = models.DateField("形成日期")
    origin = models.CharField("来源", max_length=120)
    owner = models.CharField("形成单位", max_length=60)
    facts = models.JSONField("内容", default=list)
    file = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="原文", null=True, related_name="+"
    )
    file_digest = models.CharField("原文 SM3", max_length=64, blank=True)
    digest = models.CharField("内容 SM3", max_length=64)
    link = models.CharField("链值", max_length=64)
    secrecy = models.CharField("密级", max_length=8)
    keep_until = models.DateField("保管至", null=True, help_text="空为永久")
    replaces = models.ForeignKey(
        "self", models.PROTECT, verbose_name="更正", null=True, related_name="corrected_by"
    )

    class Meta:
        verbose_name = "档案材料"
        ordering = ("dossier", "serial")
        triggers = append_only()
        constraints = [models.UniqueConstraint(fields=["dossier", "serial"], name="dossier_entry_serial")]
        indexes = [models.Index(fields=["dossier", "origin"], name="dossier_entry_origin")]

    def __str__(self) -> str:
        return self.title


class Inspection(Record):
    """四性检测: one look through a file, with what each check found and a signed list of all that was there."""

    org_path = "dossier__unit"
    person_path = "dossier__person"
    title_needs = ("dossier__person",)
    history: ClassVar[bool] = False

    dossier = models.ForeignKey(Dossier, models.PROTECT, verbose_name="档案", related_name="inspections")
    by = models.CharField("检测人", max_length=60)
    is_sound = models.BooleanField("通过")
    findings = models.JSONField("检测项", default=list)
    entries_count = models.PositiveIntegerField("件数")
    manifest_digest = models.CharField("清单 SM3", max_length=64)
    signature = models.TextField("清单签名")

    class Meta:
        verbose_name = "四性检测"
        ordering = ("-pk",)
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} {'通过' if self.is_sound else '未通过'}"
