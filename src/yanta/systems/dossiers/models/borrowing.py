"""Borrowing: applied for with a purpose, granted for periods of the file and a time; every look is noted."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record
from yanta.systems.dossiers.models.kept import Dossier, append_only


class Loan(Record):
    """One person may read parts of another's file until a day."""

    org_path = "dossier__unit"
    person_path = "borrower"
    title_needs = ("dossier__person", "borrower")

    class State(models.TextChoices):
        ASKED = "asked", "待审批"
        GRANTED = "granted", "借阅中"
        REFUSED = "refused", "未批准"
        ENDED = "ended", "已归还"

    dossier = models.ForeignKey(Dossier, models.PROTECT, verbose_name="档案", related_name="loans")
    borrower = models.ForeignKey("people.Person", models.PROTECT, verbose_name="借阅人", related_name="+")
    purpose = models.CharField("用途", max_length=200)
    periods = models.JSONField("阶段", default=list)
    days = models.PositiveSmallIntegerField("借阅天数")
    state = models.CharField("状态", max_length=8, choices=State, default=State.ASKED, editable=False)
    ends_on = models.DateField("借阅至", null=True, blank=True, editable=False, help_text="含当天")
    opinion = models.CharField("审批意见", max_length=200, blank=True, editable=False)
    decided_by = models.CharField("审批人", max_length=60, blank=True, editable=False)

    class Meta:
        verbose_name = "档案借阅"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=30), name="loan_days_limited"),
            models.CheckConstraint(
                condition=~Q(state="granted") | Q(ends_on__isnull=False), name="loan_granted_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.borrower} 借阅 {self.dossier}"

    def is_open(self, *, on: date) -> bool:
        return self.state == self.State.GRANTED and self.ends_on is not None and on <= self.ends_on


class Reading(Record):
    """Somebody looked into a file; written once, shown to the person."""

    org_path = "dossier__unit"
    person_path = "dossier__person"
    title_needs = ("dossier__person",)
    history: ClassVar[bool] = False

    dossier = models.ForeignKey(Dossier, models.PROTECT, verbose_name="档案", related_name="readings")
    reader = models.CharField("查看人", max_length=60)
    account_id = models.BigIntegerField("账号", null=True)
    basis = models.CharField("依据", max_length=120)
    what = models.CharField("内容", max_length=200)
    address = models.CharField("网络地址", max_length=45, blank=True)

    class Meta:
        verbose_name = "档案查看记录"
        ordering = ("-pk",)
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.reader} {self.what}"
