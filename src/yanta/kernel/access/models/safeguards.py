"""What keeps administrators honest: proposals that another decides on, the account under seal."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from yanta.kernel.access import roles
from yanta.kernel.access.models.grants import RoleGrant
from yanta.kernel.base.models import Record


class RoleProposal(Record):
    """A right that the system administrator sets and the security administrator decides on."""

    org_path = "org_unit"
    person_path = "account__person"
    title_needs = ("account", "org_unit")

    class State(models.TextChoices):
        WAITING = "waiting", "待批准"
        GRANTED = "granted", "已批准"
        TURNED_DOWN = "turned_down", "未批准"
        TAKEN_BACK = "taken_back", "已撤回"

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="账号", related_name="+"
    )
    role = models.CharField("角色", max_length=16, choices=roles.RoleCode)
    org_unit = models.ForeignKey(
        "organisation.OrgUnit",
        models.PROTECT,
        verbose_name="管理范围",
        null=True,
        blank=True,
        related_name="+",
    )
    gives = models.JSONField("可授予的角色", default=list, blank=True)
    reason = models.CharField("依据", max_length=200)
    valid_to = models.DateField("至", null=True, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="提请人", related_name="+"
    )
    state = models.CharField("状态", max_length=12, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="批准人", null=True, related_name="+"
    )
    opinion = models.CharField("意见", max_length=200, blank=True)
    grant = models.ForeignKey(RoleGrant, models.SET_NULL, verbose_name="授权", null=True, related_name="+")

    class Meta:
        verbose_name = "授权提请"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.account} {self.get_role_display()}"


class EmergencyAccount(Record):
    """An account under seal for the day on which nothing else opens; two envelopes hold half its password each."""

    org_path_reason = "应急账号属于全校，由系统、安全、审计管理员共同看管"

    class State(models.TextChoices):
        SEALED = "sealed", "封存"
        OPENED = "opened", "已启用"
        RETIRED = "retired", "已注销"

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="账号", related_name="emergency"
    )
    purpose = models.CharField("用途", max_length=100)
    first_keeper = models.CharField("甲信封保管", max_length=100)
    second_keeper = models.CharField("乙信封保管", max_length=100)
    state = models.CharField("状态", max_length=8, choices=State, default=State.SEALED)
    sealed_at = models.DateTimeField("封存时间")
    sealed_by = models.CharField("封存人", max_length=100)
    serial = models.PositiveIntegerField("封存次数", default=1)
    opened_at = models.DateTimeField("启用时间", null=True)
    opened_from = models.CharField("启用地址", max_length=100, blank=True)

    class Meta:
        verbose_name = "应急账号"
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.account}"
