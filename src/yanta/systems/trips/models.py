"""Business trips: asked for, decided, reported back; and what may be spent where."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from yanta.kernel.base.models import Record
from yanta.kernel.codes.fields import CodeField

OWNER = "人事处"


class Allowance(Record):
    """差旅费标准: the most that lodging costs per night by level, and the daily sums, of one place."""

    org_path = None
    org_path_reason = "差旅费标准全校统一"

    place = models.CharField("目的地", max_length=30)
    months = models.CharField("旺季月份", max_length=30, blank=True, help_text="如“7-9月”；全年一样留空")
    first = models.PositiveIntegerField("住宿：一类人员（元/晚）")
    second = models.PositiveIntegerField("住宿：二类人员（元/晚）")
    third = models.PositiveIntegerField("住宿：其他人员（元/晚）")
    meals = models.PositiveIntegerField("伙食补助（元/天）", default=100)
    transport = models.PositiveIntegerField("市内交通（元/天）", default=80)
    source = models.CharField("依据", max_length=80)

    class Meta:
        verbose_name = "差旅费标准"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["place", "months"], name="allowance_once", violation_error_message="这个目的地已有标准"
            ),
            models.CheckConstraint(
                condition=Q(first__gte=F("second")) & Q(second__gte=F("third")), name="allowance_descends",
                violation_error_message="住宿标准应一类不低于二类、二类不低于其他",
            ),
        ]  # fmt: skip

    class Standard:
        source = "财政部差旅费管理办法"
        subject = "travel_allowance"
        owner = "财务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.place}（{self.months}）" if self.months else self.place


class Trip(Record):
    """One person away on business, from the application to the report."""

    org_path = "department"
    person_path = "traveller"
    title_needs = ("traveller", "allowance")

    class Kind(models.TextChoices):
        MEETING = "meeting", "参加会议"
        RESEARCH = "research", "科研调研"
        TEACHING = "teaching", "教学实习"
        TRAINING = "training", "培训学习"
        WORK = "work", "公务联系"

    class Transport(models.TextChoices):
        TRAIN = "train", "火车高铁"
        PLANE = "plane", "飞机"
        SHIP = "ship", "轮船"
        CAR = "car", "公车或租车"

    class Status(models.TextChoices):
        ASKED = "asked", "待单位审批"
        ENDORSED = "endorsed", "待学校审批"
        GRANTED = "granted", "已批准"
        REPORTED = "reported", "已回报"
        REFUSED = "refused", "未批准"
        WITHDRAWN = "withdrawn", "已撤回"

    LIVE = (Status.ASKED, Status.ENDORSED, Status.GRANTED)

    traveller = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="出差人", related_name="+", editable=False
    )
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="单位", related_name="+", editable=False
    )
    kind = models.CharField("类别", max_length=10, choices=Kind)
    purpose = models.CharField("事由", max_length=200)
    allowance = models.ForeignKey(
        Allowance, models.PROTECT, verbose_name="目的地（境内）", null=True, blank=True, related_name="+"
    )
    country = CodeField("国家或地区（境外）", "GBT2659_GJDQ", blank=True)
    place = models.CharField("具体地点", max_length=100, help_text="到区县或会场；去几个地方的逐一写")
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", help_text="含路途")
    transport = models.CharField("交通工具", max_length=8, choices=Transport, default=Transport.TRAIN)
    fare = models.DecimalField("往返交通费（元）", max_digits=8, decimal_places=2, default=0)
    companions = models.CharField("同行人", max_length=200, blank=True)
    budget = models.CharField("经费项目", max_length=100, help_text="经费号或项目名称")
    advance = models.DecimalField("预借（元）", max_digits=8, decimal_places=2, default=0)
    handover = models.CharField(
        "工作安排", max_length=200, blank=True, help_text="不在校期间的课和工作怎样安排"
    )
    level = models.PositiveSmallIntegerField("人员类别", default=3, editable=False)
    estimate = models.DecimalField(
        "标准内费用（元）", max_digits=9, decimal_places=2, default=0, editable=False
    )
    clashes = models.PositiveSmallIntegerField("冲突的课（节）", default=0, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.ASKED, editable=False)
    opinion = models.CharField("意见", max_length=200, blank=True, editable=False)
    decided_by = models.CharField("审批人", max_length=60, blank=True, editable=False)
    returned_on = models.DateField("实际返回", null=True, blank=True, editable=False)
    spent = models.DecimalField(
        "实际费用（元）", max_digits=9, decimal_places=2, null=True, blank=True, editable=False
    )
    report = models.TextField("出差报告", max_length=2000, blank=True, editable=False)

    class Meta:
        verbose_name = "出差"
        ordering = ("-starts_on",)
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="trip_forward", violation_error_message="结束日期不能早于开始日期"
            ),
            models.CheckConstraint(
                condition=Q(allowance__isnull=False, country="") | (Q(allowance__isnull=True) & ~Q(country="")),
                name="trip_home_or_abroad", violation_error_message="境内选目的地，境外选国家或地区，只填一个",
            ),
            ExclusionConstraint(
                name="trip_no_overlap",
                expressions=[
                    ("traveller", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_on"), F("ends_on"), RangeBoundary(inclusive_upper=True), function="DATERANGE",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(status__in=["asked", "endorsed", "granted"]),
                violation_error_message="这几天已有一次出差",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "trip"
        owner = OWNER
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.traveller.name}赴{self.where} {self.starts_on:%m-%d}"

    @property
    def is_abroad(self) -> bool:
        return bool(self.country)

    @property
    def where(self) -> str:
        return self.allowance.place if self.allowance else self.place

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1
