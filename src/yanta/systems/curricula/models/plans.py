"""Plans, their groups of courses, the courses in them."""

from __future__ import annotations

from typing import Any, ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record
from yanta.kernel.codes.fields import CodeField


class Plan(Record):
    """What one cohort of one programme studies, in one version; once published it never changes."""

    org_path = "programme__department"
    title_needs = ("programme",)

    class Kind(models.TextChoices):
        MAJOR = "major", "主修"
        MINOR = "minor", "辅修"

    class Status(models.TextChoices):
        DRAFT = "draft", "编制中"
        COLLEGE = "college", "待学院审定"
        REGISTRY = "registry", "待教务处审核"
        PUBLISHED = "published", "已发布"
        RETIRED = "retired", "已停用"

    # States from which nothing in the plan may change any more.
    FIXED = (Status.PUBLISHED, Status.RETIRED)

    programme = models.ForeignKey(
        "masterdata.Programme", models.PROTECT, verbose_name="专业", related_name="+"
    )
    grade = models.PositiveSmallIntegerField("适用年级", help_text="入学年，如 2026")
    kind = models.CharField("类别", max_length=8, choices=Kind, default=Kind.MAJOR)
    version = models.PositiveSmallIntegerField("版本", default=1, editable=False)
    credits = models.DecimalField("最低总学分", max_digits=5, decimal_places=1)
    degree = models.CharField("授予学位", max_length=30, blank=True, help_text="如 工学学士")
    aims = models.TextField("培养目标", max_length=4000, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    opinion = models.CharField("最近的意见", max_length=300, blank=True, editable=False)
    published_on = models.DateField("发布日期", null=True, blank=True, editable=False)
    made_from = models.ForeignKey(
        "self", models.PROTECT, verbose_name="沿用自", null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = "培养方案"
        ordering = ("-grade", "programme", "-version")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "grade", "kind", "version"], name="plan_version_once",
                violation_error_message="这个专业、年级的同一版本已经有了",
            ),
            models.UniqueConstraint(
                fields=["programme", "grade", "kind"], condition=Q(status="published"), name="plan_one_in_force",
                violation_error_message="这个专业、年级已有一个执行中的版本，请先停用它",
            ),
            models.CheckConstraint(condition=Q(credits__gt=0) & Q(credits__lte=400), name="plan_credits_plausible"),
            models.CheckConstraint(condition=Q(grade__gte=1950) & Q(grade__lte=2100), name="plan_grade_is_a_year"),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Trigger(
                name="published_is_kept", when=pgtrigger.Before, operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status__in=["published", "retired"]),
                func="""
                    IF (NEW.programme_id, NEW.grade, NEW.kind, NEW.version, NEW.credits, NEW.degree, NEW.aims)
                       IS DISTINCT FROM (OLD.programme_id, OLD.grade, OLD.kind, OLD.version, OLD.credits, OLD.degree, OLD.aims)
                       OR (NEW.status NOT IN ('published', 'retired')) OR (OLD.status = 'retired' AND NEW.status <> 'retired')
                    THEN RAISE EXCEPTION 'a published plan does not change'; END IF;
                    RETURN NEW;""",
            )
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "plan"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        minor = "辅修" if self.kind == self.Kind.MINOR else ""
        return f"{self.programme.name} {self.grade} 级{minor} 第 {self.version} 版"

    @property
    def is_fixed(self) -> bool:
        return self.status in self.FIXED


def kept_with_plan(to_plan: str) -> list[pgtrigger.Trigger]:
    """Triggers, once per statement, that refuse any change below a published plan; `to_plan` joins {rows} to plans as p."""
    kinds: dict[str, tuple[pgtrigger.Operation, dict[str, Any]]] = {
        "insert": (pgtrigger.Insert, {"new": "after"}),
        "update": (pgtrigger.Update, {"old": "before", "new": "after"}),
        "delete": (pgtrigger.Delete, {"old": "before"}),
    }
    body = """
        IF EXISTS (SELECT 1 FROM {query} WHERE p.status IN ('published', 'retired'))
        THEN RAISE EXCEPTION 'a published plan does not change'; END IF; RETURN NULL;"""
    return [
        pgtrigger.Trigger(
            name=f"plan_kept_on_{name}", level=pgtrigger.Statement, when=pgtrigger.After, operation=event,
            referencing=pgtrigger.Referencing(**rows),
            func="".join(
                body.format(query=to_plan.format(rows=table)).replace("RETURN NULL;", "") for table in rows.values()
            ) + " RETURN NULL;",
        )
        for name, (event, rows) in kinds.items()
    ]  # fmt: skip


class Group(Record):
    """Courses of a plan that share one rule; groups nest."""

    org_path = "plan__programme__department"
    title_needs = ("plan__programme",)

    class Need(models.TextChoices):
        ALL = "all", "全部必修"
        SOME = "some", "至少修满"

    class Accepts(models.TextChoices):
        LISTED = "listed", "只认列出的课程"
        NATURE = "nature", "还认某一属性的课程"
        ANY = "any", "任何课程都认"

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name="培养方案", related_name="groups")
    code = models.CharField("组号", max_length=40, unique=True, blank=True, help_text="留空由系统给出")
    name = models.CharField("课程组", max_length=60)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上级组", null=True, blank=True, related_name="children"
    )
    position = models.PositiveSmallIntegerField("顺序", default=1)
    need = models.CharField("要求", max_length=8, choices=Need, default=Need.ALL)
    minimum_credits = models.DecimalField("至少学分", max_digits=5, decimal_places=1, default=0)
    minimum_courses = models.PositiveSmallIntegerField("至少门数", default=0)
    minimum_groups = models.PositiveSmallIntegerField(
        "至少完成的下级组数", default=0, help_text="0 为全部；如 3 个方向任选 1 个填 1"
    )
    accepts = models.CharField("认可范围", max_length=8, choices=Accepts, default=Accepts.LISTED)
    nature = CodeField("认可的课程属性", "JYT1001_KCSX", blank=True)
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "课程组"
        ordering = ("plan", "position", "pk")
        triggers = kept_with_plan("{rows} r JOIN curricula_plan p ON p.id = r.plan_id")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "parent", "name"], name="group_name_once", nulls_distinct=False,
                violation_error_message="同一级里已有同名的课程组",
            ),
            models.CheckConstraint(
                condition=~Q(accepts="nature") | ~Q(nature=""), name="group_names_nature",
                violation_error_message="请选认可哪一种课程属性",
            ),
            models.CheckConstraint(condition=Q(minimum_credits__gte=0), name="group_credits_not_negative"),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "plan_group"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return self.name


class PlanCourse(Record):
    """A course that a group lists, with what the plan says about it."""

    org_path = "group__plan__programme__department"
    title_needs = ("course", "group")

    group = models.ForeignKey(Group, models.PROTECT, verbose_name="课程组", related_name="courses")
    course = models.ForeignKey("masterdata.Course", models.PROTECT, verbose_name="课程", related_name="+")
    credits = models.DecimalField(
        "计划学分", max_digits=4, decimal_places=1, null=True, blank=True, help_text="留空取课程库的学分"
    )
    term_number = models.PositiveSmallIntegerField("建议学期", default=1, help_text="第几学期，从 1 起")
    assessment = CodeField("考核方式", "JYT1001_KSFS", blank=True)
    is_core = models.BooleanField("核心课程", default=False)

    class Meta:
        verbose_name = "计划课程"
        ordering = ("group", "term_number", "pk")
        triggers = kept_with_plan(
            "{rows} r JOIN curricula_group g ON g.id = r.group_id JOIN curricula_plan p ON p.id = g.plan_id"
        )
        constraints = [
            models.UniqueConstraint(
                fields=["group", "course"], name="plan_course_once", violation_error_message="这个课程组里已有这门课程",
            ),
            models.CheckConstraint(
                condition=Q(term_number__gte=1) & Q(term_number__lte=16), name="plan_course_term_plausible",
                violation_error_message="建议学期须在 1 到 16 之间",
            ),
        ]  # fmt: skip

    class Standard:
        source = "校内"
        subject = "plan_course"
        owner = "教务处"
        fields: ClassVar[dict[str, str]] = {}

    def __str__(self) -> str:
        return f"{self.course.name}（{self.course.code}）"
