"""Students and staff members: roles of a person, each with its number."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yanta.kernel.base.models import Record
from yanta.kernel.codes.fields import CodeField
from yanta.masterdata.models.facts import facts_changed
from yanta.masterdata.models.teaching import AdminClass, Programme


class Student(Record):
    """One enrolment of one person: who studies twice has two."""

    org_path = "department"
    person_path = "person"
    title_needs = ("person",)

    number = models.CharField("学号", max_length=20, unique=True)
    person = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="姓名", related_name="enrolments"
    )
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="学院", related_name="+"
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, verbose_name="专业", null=True, blank=True, related_name="+"
    )
    admin_class = models.ForeignKey(
        AdminClass, models.PROTECT, verbose_name="班级", null=True, blank=True, related_name="students"
    )
    grade = models.PositiveSmallIntegerField("年级", null=True, blank=True)
    level = CodeField("培养层次", "JYT1001_PYCC")
    status = CodeField("学籍状态", "JYT1001_XSDQZT", default="01")
    exam_number = models.CharField("考生号", max_length=14, blank=True)
    enrolled_on = models.DateField("入学日期", null=True, blank=True)
    left_on = models.DateField("离校日期", null=True, blank=True)
    bed = models.CharField("床位", max_length=30, blank=True)

    class Meta:
        verbose_name = "学生"
        triggers = facts_changed("SELECT DISTINCT person_id FROM {rows}")
        ordering = ("number",)
        constraints = [
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(enrolled_on=None) | Q(left_on__gte=F("enrolled_on")),
                name="student_forward",
            )
        ]

    class Standard:
        source = "JY/T 1002"
        subject = "student"
        subset = "JCXS0201"
        owner = "教务处"
        fields = {
            "number": "JCXS0101.XH", "programme": "ZYM", "admin_class": "SZBH", "grade": "SZNJ",
            "status": "XSDQZTM", "enrolled_on": "RXNY",
        }  # fmt: skip

    @property
    def campus_id(self) -> int | None:
        """Where the student's class is at home."""
        return self.admin_class.campus_id if self.admin_class else None

    def __str__(self) -> str:
        return f"{self.person.name}（{self.number}）"


class StaffMember(Record):
    """One employment of one person."""

    org_path = "department"
    person_path = "person"
    title_needs = ("person",)

    class Status(models.TextChoices):
        ACTIVE = "active", "在岗"
        LEAVE = "leave", "离岗"
        RETIRED = "retired", "离退休"
        LEFT = "left", "离校"

    number = models.CharField("工号", max_length=20, unique=True)
    person = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="姓名", related_name="employments"
    )
    department = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="部门", related_name="+"
    )
    kind = CodeField("教职工类别", "JYT1001_JZGLB", blank=True)
    title = CodeField("专业技术职务", "GBT8561_ZYJSZW", blank=True)
    post = models.CharField("行政职务", max_length=60, blank=True)
    status = models.CharField("在岗状态", max_length=8, choices=Status, default=Status.ACTIVE)
    entered_on = models.DateField("来校日期", null=True, blank=True)
    left_on = models.DateField("离校日期", null=True, blank=True)

    class Meta:
        verbose_name = "教职工"
        triggers = facts_changed("SELECT DISTINCT person_id FROM {rows}")
        ordering = ("number",)
        constraints = [
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(entered_on=None) | Q(left_on__gte=F("entered_on")),
                name="staff_member_forward",
            )
        ]

    class Standard:
        source = "JY/T 1002"
        subject = "staff_member"
        subset = "JCJG0101"
        owner = "人事处"
        fields = {"number": "GH", "title": "JCJG0202.PRZWM"}

    def __str__(self) -> str:
        return f"{self.person.name}（{self.number}）"
