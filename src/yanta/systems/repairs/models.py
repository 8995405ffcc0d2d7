"""Faults, who mends them, with what."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from yanta.kernel.base.models import Record

OWNER = "后勤处"


class Trade(models.TextChoices):
    WATER = "water", "水暖"
    ELECTRIC = "electric", "电工"
    CARPENTRY = "carpentry", "木工门窗"
    COOLING = "cooling", "空调制冷"
    NETWORK = "network", "网络弱电"
    GENERAL = "general", "综合"


class Category(Record):
    """A kind of fault, whose trade it is, and how soon it is promised to be mended."""

    org_path = None
    org_path_reason = "报修类别全校统一"

    name = models.CharField("故障类别", max_length=40, unique=True)
    trade = models.CharField("工种", max_length=10, choices=Trade)
    hours = models.PositiveSmallIntegerField("承诺工时（小时）", help_text="每天 8 点到 18 点计")
    urgent_hours = models.PositiveSmallIntegerField("紧急时（小时）", help_text="昼夜连续计")
    is_urgent = models.BooleanField("一律按紧急", default=False, help_text="如跑水、断电、电梯困人")

    class Meta:
        verbose_name = "报修类别"
        ordering = ("trade", "name")
        constraints = [
            models.CheckConstraint(
                condition=Q(hours__gte=1) & Q(urgent_hours__gte=1), name="repair_category_promises",
                violation_error_message="承诺时间至少 1 小时",
            )
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "repair_category"
        owner = OWNER
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return self.name


class Worker(Record):
    """Somebody who mends: trades, part of the school, whether on duty today."""

    org_path = "department"
    person_path = "person"
    title_needs = ("person",)

    person = models.OneToOneField("people.Person", models.PROTECT, verbose_name="维修人员", related_name="+")
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="单位", related_name="+"
    )
    trade = models.CharField("工种", max_length=10, choices=Trade)
    second_trade = models.CharField("兼做", max_length=10, choices=Trade, blank=True)
    campus = models.ForeignKey(
        "masterdata.Campus", models.PROTECT, verbose_name="片区", null=True, blank=True, related_name="+",
        help_text="留空为全校",
    )  # fmt: skip
    is_on_duty = models.BooleanField("在班", default=True)

    class Meta:
        verbose_name = "维修人员"
        ordering = ("trade", "pk")

    class Standard:
        source = "校内"
        subject = "repair_worker"
        owner = OWNER
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.person.name}（{self.get_trade_display()}）"


class Material(Record):
    """A spare part in the store; the database refuses to hand out what is not there."""

    org_path = None
    org_path_reason = "维修材料库全校共用"

    name = models.CharField("材料", max_length=60)
    spec = models.CharField("规格", max_length=60, blank=True)
    unit = models.CharField("单位", max_length=8, default="个")
    price = models.DecimalField("单价（元）", max_digits=8, decimal_places=2)
    stock = models.IntegerField("库存", default=0)
    minimum = models.PositiveIntegerField("最低库存", default=0)

    class Meta:
        verbose_name = "维修材料"
        ordering = ("name", "spec")
        constraints = [
            models.UniqueConstraint(
                fields=["name", "spec"], name="repair_material_once", violation_error_message="库里已有这种材料"
            ),
            models.CheckConstraint(
                condition=Q(stock__gte=0), name="repair_stock_covers", violation_error_message="库存不够"
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "repair_material"
        owner = OWNER
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.name} {self.spec}".strip()


class Order(Record):
    """One fault, from the report to the reporter's word that it is mended."""

    org_path = "department"
    person_path = "reporter"
    title_needs = ("category", "room__building")

    class Urgency(models.TextChoices):
        NORMAL = "normal", "一般"
        URGENT = "urgent", "紧急"

    class Status(models.TextChoices):
        REPORTED = "reported", "待派工"
        ASSIGNED = "assigned", "已派工"
        MENDING = "mending", "维修中"
        MENDED = "mended", "待确认"
        CLOSED = "closed", "已完成"
        CANCELLED = "cancelled", "已取消"

    OPEN = (Status.REPORTED, Status.ASSIGNED, Status.MENDING)

    room = models.ForeignKey("masterdata.Room", models.PROTECT, verbose_name="房间", related_name="+")
    spot = models.CharField(
        "具体位置", max_length=60, blank=True, help_text="如“靠窗第二盏灯”；公共区域写在这里"
    )
    category = models.ForeignKey(Category, models.PROTECT, verbose_name="故障类别", related_name="+")
    description = models.CharField("故障描述", max_length=300)
    urgency = models.CharField("紧急程度", max_length=8, choices=Urgency, default=Urgency.NORMAL)
    photo = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="照片", null=True, blank=True, related_name="+"
    )
    phone = models.CharField("联系电话", max_length=20, blank=True)
    visit = models.CharField("方便上门的时间", max_length=60, blank=True)
    reporter = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="报修人", related_name="+", editable=False
    )
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="报修人单位", related_name="+", editable=False
    )
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.REPORTED, editable=False)
    reported_at = models.DateTimeField("报修时间", editable=False)
    promised_at = models.DateTimeField("承诺修好", editable=False)
    mended_at = models.DateTimeField("修好时间", null=True, blank=True, editable=False)
    closed_at = models.DateTimeField("确认时间", null=True, blank=True, editable=False)
    reworks = models.PositiveSmallIntegerField("返修次数", default=0, editable=False)
    cost = models.DecimalField("材料费（元）", max_digits=9, decimal_places=2, default=0, editable=False)

    class Meta:
        verbose_name = "报修单"
        ordering = ("-pk",)
        indexes = [models.Index(fields=["room", "status"], name="repair_order_room")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=["mended", "closed"]) | Q(mended_at__isnull=False), name="repair_mended_when"
            ),
            models.CheckConstraint(condition=Q(promised_at__gt=F("reported_at")), name="repair_promised_after"),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "repair_order"
        owner = OWNER
        fields: ClassVar[dict[str, str]] = {}
        levels: ClassVar = {"phone": 3, "reported_at": 1, "reworks": 1}

    def __str__(self) -> str:
        return f"{self.room.building.name} {self.room.name} {self.category.name}"

    @property
    def number(self) -> str:
        return f"WX{self.pk:07d}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    def is_late(self, *, at: datetime) -> bool:
        return (self.mended_at or at) > self.promised_at


class Follower(Record):
    """Somebody else who met the same fault and wants to hear of it."""

    org_path = "order__department"
    person_path = "person"

    order = models.ForeignKey(Order, models.CASCADE, verbose_name="报修单", related_name="followers")
    person = models.ForeignKey("people.Person", models.PROTECT, verbose_name="同样遇到的人", related_name="+")

    class Meta:
        verbose_name = "也遇到的人"
        constraints = [models.UniqueConstraint(fields=["order", "person"], name="repair_followed_once")]

    def __str__(self) -> str:
        return self.person.name


class Job(Record):
    """One worker's part in an order; a fault that is mended twice has two."""

    org_path = "worker__department"
    person_path = "worker__person"
    title_needs = ("order__category", "order__room__building")

    class Status(models.TextChoices):
        ASSIGNED = "assigned", "待接单"
        ACCEPTED = "accepted", "已接单"
        ON_THE_WAY = "on_the_way", "在路上"
        FINISHED = "finished", "已修好"
        RETURNED = "returned", "已退回"

    LIVE = (Status.ASSIGNED, Status.ACCEPTED, Status.ON_THE_WAY)

    order = models.ForeignKey(Order, models.PROTECT, verbose_name="报修单", related_name="jobs")
    worker = models.ForeignKey(Worker, models.PROTECT, verbose_name="维修人员", related_name="jobs")
    status = models.CharField("状态", max_length=12, choices=Status, default=Status.ASSIGNED, editable=False)
    assigned_by = models.CharField("派工人", max_length=60, blank=True, editable=False)
    assigned_at = models.DateTimeField("派工时间", editable=False)
    accepted_at = models.DateTimeField("接单时间", null=True, blank=True, editable=False)
    finished_at = models.DateTimeField("完工时间", null=True, blank=True, editable=False)
    result = models.CharField("处理结果", max_length=300, blank=True, editable=False)
    photo = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="完工照片", null=True, blank=True, related_name="+", editable=False
    )  # fmt: skip

    class Meta:
        verbose_name = "派工单"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(status__in=["assigned", "accepted", "on_the_way"]), name="repair_one_live_job",
                violation_error_message="这份报修已派给别人",
            )
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "repair_job"
        owner = OWNER
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return str(self.order)


class Used(Record):
    """Material taken for a job, at the price of that day."""

    org_path = "job__worker__department"
    person_path = "job__worker__person"
    title_needs = ("material",)

    job = models.ForeignKey(Job, models.PROTECT, verbose_name="派工单", related_name="used")
    material = models.ForeignKey(Material, models.PROTECT, verbose_name="材料", related_name="+")
    quantity = models.PositiveIntegerField("数量")
    price = models.DecimalField("单价（元）", max_digits=8, decimal_places=2)

    class Meta:
        verbose_name = "用料"
        constraints = [models.CheckConstraint(condition=Q(quantity__gte=1), name="repair_used_some")]

    class Standard:
        source = "校内"
        subject = "repair_used"
        owner = OWNER
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.material} × {self.quantity}"
