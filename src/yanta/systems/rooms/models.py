"""Bookings of rooms."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from yanta.kernel.base.models import Record


class Facility(Record):
    """A room as a place for meetings: what stands in it, who has to agree, how long it waits for somebody to come."""

    org_path = None
    org_path_reason = "会议室全校共用"
    title_needs = ("room__building",)

    room = models.OneToOneField("masterdata.Room", models.PROTECT, verbose_name="房间", related_name="+")
    projector = models.BooleanField("投影", default=True)
    microphones = models.BooleanField("话筒音响", default=False)
    video = models.BooleanField("视频会议", default=False)
    needs_approval = models.BooleanField("须审批", default=False, help_text="报告厅、大会议室")
    waits = models.PositiveSmallIntegerField(
        "签到等候（分钟）", default=15, help_text="开始后这么久没人签到就释放；0 为不要求签到"
    )
    opens_at = models.TimeField("开放", default=time(8))
    closes_at = models.TimeField("关闭", default=time(22))
    phone = models.CharField("管理员电话", max_length=20, blank=True)

    class Meta:
        verbose_name = "会议室"
        verbose_name_plural = "会议室"
        ordering = ("room__number",)
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="facility_opens",
                violation_error_message="关闭须晚于开放",
            )
        ]

    class Standard:
        source = "校内"
        subject = "meeting_room"
        owner = "后勤处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.room.building.name} {self.room.name}"


class Booking(Record):
    """A room taken for a time; the database itself refuses a second one."""

    org_path = "department"
    person_path = "booked_for"
    title_needs = ("room",)

    class Status(models.TextChoices):
        WAITING = "waiting", "待批准"
        BOOKED = "booked", "已预订"
        CANCELLED = "cancelled", "已取消"
        REFUSED = "refused", "未批准"
        RELEASED = "released", "无人签到已释放"

    # States in which nobody else gets the room.
    HELD = (Status.WAITING, Status.BOOKED)

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
    tea = models.BooleanField("茶水", default=False)
    microphones = models.BooleanField("话筒", default=False)
    video = models.BooleanField("视频会议", default=False)
    series = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="每次重复自",
        null=True,
        blank=True,
        related_name="repeats",
        editable=False,
    )
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.BOOKED, editable=False)
    opinion = models.CharField("意见", max_length=200, blank=True, editable=False)
    checked_in_at = models.DateTimeField("签到时间", null=True, blank=True, editable=False)

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
                condition=Q(status__in=["waiting", "booked"]),
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


class Participant(Record):
    """Somebody who is invited, and hears of every change."""

    org_path = "booking__department"
    person_path = "person"
    title_needs = ("person",)

    booking = models.ForeignKey(Booking, models.CASCADE, verbose_name="会议", related_name="participants")
    person = models.ForeignKey("people.Person", models.PROTECT, verbose_name="参加人", related_name="+")

    class Meta:
        verbose_name = "参加人"
        constraints = [models.UniqueConstraint(fields=["booking", "person"], name="participant_once")]

    class Standard:
        source = "校内"
        subject = "meeting_participant"
        owner = "后勤处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return self.person.name
