"""What is wrong with accounts, and the receipts of the checks that found it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yanta.kernel.base.models import Record
from yanta.kernel.identity.models.accounts import Account


class AccountCheck(Record):
    """One check of all accounts, with sums that add up: found = new + reopened + unchanged + explained."""

    org_path_reason = "核查由信息中心面向全校账号进行"
    history = False  # written once, when the check is over

    started_at = models.DateTimeField("开始时间")
    seconds = models.DecimalField("用时（秒）", max_digits=8, decimal_places=2)
    started_by = models.CharField("发起人", max_length=100)
    accounts = models.PositiveIntegerField("核查账号")
    found = models.PositiveIntegerField("发现")
    new = models.PositiveIntegerField("新发现")
    reopened = models.PositiveIntegerField("再次出现")
    unchanged = models.PositiveIntegerField("仍待处理")
    explained = models.PositiveIntegerField("已说明")
    settled = models.PositiveIntegerField("已消除")
    by_kind = models.JSONField("各类发现", default=dict)

    class Meta:
        verbose_name = "账号核查对账单"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(found=F("new") + F("reopened") + F("unchanged") + F("explained")),
                name="account_check_adds_up",
            )
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.started_at):%Y-%m-%d %H:%M} 账号核查"


class AccountFinding(Record):
    """One thing wrong with one account, from the check that first found it until one finds it no more."""

    org_path = "account__person__home_unit"
    person_path = "account__person"
    title_needs = ("account",)

    class Kind(models.TextChoices):
        ORPHAN = "orphan", "孤儿账号"
        ZOMBIE = "zombie", "僵尸账号"
        DORMANT = "dormant", "长期未激活"
        SHARED = "shared", "疑似多人共用"
        INITIAL = "initial", "初始密码未改"
        LEAKED = "leaked", "密码已泄露"
        SINGLE = "single", "特权无二次验证"
        GROUNDLESS = "groundless", "权限无依据"

    class State(models.TextChoices):
        OPEN = "open", "待处理"
        EXPLAINED = "explained", "已说明"
        SETTLED = "settled", "已消除"

    account = models.ForeignKey(
        Account, models.PROTECT, verbose_name="账号", related_name="findings", editable=False
    )
    kind = models.CharField("类别", max_length=10, choices=Kind, editable=False)
    state = models.CharField("状态", max_length=9, choices=State, default=State.OPEN, editable=False)
    detail = models.CharField("依据", max_length=300, editable=False)
    opened_at = models.DateTimeField("发现时间", editable=False)
    explanation = models.CharField("说明", max_length=200, blank=True, db_default="", editable=False)
    explained_by = models.CharField("说明人", max_length=100, blank=True, db_default="", editable=False)
    explained_until = models.DateField("说明有效至", null=True, editable=False)
    reminded_at = models.DateTimeField("上次提醒", null=True, editable=False)
    settled_at = models.DateTimeField("消除时间", null=True, editable=False)

    class Meta:
        verbose_name = "账号问题"
        ordering = ("-opened_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["account", "kind"], name="account_finding_once"),
            models.CheckConstraint(
                condition=~Q(state="explained") | (~Q(explanation="") & Q(explained_until__isnull=False)),
                name="account_finding_explained_until",
            ),
            models.CheckConstraint(
                condition=Q(state="settled", settled_at__isnull=False)
                | (~Q(state="settled") & Q(settled_at=None)),
                name="account_finding_settled_when",
            ),
        ]

    class Standard:
        source = "校内"
        subject = "account_finding"
        owner = "信息中心"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.account} {self.get_kind_display()}"
