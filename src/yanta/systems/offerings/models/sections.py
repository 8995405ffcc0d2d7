"""Class sections: their classes, teachers, meetings and reserved seats."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record
from yanta.masterdata import weeks
from yanta.systems.offerings.models.offers import Offering
from yanta.systems.offerings.models.terms import RoomKind


class Section(Record):
    """One group of students taught together (教学班)."""

    org_path = "offering__department"
    title_needs = ("offering__course",)

    class Status(models.TextChoices):
        OPEN = "open", "开班"
        CANCELLED = "cancelled", "已停开"

    offering = models.ForeignKey(Offering, models.PROTECT, verbose_name="开课", related_name="sections")
    number = models.CharField("教学班号", max_length=40, unique=True, editable=False)
    name = models.CharField("教学班名称", max_length=80, blank=True)
    campus = models.ForeignKey(
        "masterdata.Campus", models.PROTECT, verbose_name="上课校区", null=True, blank=True, related_name="+"
    )
    size = models.PositiveSmallIntegerField("计划人数")
    capacity = models.PositiveSmallIntegerField("容量", help_text="不少于计划人数；选课时的上限")
    language = models.CharField("授课语言", max_length=10, default="中文")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.OPEN, editable=False)

    class Meta:
        verbose_name = "教学班"
        ordering = ("number",)
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity__gte=models.F("size")), name="section_holds_its_students",
                violation_error_message="容量不能少于计划人数",
            )
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "section"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.offering.course.name} {self.number.rpartition('-')[2]} 班"


class SectionClass(Record):
    """How many students of an administrative class sit in a section; over the sections they add up to the need."""

    org_path = "section__offering__department"
    title_needs = ("section__offering__course", "admin_class")

    section = models.ForeignKey(Section, models.PROTECT, verbose_name="教学班", related_name="classes")
    admin_class = models.ForeignKey(
        "masterdata.AdminClass", models.PROTECT, verbose_name="行政班", related_name="+"
    )
    size = models.PositiveSmallIntegerField("人数")

    class Meta:
        verbose_name = "教学班组成"
        ordering = ("section", "admin_class__code")
        constraints = [
            models.UniqueConstraint(
                fields=["section", "admin_class"], name="class_once_per_section", violation_error_message="这个班已在教学班里"
            )
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "section_class"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.admin_class.name} {self.section}"


class Teaching(Record):
    """A teacher's share of a section; the shares of a section add up to 1."""

    org_path = "section__offering__department"
    person_path = "teacher__person"
    title_needs = ("section__offering__course", "teacher__person")

    class Role(models.TextChoices):
        LEAD = "lead", "主讲"
        CO = "co", "合讲"
        ASSISTANT = "assistant", "辅导"

    section = models.ForeignKey(Section, models.PROTECT, verbose_name="教学班", related_name="teachings")
    teacher = models.ForeignKey(
        "masterdata.StaffMember", models.PROTECT, verbose_name="教师", related_name="+"
    )
    role = models.CharField("角色", max_length=10, choices=Role, default=Role.LEAD)
    share = models.DecimalField(
        "承担比例", max_digits=4, decimal_places=3, default=1, help_text="同一教学班合计为 1"
    )

    class Meta:
        verbose_name = "任课"
        ordering = ("section", "-share", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["section", "teacher"], name="teaching_once", violation_error_message="这位教师已在这个教学班"
            ),
            models.CheckConstraint(
                condition=Q(share__gte=0) & Q(share__lte=1), name="teaching_share_is_a_share",
                violation_error_message="承担比例须在 0 到 1 之间",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "teaching"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.teacher.person.name} {self.section}"


class Meeting(Record):
    """How a section meets: so many times a week, so many periods each, in these weeks, in such a room."""

    org_path = "section__offering__department"
    title_needs = ("section__offering__course",)

    class Kind(models.TextChoices):
        LECTURE = "lecture", "理论"
        LAB = "lab", "实验"
        EXERCISE = "exercise", "习题、研讨"
        PRACTICE = "practice", "实践"

    section = models.ForeignKey(Section, models.PROTECT, verbose_name="教学班", related_name="meetings")
    kind = models.CharField("环节", max_length=10, choices=Kind, default=Kind.LECTURE)
    weeks = models.CharField("周次", max_length=80, help_text="如 1-16、1-15单、2-16双、1-8,10-17")
    times = models.PositiveSmallIntegerField("每周次数", default=1)
    periods = models.PositiveSmallIntegerField("每次连排节数", default=2)
    room_kind = models.CharField("教室类型", max_length=10, choices=RoomKind, default=RoomKind.MEDIA)
    features = models.CharField(
        "教室设备", max_length=120, blank=True, help_text="用顿号分开，如 录播、可移动桌椅"
    )
    same_room = models.BooleanField("每次用同一教室", default=True)
    groups = models.PositiveSmallIntegerField(
        "分组数", default=1, help_text="同一环节分几组轮流上，如实验分 2 组"
    )

    class Meta:
        verbose_name = "上课安排"
        ordering = ("section", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(times__gte=1) & Q(times__lte=14) & Q(periods__gte=1) & Q(periods__lte=12),
                name="meeting_plausible", violation_error_message="每周 1 到 14 次，每次 1 到 12 节",
            ),
            models.CheckConstraint(condition=Q(groups__gte=1) & Q(groups__lte=12), name="meeting_groups_plausible"),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "meeting"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.section} {self.get_kind_display()}"

    @property
    def taught(self) -> str:
        """Its weeks as people read them."""
        return weeks.shown(self.weeks)


class Reservation(Record):
    """Seats of a section kept for some students when courses are selected."""

    org_path = "section__offering__department"
    title_needs = ("section__offering__course",)

    section = models.ForeignKey(Section, models.PROTECT, verbose_name="教学班", related_name="reservations")
    programme = models.ForeignKey(
        "masterdata.Programme", models.PROTECT, verbose_name="专业", null=True, blank=True, related_name="+"
    )
    grade = models.PositiveSmallIntegerField("年级", null=True, blank=True)
    campus = models.ForeignKey(
        "masterdata.Campus",
        models.PROTECT,
        verbose_name="学生所在校区",
        null=True,
        blank=True,
        related_name="+",
    )
    seats = models.PositiveSmallIntegerField("预留座位")
    note = models.CharField("说明", max_length=100, blank=True)

    class Meta:
        verbose_name = "预留座位"
        ordering = ("section", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["section", "programme", "grade", "campus"], name="reservation_once", nulls_distinct=False,
                violation_error_message="这些学生已有预留",
            ),
            models.CheckConstraint(
                condition=Q(seats__gt=0), name="reservation_of_seats", violation_error_message="预留至少 1 个座位"
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "seat_reservation"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.section} 预留 {self.seats}"
