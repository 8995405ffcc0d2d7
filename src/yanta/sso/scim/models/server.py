"""What an application may read here, what it calls people itself, and what it made."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record
from yanta.sso.applications.models import Application


class Door(Record):
    """An application may use the SCIM server; writing needs a host who answers for what is opened."""

    org_path = "application__owner"
    title_needs = ("application",)

    application = models.OneToOneField(
        Application, models.CASCADE, verbose_name="应用", related_name="scim_door"
    )
    may_write = models.BooleanField(
        "可开通访客账号和自建分组", default=False, help_text="学籍和任职产生的账号任何应用都不能改"
    )
    sponsor = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="担保人", null=True, blank=True, related_name="+",
        help_text="对这个应用开通的访客账号负责；担保人离校，账号即停用",
    )  # fmt: skip
    unit = models.ForeignKey(
        "organisation.OrgUnit",
        models.PROTECT,
        verbose_name="邀请单位",
        null=True,
        blank=True,
        related_name="+",
    )
    days = models.PositiveSmallIntegerField(
        "访客账号有效天数", default=90, validators=[MinValueValidator(1), MaxValueValidator(180)]
    )
    rows_an_hour = models.PositiveIntegerField(
        "每小时最多读取", default=20_000, help_text="人员与分组成员合计的条数"
    )

    class Meta:
        verbose_name = "SCIM 接口"
        constraints = [
            models.CheckConstraint(
                condition=Q(may_write=False) | (Q(sponsor__isnull=False) & Q(unit__isnull=False)),
                name="scim_writer_has_a_sponsor", violation_error_message="允许开通账号时，须指定担保人和邀请单位",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.application}"


class Link(Record):
    """What one application calls an account, and whether it opened it."""

    org_path = "application__owner"
    title_needs = ("application", "account")
    history_exclude = ("note",)  # the application's own business

    application = models.ForeignKey(Application, models.CASCADE, verbose_name="应用", related_name="+")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="账号", related_name="scim_links"
    )
    external_id = models.CharField("对方标识", max_length=200, blank=True)
    note = models.CharField("对方备注", max_length=200, blank=True)
    is_sponsored = models.BooleanField("由它开通", default=False)
    ended_at = models.DateTimeField("删除时间", null=True, blank=True)

    class Meta:
        verbose_name = "SCIM 账号对应"
        constraints = [
            models.UniqueConstraint(fields=["application", "account"], name="scim_link_once"),
            models.UniqueConstraint(
                fields=["application", "external_id"],
                condition=~Q(external_id="") & Q(ended_at=None),
                name="scim_external_id_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application}：{self.account}"


class OwnGroup(Record):
    """A group that an application made for itself; no other application sees it."""

    org_path = "application__owner"

    application = models.ForeignKey(
        Application, models.CASCADE, verbose_name="应用", related_name="own_groups"
    )
    name = models.CharField("分组名称", max_length=100)
    external_id = models.CharField("对方标识", max_length=200, blank=True)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name="成员", blank=True, related_name="own_groups"
    )

    class Meta:
        verbose_name = "应用自建分组"
        constraints = [models.UniqueConstraint(fields=["application", "name"], name="scim_group_name_once")]

    def __str__(self) -> str:
        return self.name
