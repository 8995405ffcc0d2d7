"""People: one number for life, many roles over time."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record
from yanta.kernel.codes.fields import CodeField


class Person(Record):
    """One natural person. A merged person stays, pointing at the one that is kept, so numbers never die."""

    org_path = "home_unit"
    person_path = "self"

    number = models.CharField("人员号", max_length=12, unique=True)
    name = models.CharField("姓名", max_length=60)
    former_name = models.CharField("曾用名", max_length=60, blank=True)
    latin_name = models.CharField("英文姓名", max_length=80, blank=True)
    sort_name = models.CharField("姓名拼音", max_length=80, blank=True, editable=False, db_index=True)
    sex = CodeField("性别", "GBT2261_1_XB", blank=True)
    birth_on = models.DateField("出生日期", null=True, blank=True)
    id_type = CodeField("身份证件类型", "JYT1001_SFZJLX", blank=True)
    id_number = SealedField("身份证件号", indexed=True, max_length=20, null=True, blank=True)
    nationality = CodeField("国籍/地区", "GBT2659_GJDQ", blank=True)
    ethnic = CodeField("民族", "GBT3304_MZ", blank=True)
    political_status = CodeField("政治面貌", "GBT4762_ZZMM", blank=True)
    native_place = CodeField("籍贯", "GBT2260_XZQH", blank=True)
    phone = SealedField("手机号", indexed=True, max_length=20, null=True, blank=True)
    email = models.EmailField("电子邮箱", blank=True)
    bank_account = SealedField("银行账号", indexed=True, max_length=30, null=True, blank=True)
    home_unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="现单位", null=True, blank=True, related_name="+"
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="已并入",
        null=True,
        blank=True,
        editable=False,
        related_name="absorbed",
    )

    class Meta:
        verbose_name = "人员"
        indexes = [
            models.Index(fields=["name"], name="person_name"),
            models.Index(Upper("email"), name="person_email_upper"),
        ]

    class Standard:
        source = "JY/T 1002"
        subject = "person"
        owner = "人事处"
        fields = {
            "name": "XM", "former_name": "CYM", "latin_name": "YWXM", "sex": "XBM", "birth_on": "CSRQ",
            "id_type": "SFZJLXM", "id_number": "SFZJH", "nationality": "GJDQM", "ethnic": "MZM",
            "political_status": "ZZMMM", "native_place": "JG", "phone": "YDDH", "email": "DZXX",
        }  # fmt: skip

    def __str__(self) -> str:
        return self.name


class Affiliation(Record):
    """One role of one person in one unit for a time: student, staff member, alumna …"""

    org_path = "org_unit"
    person_path = "person"

    class Role(models.TextChoices):
        UNDERGRADUATE = "undergraduate", "本科生"
        POSTGRADUATE = "postgraduate", "研究生"
        STAFF = "staff", "教职工"
        RETIRED = "retired", "离退休"
        ALUMNI = "alumni", "校友"
        ADMITTED = "admitted", "录取新生"
        OTHER = "other", "其他"

    person = models.ForeignKey(Person, models.PROTECT, verbose_name="人员", related_name="affiliations")
    role = models.CharField("身份", max_length=16, choices=Role)
    org_unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="单位", null=True, blank=True, related_name="+"
    )
    number = models.CharField("学号/工号", max_length=30, blank=True, db_index=True)
    valid_from = models.DateField("自", null=True, blank=True)
    valid_to = models.DateField("至", null=True, blank=True)

    class Meta:
        verbose_name = "身份经历"
        ordering = ("person", "valid_from")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
                name="affiliation_forward",
            ),
            models.UniqueConstraint(
                fields=["role", "number"], condition=~Q(number=""), name="affiliation_number_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.number}".strip()
