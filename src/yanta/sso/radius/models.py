"""Networks that ask who somebody is, and which VLAN follows from what somebody is."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from yanta.kernel.access import roles
from yanta.kernel.base.models import Record
from yanta.kernel.people.models import Affiliation
from yanta.sso.applications.models import Application


class Door(Record):
    """One network as an application: its access rules say who may use it."""

    org_path = "application__owner"
    title_needs = ("application",)
    history_exclude = ("secret_digest", "updated_at")

    application = models.OneToOneField(
        Application, models.CASCADE, verbose_name="应用", related_name="radius_door"
    )
    secret_digest = models.CharField("密码摘要", max_length=64, blank=True, editable=False)
    vlan = models.PositiveSmallIntegerField(
        "默认 VLAN", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(4094)],
        help_text="没有规则符合时分到这里；留空则由接入点决定",
    )  # fmt: skip
    minutes = models.PositiveSmallIntegerField(
        "重新认证间隔（分钟）",
        default=480,
        validators=[MinValueValidator(5)],
        help_text="身份变化最迟在这之后生效于已连接的设备",
    )

    class Meta:
        verbose_name = "RADIUS 接口"

    def __str__(self) -> str:
        return f"{self.application}"


class VlanRule(Record):
    """Whoever is this gets that network; the first rule in order decides."""

    org_path = "door__application__owner"
    title_needs = ("door__application", "unit")

    door = models.ForeignKey(Door, models.CASCADE, verbose_name="网络", related_name="vlans")
    order = models.PositiveSmallIntegerField("次序", default=10)
    role = models.CharField(
        "角色", max_length=16, blank=True, choices=[(r.code, r.title) for r in roles.ROLES.values()]
    )
    affiliation = models.CharField("身份", max_length=16, blank=True, choices=Affiliation.Role)
    unit = models.ForeignKey(
        "organisation.OrgUnit",
        models.PROTECT,
        verbose_name="单位及下属",
        null=True,
        blank=True,
        related_name="+",
    )
    vlan = models.PositiveSmallIntegerField(
        "VLAN", validators=[MinValueValidator(1), MaxValueValidator(4094)]
    )

    class Meta:
        verbose_name = "VLAN 规则"
        ordering = ("door", "order", "pk")

    def __str__(self) -> str:
        return f"{self.order}：VLAN {self.vlan}"
