"""What teaching needs from year to year: rooms as classrooms, who may teach what, how work is weighed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record


class RoomKind(models.TextChoices):
    """Kinds of classrooms as timetables know them; finer than the national code of a room's use."""

    PLAIN = "plain", "普通教室"
    MEDIA = "media", "多媒体教室"
    SMART = "smart", "智慧教室"
    COMPUTER = "computer", "计算机房"
    LANGUAGE = "language", "语音室"
    LAB = "lab", "实验室"
    SPORT = "sport", "体育场地"
    STUDIO = "studio", "专用教室"
    NONE = "none", "不占教室"


class TeachingRoom(Record):
    """A room of the school as a classroom: its kind, equipment and the seats that may be filled."""

    org_path = None
    org_path_reason = "教室由教务处在全校统一调度"
    title_needs = ("room",)

    room = models.OneToOneField("masterdata.Room", models.PROTECT, verbose_name="房间", related_name="+")
    kind = models.CharField("教室类型", max_length=10, choices=RoomKind, default=RoomKind.MEDIA)
    capacity = models.PositiveSmallIntegerField("上课容量")
    features = models.CharField("教室设备", max_length=120, blank=True, help_text="用顿号分开")
    is_open = models.BooleanField("可排课", default=True)

    class Meta:
        verbose_name = "教学用教室"
        ordering = ("room__number",)
        constraints = [models.CheckConstraint(condition=Q(capacity__gte=1), name="teaching_room_has_seats")]

    class Standard:
        source = "校内"
        subject = "teaching_room"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.room.number} {self.room.name}"


class Qualification(Record):
    """A teacher who may teach a course. A course with none may be taught by anybody of its unit."""

    org_path = "teacher__department"
    person_path = "teacher__person"
    title_needs = ("course", "teacher__person")

    teacher = models.ForeignKey(
        "masterdata.StaffMember", models.PROTECT, verbose_name="教师", related_name="+"
    )
    course = models.ForeignKey("masterdata.Course", models.PROTECT, verbose_name="课程", related_name="+")
    since = models.DateField("认定日期", null=True, blank=True)

    class Meta:
        verbose_name = "任教资格"
        ordering = ("course", "teacher")
        constraints = [
            models.UniqueConstraint(
                fields=["teacher", "course"], name="qualified_once", violation_error_message="这位教师这门课程已认定"
            )
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "teaching_qualification"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.teacher.person.name} {self.course.name}"


class WorkloadFactor(Record):
    """A declared coefficient of teaching work; the factors of all kinds that apply are multiplied."""

    org_path = None
    org_path_reason = "工作量系数全校统一"

    class Kind(models.TextChoices):
        SIZE = "size", "班额"
        MEETING = "meeting", "环节"
        REPEAT = "repeat", "重复班"
        LANGUAGE = "language", "授课语言"

    kind = models.CharField("依据", max_length=10, choices=Kind)
    key = models.CharField(
        "从", max_length=10, help_text="班额填人数下限，环节填 lecture、lab 等，重复班填第几班起，语言填名称"
    )
    factor = models.DecimalField("系数", max_digits=4, decimal_places=2)
    basis = models.CharField("文件依据", max_length=200, blank=True)

    class Meta:
        verbose_name = "工作量系数"
        ordering = ("kind", "key")
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="factor_once", violation_error_message="这一档已有系数"),
            models.CheckConstraint(
                condition=Q(factor__gt=0) & Q(factor__lte=5), name="factor_plausible",
                violation_error_message="系数须大于 0、不超过 5",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "workload_factor"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key} × {self.factor}"
