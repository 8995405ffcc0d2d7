"""When who may choose and how much, and the wishes of a lottery."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from yanta.kernel.base.models import Record
from yanta.systems.course_selection.models.groups import GroupField
from yanta.systems.course_selection.models.places import Place


class Round(Record):
    """One window of a term's course selection; without scopes it is open to every student."""

    org_path = None
    org_path_reason = "选课轮次由教务处为全校安排"
    title_needs = ("term",)

    class Kind(models.TextChoices):
        LOTTERY = "lottery", "预选（抽签）"
        RUSH = "rush", "正选（先到先得）"
        ADJUST = "adjust", "补退选"

    class Retakes(models.TextChoices):
        NONE = "none", "不接受重修"
        TOO = "too", "也接受重修"
        ONLY = "only", "只接受重修"

    term = models.ForeignKey("masterdata.Term", models.PROTECT, verbose_name="学期", related_name="+")
    name = models.CharField("轮次", max_length=40)
    kind = models.CharField("方式", max_length=8, choices=Kind, default=Kind.RUSH)
    opens_at = models.DateTimeField("开放时间")
    closes_at = models.DateTimeField("截止时间")
    most_credits = models.DecimalField("学期学分上限", max_digits=4, decimal_places=1, default=30)
    retakes = models.CharField(
        "重修", max_length=4, choices=Retakes, default=Retakes.TOO, help_text="修过、没有通过的课程"
    )
    allows_repeat = models.BooleanField("接受再次修读", default=False, help_text="已经通过、想提高成绩的课程")
    most_wishes = models.PositiveSmallIntegerField("志愿数上限", default=6, help_text="仅用于预选")
    points = models.PositiveSmallIntegerField(
        "意愿值", default=0, help_text="仅用于预选：每名学生可分配的分数；0 表示只按志愿先后"
    )
    is_paused = models.BooleanField("暂停", default=False)
    seed_digest = models.CharField(
        "种子指纹", max_length=64, blank=True, editable=False, help_text="种子的 SHA-256，开放前公布"
    )
    secret_seed = models.CharField(max_length=64, blank=True, editable=False)
    seed = models.CharField("公布的种子", max_length=64, blank=True, editable=False)
    drawn_at = models.DateTimeField("抽签时间", null=True, blank=True, editable=False)
    # Section, programme, grade, campus, free seats of every pool that was wished for, as the draw began: published with it.
    seats_drawn = models.JSONField(default=list, editable=False)

    secret_fields = ("secret_seed",)

    class Meta:
        verbose_name = "选课轮次"
        ordering = ("opens_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["term", "name"], name="round_once", violation_error_message="这个学期已有同名的轮次"
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="round_forward", violation_error_message="截止须晚于开放"
            ),
            models.CheckConstraint(
                condition=Q(most_credits__gt=0) & Q(most_wishes__gte=1) & Q(most_wishes__lte=20),
                name="round_plausible", violation_error_message="学分上限须大于 0，志愿数 1 到 20",
            ),
            models.CheckConstraint(
                condition=Q(points=0) | Q(kind="lottery", points__lte=1000),
                name="round_points_for_lottery", violation_error_message="意愿值只用于预选，不超过 1000",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "selection_round"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    @property
    def is_by_points(self) -> bool:
        return self.points > 0

    def __str__(self) -> str:
        return self.name


class GroupLimit(Record):
    """The most credits of one group of the plans that a student may have in a term, while a round decides."""

    org_path = None
    org_path_reason = "选课轮次由教务处为全校安排"
    title_needs = ("round",)

    round = models.ForeignKey(Round, models.CASCADE, verbose_name="轮次", related_name="limits")
    name = GroupField("课程组", max_length=60, help_text="培养方案里的课程组名称，如 通识选修")
    most_credits = models.DecimalField("本学期学分上限", max_digits=4, decimal_places=1)

    class Meta:
        verbose_name = "课程组限额"
        ordering = ("round", "name")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "name"], name="group_limit_once", violation_error_message="这个课程组已有限额"
            ),
            models.CheckConstraint(
                condition=Q(most_credits__gte=0), name="group_limit_not_negative",
                violation_error_message="学分上限不能小于 0",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "selection_group_limit"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.name} {self.most_credits}"


class RoundScope(Record):
    """Students for whom a round is open: of a programme, of a grade, of both."""

    org_path = None
    org_path_reason = "选课轮次由教务处为全校安排"
    title_needs = ("round",)

    round = models.ForeignKey(Round, models.CASCADE, verbose_name="轮次", related_name="scopes")
    programme = models.ForeignKey(
        "masterdata.Programme", models.PROTECT, verbose_name="专业", null=True, blank=True, related_name="+"
    )
    grade = models.PositiveSmallIntegerField("年级", null=True, blank=True)

    class Meta:
        verbose_name = "开放对象"
        ordering = ("round", "grade", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "programme", "grade"], name="scope_once", nulls_distinct=False,
                violation_error_message="这些学生已在对象里",
            ),
            models.CheckConstraint(
                condition=Q(programme__isnull=False) | Q(grade__isnull=False), name="scope_names_somebody",
                violation_error_message="专业、年级至少填一项",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "selection_scope"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.round.name} {self.grade or ''}"


class Wish(Record):
    """A student's wish in a lottery; rank 1 is the first, points count where the round gives them."""

    org_path = "student__department"
    person_path = "student__person"
    title_needs = ("student__person", "place__course")

    round = models.ForeignKey(Round, models.PROTECT, verbose_name="轮次", related_name="wishes")
    student = models.ForeignKey("masterdata.Student", models.PROTECT, verbose_name="学生", related_name="+")
    place = models.ForeignKey(Place, models.PROTECT, verbose_name="教学班", related_name="+")
    rank = models.PositiveSmallIntegerField("志愿", help_text="1 为第一志愿")
    points = models.PositiveSmallIntegerField("意愿值", default=0)

    class Meta:
        verbose_name = "选课志愿"
        ordering = ("round", "student", "rank")
        constraints = [
            models.UniqueConstraint(fields=["round", "student", "place"], name="wish_once_per_place"),
            models.UniqueConstraint(
                fields=["round", "student", "rank"],
                name="wish_once_per_rank",
                violation_error_message="这个志愿已填",
            ),
            models.CheckConstraint(condition=Q(rank__gte=1) & Q(rank__lte=20), name="wish_rank_plausible"),
        ]

    class Standard:
        source = "校内"
        subject = "selection_wish"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.student.person.name} {self.rank} {self.place.course.name}"
