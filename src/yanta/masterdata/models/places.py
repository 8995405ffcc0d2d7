"""Campuses, buildings, rooms."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record
from yanta.kernel.codes.fields import CodeField

ORG_REASON = "场所是全校共用的名词"


class Campus(Record):
    org_path = None
    org_path_reason = ORG_REASON

    code = models.CharField("校区号", max_length=2, unique=True)
    name = models.CharField("校区名称", max_length=40, unique=True)
    address = models.CharField("校区地址", max_length=180, blank=True)

    class Meta:
        verbose_name = "校区"
        ordering = ("code",)

    class Standard:
        source = "JY/T 1002"
        subject = "campus"
        subset = "JCXX0102"
        owner = "校办"
        fields = {"code": "XQH", "name": "XQMC", "address": "XQDZ"}

    def __str__(self) -> str:
        return self.name


class Building(Record):
    org_path = None
    org_path_reason = ORG_REASON

    code = models.CharField("建筑物号", max_length=10, unique=True)
    name = models.CharField("建筑物名称", max_length=60)
    campus = models.ForeignKey(Campus, models.PROTECT, verbose_name="校区", related_name="buildings")
    kind = CodeField("用途", "JYT1001_JZWYT", blank=True)
    floors = models.PositiveSmallIntegerField("层数", default=1)
    area = models.DecimalField("总建筑面积（㎡）", max_digits=9, decimal_places=2, null=True, blank=True)
    built_in = models.PositiveSmallIntegerField("建成年", null=True, blank=True)

    class Meta:
        verbose_name = "楼宇"
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(fields=["campus", "name"], name="building_name_once_per_campus")
        ]

    class Standard:
        source = "JY/T 1002"
        subject = "building"
        subset = "JCBX0202"
        owner = "资产处"
        fields = {"code": "JZWH", "name": "JZWMC", "floors": "JZWCS", "area": "ZJZMJ"}

    def __str__(self) -> str:
        return self.name


class Room(Record):
    org_path = None
    org_path_reason = ORG_REASON

    number = models.CharField("房间号", max_length=12, unique=True, help_text="建筑物号 + 房间，如 1A0-203")
    name = models.CharField("房间名称", max_length=60)
    building = models.ForeignKey(Building, models.PROTECT, verbose_name="楼宇", related_name="rooms")
    floor = models.SmallIntegerField("楼层")
    use = CodeField("房间用途", "JYT1001_FJYT", blank=True)
    seats = models.PositiveSmallIntegerField("座位数", default=0)
    area = models.DecimalField("使用面积（㎡）", max_digits=7, decimal_places=2, null=True, blank=True)
    unit = models.ForeignKey(
        "organisation.OrgUnit",
        models.PROTECT,
        verbose_name="使用单位",
        null=True,
        blank=True,
        related_name="+",
    )
    is_bookable = models.BooleanField("可借用", default=False)

    class Meta:
        verbose_name = "房间"
        ordering = ("number",)
        constraints = [models.CheckConstraint(condition=Q(seats__lte=5000), name="room_seats_plausible")]

    class Standard:
        source = "JY/T 1002"
        subject = "room"
        subset = "JCBX0203"
        owner = "资产处"
        fields = {"number": "FJH", "name": "FJMC", "use": "FJYTM", "floor": "FJLC", "area": "FJSYMJ"}

    def __str__(self) -> str:
        return self.name
