"""What students asked for and what they got."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from yanta.kernel.base.models import Record
from yanta.systems.course_selection.models.places import Place, Pool
from yanta.systems.course_selection.models.rounds import Round


class Sheet(Record):
    """A student's selection in one term; its row is held while one request of that student is decided."""

    org_path = "student__department"
    person_path = "student__person"
    title_needs = ("student__person",)
    history = False  # what changes it is a decision

    term = models.ForeignKey("masterdata.Term", models.PROTECT, verbose_name="学期", related_name="+")
    student = models.ForeignKey("masterdata.Student", models.PROTECT, verbose_name="学生", related_name="+")
    credits = models.DecimalField("已选学分", max_digits=5, decimal_places=1, default=0, editable=False)
    most_credits = models.DecimalField(
        "个人学分上限", max_digits=4, decimal_places=1, null=True, blank=True, help_text="留空按轮次"
    )

    class Meta:
        verbose_name = "选课单"
        ordering = ("term", "student")
        constraints = [models.UniqueConstraint(fields=["term", "student"], name="sheet_once")]

    class Standard:
        source = "校内"
        subject = "selection_sheet"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.student.person.name}"


class Enrolment(Record):
    """A seat that a student has, whatever round gave it."""

    org_path = "student__department"
    person_path = "student__person"
    title_needs = ("student__person", "place__course")
    history = False  # every change of it is a decision

    class Study(models.TextChoices):
        FIRST = "first", "初修"
        RETAKE = "retake", "重修"
        REPEAT = "repeat", "再次修读"

    term = models.ForeignKey("masterdata.Term", models.PROTECT, verbose_name="学期", related_name="+")
    student = models.ForeignKey("masterdata.Student", models.PROTECT, verbose_name="学生", related_name="+")
    place = models.ForeignKey(Place, models.PROTECT, verbose_name="教学班", related_name="enrolments")
    pool = models.ForeignKey(Pool, models.PROTECT, verbose_name="座位", related_name="+")
    course = models.ForeignKey("masterdata.Course", models.PROTECT, verbose_name="课程", related_name="+")
    study = models.CharField("修读方式", max_length=6, choices=Study, default=Study.FIRST)

    class Meta:
        verbose_name = "选课结果"
        ordering = ("term", "student", "course")
        constraints = [
            models.UniqueConstraint(
                fields=["student", "term", "course"], name="course_once_per_term",
                violation_error_message="这名学生本学期已选这门课程",
            )
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "course_enrolment"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.student.person.name} {self.place.course.name}"


class Waiting(Record):
    """A student who waits for a seat; the lower key comes first."""

    org_path = "student__department"
    person_path = "student__person"
    title_needs = ("student__person", "place__course")
    history = False  # every change of it is a decision

    place = models.ForeignKey(Place, models.PROTECT, verbose_name="教学班", related_name="waiting")
    student = models.ForeignKey("masterdata.Student", models.PROTECT, verbose_name="学生", related_name="+")

    class Meta:
        verbose_name = "候补"
        ordering = ("place", "pk")
        constraints = [models.UniqueConstraint(fields=["place", "student"], name="waiting_once")]

    class Standard:
        source = "校内"
        subject = "selection_waiting"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.student.person.name} {self.place.course.name}"


class Decision(Record):
    """The answer to one request, refusals included; its number is the student's receipt. Rows are only ever added."""

    org_path = "student__department"
    person_path = "student__person"
    title_needs = ("student__person", "place__course")
    history = False  # rows are only ever added

    class Verb(models.TextChoices):
        TAKE = "take", "选课"
        DROP = "drop", "退课"
        SWAP = "swap", "换班"
        WAIT = "wait", "候补"
        LEAVE = "leave", "取消候补"
        FILL = "fill", "候补递补"
        DRAW = "draw", "抽签"
        ADD = "add", "教务加选"
        REMOVE = "remove", "教务退选"

    class Outcome(models.TextChoices):
        GRANTED = "granted", "成功"
        WAITING = "waiting", "候补中"
        REFUSED = "refused", "未成功"

    student = models.ForeignKey("masterdata.Student", models.PROTECT, verbose_name="学生", related_name="+")
    place = models.ForeignKey(Place, models.PROTECT, verbose_name="教学班", related_name="+")
    old = models.ForeignKey(Place, models.PROTECT, verbose_name="换出", null=True, related_name="+")
    round = models.ForeignKey(Round, models.PROTECT, verbose_name="轮次", null=True, related_name="+")
    verb = models.CharField("事项", max_length=8, choices=Verb)
    outcome = models.CharField("结果", max_length=8, choices=Outcome)
    code = models.CharField("原因代码", max_length=12, blank=True)
    detail = models.CharField("原因细节", max_length=200, blank=True)
    key = models.UUIDField("请求号", editable=False)
    by = models.CharField("经办", max_length=60, blank=True)
    reason = models.CharField("理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "选课回执"
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["student", "key"], name="decided_once")]

    class Standard:
        source = "校内"
        subject = "selection_decision"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    @property
    def receipt(self) -> str:
        return f"XK{self.pk:09d}"

    def __str__(self) -> str:
        return self.receipt
