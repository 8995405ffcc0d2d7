"""The register of instruments and equipment."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record
from yanta.kernel.codes.fields import CodeField


class Item(Record):
    """One piece of equipment, from acceptance to disposal; its asset number is given once and never again."""

    org_path = "department"

    class Status(models.TextChoices):
        IN_USE = "in_use", "在用"
        IDLE = "idle", "闲置"
        IN_REPAIR = "in_repair", "维修"
        TO_SCRAP = "to_scrap", "待报废"
        SCRAPPED = "scrapped", "已报废"

    number = models.CharField("资产编号", max_length=16, unique=True, editable=False)
    name = models.CharField("仪器名称", max_length=60)
    category = CodeField("资产大类", "GXZC16_FL")
    model_name = models.CharField("型号", max_length=60, blank=True)
    maker = models.CharField("生产厂家", max_length=80, blank=True)
    serial = models.CharField("出厂号", max_length=40, blank=True)
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="使用单位", related_name="+"
    )
    keeper = models.ForeignKey(
        "masterdata.StaffMember",
        models.PROTECT,
        verbose_name="保管人",
        null=True,
        blank=True,
        related_name="+",
    )
    room = models.ForeignKey(
        "masterdata.Room", models.PROTECT, verbose_name="存放地点", null=True, blank=True, related_name="+"
    )
    condition = CodeField("使用状况", "JYT1001_SYZK", blank=True)
    price = models.DecimalField("单价（元）", max_digits=12, decimal_places=2)
    bought_on = models.DateField("购置日期")
    warranty_until = models.DateField("保修截止", null=True, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.IN_USE, editable=False)

    class Meta:
        verbose_name = "仪器设备"
        ordering = ("-number",)
        constraints = [
            models.CheckConstraint(condition=Q(price__gt=0), name="equipment_price_positive"),
            models.UniqueConstraint(
                fields=["maker", "model_name", "serial"], condition=~Q(serial=""), name="equipment_serial_once",
                violation_error_message="同一厂家、型号、出厂号的设备已入账",
            ),
        ]  # fmt: skip

    class Standard:
        source = "JY/T 1002"
        subject = "asset"
        subset = "JCBX0301"
        fields = {
            "number": "YQH", "name": "YQMC", "category": "FLM", "model_name": "YQXH", "maker": "SCCJ", "serial": "CCH",
            "condition": "SYZKM", "price": "YQJG", "bought_on": "GZRQ", "warranty_until": "BXJZRQ",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name} {self.number}"
