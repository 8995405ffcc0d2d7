"""Programmes, courses, administrative classes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record
from yanta.kernel.codes.fields import CodeField
from yanta.masterdata.models.facts import facts_changed


class Programme(Record):
    """A programme that the school runs; its code is the ministry catalogue's, 4 to 9 characters with flags."""

    org_path = "department"

    code = models.CharField("校内专业号", max_length=10, unique=True)
    catalogue_code = models.CharField(
        "专业代码", max_length=9, help_text="本科或研究生专业目录代码，如 080901"
    )
    name = models.CharField("专业名称", max_length=60)
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="所属学院", related_name="+"
    )
    level = CodeField("培养层次", "JYT1001_PYCC")
    years = models.PositiveSmallIntegerField("学制（年）", default=4)
    first_admitted_in = models.PositiveSmallIntegerField("首次招生年", null=True, blank=True)
    is_open = models.BooleanField("在招", default=True)

    class Meta:
        verbose_name = "专业"
        ordering = ("code",)
        indexes = [models.Index(fields=["catalogue_code"], name="programme_catalogue")]

    class Standard:
        source = "JY/T 1002"
        subject = "programme"
        subset = "JCTB0104"
        owner = "教务处"
        fields = {"catalogue_code": "ZYM", "name": "ZYMC", "years": "XZ"}

    def __str__(self) -> str:
        return self.name


class Course(Record):
    """A course in the school's catalogue, whoever teaches it and whenever; any college may put it into its plans."""

    org_path = None
    org_path_reason = "课程库是全校共用的名词，各学院的培养方案都从中选课"

    code = models.CharField("课程号", max_length=10, unique=True)
    name = models.CharField("课程名称", max_length=60)
    english_name = models.CharField("课程英文名称", max_length=180, blank=True)
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="开课单位", related_name="+"
    )
    credits = models.DecimalField("学分", max_digits=4, decimal_places=1)
    hours = models.PositiveSmallIntegerField("总学时")
    kind = CodeField("课程类别", "JYT1001_KCLB", blank=True)
    nature = CodeField("课程属性", "JYT1001_KCSX", blank=True)
    is_open = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "课程"
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(
                condition=Q(credits__gte=0) & Q(credits__lte=30), name="course_credits_plausible"
            )
        ]

    class Standard:
        source = "JY/T 1002"
        subject = "course"
        subset = "JCTB0104"
        owner = "教务处"
        fields = {"code": "KCH", "name": "KCMC", "english_name": "KCYWMC"}

    def __str__(self) -> str:
        return self.name


class AdminClass(Record):
    """The class that students belong to for the whole of their studies."""

    org_path = "department"

    code = models.CharField("班号", max_length=12, unique=True)
    name = models.CharField("班级名称", max_length=40)
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="学院", related_name="+"
    )
    programme = models.ForeignKey(Programme, models.PROTECT, verbose_name="专业", related_name="+")
    grade = models.PositiveSmallIntegerField("年级", help_text="入学年，如 2024")
    campus = models.ForeignKey(
        "masterdata.Campus", models.PROTECT, verbose_name="所在校区", null=True, blank=True, related_name="+"
    )
    counsellor = models.ForeignKey(
        "masterdata.StaffMember",
        models.PROTECT,
        verbose_name="辅导员",
        null=True,
        blank=True,
        related_name="+",
    )
    head_teacher = models.ForeignKey(
        "masterdata.StaffMember",
        models.PROTECT,
        verbose_name="班主任",
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = "行政班"
        triggers = facts_changed(
            "SELECT DISTINCT s.person_id FROM {rows} c JOIN masterdata_staffmember s"
            " ON s.id IN (c.counsellor_id, c.head_teacher_id)"
        )
        ordering = ("code",)

    class Standard:
        source = "JY/T 1002"
        subject = "admin_class"
        subset = "JCXX02"
        owner = "教务处"
        fields = {"code": "BH", "name": "BJMC", "grade": "SSNJ"}

    def __str__(self) -> str:
        return self.name
