"""Bookings of rooms."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from yanta.kernel.base.models import Record


class Booking(Record):
    """A room taken for a time; the database itself refuses a second one."""

    org_path = "department"
    person_path = "booked_for"
    title_needs = ("room",)

    class Status(models.TextChoices):
        BOOKED = "booked", "已预订"
        CANCELLED = "cancelled", "已取消"

    room = models.ForeignKey(
        "masterdata.Room",
        models.PROTECT,
        verbose_name="房间",
        related_name="+",
        limit_choices_to={"is_bookable": True},
    )
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="借用单位", related_name="+"
    )
    booked_for = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="借用人", null=True, blank=True, related_name="+"
    )
    purpose = models.CharField("用途", max_length=100)
    attendance = models.PositiveSmallIntegerField("人数", default=1)
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.BOOKED, editable=False)

    class Meta:
        verbose_name = "房间借用"
        ordering = ("-starts_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="booking_forward",
                violation_error_message="结束时间须晚于开始时间",
            ),
            ExclusionConstraint(
                name="booking_no_overlap",
                expressions=[
                    ("room", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_at"), F("ends_at"), RangeBoundary(), function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(status="booked"),
                violation_error_message="这个时段房间已被借用，请换一个时段或房间",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "booking"
        owner = "后勤处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.room} {self.purpose}"
