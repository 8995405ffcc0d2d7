"""The fleet, those who drive it, who asked for a ride and which run took them."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from yanta.kernel.base.models import Record

OWNER = "后勤处"
SCHOOL_WIDE = "公务用车由车队统一调配"


def _during() -> Func:
    return Func(
        F("starts_at"), F("ends_at"), RangeBoundary(), function="TSTZRANGE", output_field=DateTimeRangeField()
    )


class Vehicle(Record):
    """One vehicle of the fleet with the dates after which it may not go out."""

    org_path = None
    org_path_reason = SCHOOL_WIDE

    class Kind(models.TextChoices):
        CAR = "car", "轿车"
        VAN = "van", "商务车"
        BUS = "bus", "大客车"
        TRUCK = "truck", "货车"

    class Status(models.TextChoices):
        IN_USE = "in_use", "在用"
        IN_REPAIR = "in_repair", "维修"
        RETIRED = "retired", "停用"

    plate = models.CharField("车牌号", max_length=10, unique=True)
    kind = models.CharField("车型", max_length=8, choices=Kind)
    model_name = models.CharField("品牌型号", max_length=40)
    seats = models.PositiveSmallIntegerField("可乘人数", help_text="不含司机")
    campus = models.ForeignKey("masterdata.Campus", models.PROTECT, verbose_name="停放校区", related_name="+")
    price_per_km = models.DecimalField("每公里费用（元）", max_digits=6, decimal_places=2)
    inspected_until = models.DateField("年检有效期至")
    insured_until = models.DateField("保险有效期至")
    mileage = models.PositiveIntegerField("里程表（公里）", default=0)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.IN_USE)

    class Meta:
        verbose_name = "车辆"
        ordering = ("kind", "plate")
        constraints = [
            models.CheckConstraint(
                condition=Q(seats__gte=1) & Q(seats__lte=60), name="vehicle_seats_plausible",
                violation_error_message="可乘人数在 1 到 60 之间",
            )
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "vehicle"
        owner = OWNER
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.plate} {self.get_kind_display()}"

    def refusal_on(self, on: date) -> str | None:
        """Why it may not go out on this day, or None."""
        if self.status != self.Status.IN_USE:
            return f"{self.plate} {self.get_status_display()}"
        if self.inspected_until < on:
            return f"{self.plate} 年检 {self.inspected_until:%Y-%m-%d} 到期"
        if self.insured_until < on:
            return f"{self.plate} 保险 {self.insured_until:%Y-%m-%d} 到期"
        return None


class Driver(Record):
    """A driver with the licence; which vehicles it allows follows from its class."""

    org_path = "department"
    person_path = "person"
    title_needs = ("person",)

    class Licence(models.TextChoices):
        A1 = "A1", "A1（大型客车）"
        B1 = "B1", "B1（中型客车）"
        B2 = "B2", "B2（大型货车）"
        C1 = "C1", "C1（小型汽车）"

    person = models.OneToOneField("people.Person", models.PROTECT, verbose_name="司机", related_name="+")
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="单位", related_name="+"
    )
    licence = models.CharField("准驾车型", max_length=4, choices=Licence)
    licence_until = models.DateField("驾驶证有效期至")
    phone = models.CharField("值班电话", max_length=20, blank=True)
    is_on_duty = models.BooleanField("在班", default=True)

    class Meta:
        verbose_name = "司机"
        ordering = ("pk",)

    class Standard:
        source = "校内"
        subject = "driver"
        owner = OWNER
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.person.name}（{self.licence}）"


class Run(Record):
    """One vehicle out with one driver; the database refuses either twice at the same time."""

    org_path = "driver__department"
    person_path = "driver__person"
    title_needs = ("vehicle", "driver__person")

    class Status(models.TextChoices):
        PLANNED = "planned", "待出车"
        OUT = "out", "出车中"
        BACK = "back", "已回"
        CANCELLED = "cancelled", "已取消"

    LIVE = (Status.PLANNED, Status.OUT, Status.BACK)

    vehicle = models.ForeignKey(Vehicle, models.PROTECT, verbose_name="车辆", related_name="runs")
    driver = models.ForeignKey(Driver, models.PROTECT, verbose_name="司机", related_name="runs")
    starts_at = models.DateTimeField("出发")
    ends_at = models.DateTimeField("预计返回")
    route = models.CharField("路线", max_length=120)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PLANNED, editable=False)
    km_before = models.PositiveIntegerField("出车里程", null=True, blank=True, editable=False)
    km_after = models.PositiveIntegerField("回车里程", null=True, blank=True, editable=False)
    tolls = models.DecimalField("过路停车费（元）", max_digits=8, decimal_places=2, default=0, editable=False)
    note = models.CharField("备注", max_length=200, blank=True)

    class Meta:
        verbose_name = "出车"
        ordering = ("-starts_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="run_forward", violation_error_message="返回须晚于出发"
            ),
            models.CheckConstraint(
                condition=Q(km_after__isnull=True) | Q(km_after__gte=F("km_before")), name="run_meter_forward",
                violation_error_message="回车里程不能小于出车里程",
            ),
            *(
                ExclusionConstraint(
                    name=f"run_{who}_once_at_a_time",
                    expressions=[(who, RangeOperators.EQUAL), (_during(), RangeOperators.OVERLAPS)],
                    condition=Q(status__in=["planned", "out"]), violation_error_message=words,
                )
                for who, words in (("vehicle", "这辆车这段时间已派出"), ("driver", "这位司机这段时间已有任务"))
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "vehicle_run"
        owner = OWNER
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.vehicle.plate} {self.route}"

    @property
    def km(self) -> int:
        return (self.km_after or 0) - (self.km_before or 0)


class Ride(Record):
    """Somebody's request to be driven, from the application to the ride."""

    org_path = "department"
    person_path = "applicant"

    class Status(models.TextChoices):
        ASKED = "asked", "待单位审批"
        ENDORSED = "endorsed", "待派车"
        PLANNED = "planned", "已派车"
        DONE = "done", "已用车"
        REFUSED = "refused", "未批准"
        WITHDRAWN = "withdrawn", "已撤回"

    LIVE = (Status.ASKED, Status.ENDORSED, Status.PLANNED)

    applicant = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="申请人", related_name="+", editable=False
    )
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="用车单位", related_name="+"
    )
    purpose = models.CharField("事由", max_length=120)
    origin = models.CharField("上车地点", max_length=60)
    destination = models.CharField("目的地", max_length=60)
    starts_at = models.DateTimeField("用车时间")
    ends_at = models.DateTimeField("预计返回")
    people = models.PositiveSmallIntegerField("乘车人数", default=1)
    passengers = models.CharField("乘车人", max_length=200, blank=True)
    goods = models.CharField("携带物品", max_length=100, blank=True, help_text="有大件时写明")
    phone = models.CharField("联系电话", max_length=20, blank=True)
    shares = models.BooleanField("可以拼车", default=True)
    run = models.ForeignKey(
        Run, models.PROTECT, verbose_name="派车", null=True, blank=True, related_name="rides", editable=False
    )
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.ASKED, editable=False)
    opinion = models.CharField("意见", max_length=200, blank=True, editable=False)
    decided_by = models.CharField("审批人", max_length=60, blank=True, editable=False)
    cost = models.DecimalField(
        "费用（元）", max_digits=8, decimal_places=2, null=True, blank=True, editable=False
    )

    class Meta:
        verbose_name = "用车申请"
        ordering = ("-starts_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="ride_forward", violation_error_message="返回须晚于出发"
            ),
            models.CheckConstraint(
                condition=Q(people__gte=1) & Q(people__lte=60), name="ride_people_plausible",
                violation_error_message="人数在 1 到 60 之间",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["planned", "done"]) | Q(run__isnull=False), name="ride_planned_has_a_run"
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "vehicle_ride"
        owner = OWNER
        fields: ClassVar[dict[str, str]] = {}
        levels: ClassVar = {"phone": 3, "cost": 1}

    def __str__(self) -> str:
        return f"{self.origin}到{self.destination}"


class Fuel(Record):
    """One filling or charging, with the meter's reading."""

    org_path = None
    org_path_reason = SCHOOL_WIDE
    title_needs = ("vehicle",)

    vehicle = models.ForeignKey(Vehicle, models.PROTECT, verbose_name="车辆", related_name="fuels")
    filled_on = models.DateField("日期")
    litres = models.DecimalField("数量（升或度）", max_digits=7, decimal_places=2)
    amount = models.DecimalField("金额（元）", max_digits=8, decimal_places=2)
    mileage = models.PositiveIntegerField("里程表（公里）")
    by = models.CharField("经办人", max_length=60, blank=True)

    class Meta:
        verbose_name = "加油充电"
        ordering = ("-filled_on", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(litres__gt=0) & Q(amount__gt=0), name="fuel_positive", violation_error_message="数量和金额须大于零"
            ),
            models.UniqueConstraint(
                fields=["vehicle", "mileage", "filled_on"], name="fuel_once", violation_error_message="这一笔已登记"
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "vehicle_fuel"
        owner = OWNER
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.vehicle.plate} {self.filled_on}"
