"""What certificates there are, and the English that stands on them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record


class Kind(Record):
    """One kind of certificate: what it says, who gets it, how often, under which seal."""

    org_path = "unit"
    title_needs = ()

    class Language(models.TextChoices):
        CHINESE = "zh", "中文"
        ENGLISH = "en", "英文"

    class Audience(models.TextChoices):
        STUDYING = "studying", "在读学生"
        ENROLLED = "enrolled", "在读学生和毕业生"
        GRADUATED = "graduated", "毕业生"
        EMPLOYED = "employed", "在职教职工"

    class Ending(models.TextChoices):
        NEVER = "never", "写明开具日的事实，不失效"
        LEFT = "left", "退学、离职等即失效"

    code = models.CharField("代号", max_length=6, unique=True, help_text="编号的开头，大写字母，如 ZD")
    name = models.CharField("证明名称", max_length=40)
    language = models.CharField("语言", max_length=2, choices=Language, default=Language.CHINESE)
    unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="出具单位", related_name="+"
    )
    audience = models.CharField("谁能开", max_length=10, choices=Audience)
    summary = models.CharField("一句话说明", max_length=120, blank=True)
    title = models.CharField("抬头", max_length=80, help_text="印在证明上的标题")
    body = models.TextField(
        "正文", max_length=4000,
        help_text="一段一行；{person.name} 由数据元填入；“[表 student.marks：学期 课程 学分 成绩]”排成表",
    )  # fmt: skip
    closing = models.CharField("落款", max_length=80, help_text="单位名称，印在日期上方")
    needs_approval = models.BooleanField("须经审核", default=False)
    most = models.PositiveSmallIntegerField("每期份数", default=10, help_text="每人在一期内最多开几份")
    period_days = models.PositiveSmallIntegerField("一期几天", default=30)
    valid_days = models.PositiveSmallIntegerField("有效天数", default=180, help_text="0 为长期有效")
    fee = models.DecimalField("费用（元）", max_digits=6, decimal_places=2, default=0)
    authority = models.CharField(
        "用印授权", max_length=20, blank=True, help_text="生效的授权用印编号，如 YY2026000012"
    )
    ending = models.CharField("何时失效", max_length=8, choices=Ending, default=Ending.LEFT)
    replaces = models.BooleanField("新开后旧的作废", default=False)
    is_open = models.BooleanField("可办理", default=True)
    closed_for = models.CharField("暂不可办的原因", max_length=120, blank=True)
    order = models.PositiveSmallIntegerField("排列次序", default=50)

    class Meta:
        verbose_name = "证明种类"
        ordering = ("order", "code")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_open=True) | ~Q(closed_for=""), name="certificate_kind_says_why_closed",
                violation_error_message="暂不可办须写明原因",
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z]{2,6}$"), name="certificate_kind_code_letters",
                violation_error_message="代号是 2 至 6 个大写字母",
            ),
            models.CheckConstraint(
                condition=Q(fee=0), name="certificate_free", violation_error_message="电子证明不收费",
            ),
            models.CheckConstraint(
                condition=Q(most__gt=0, period_days__gt=0), name="certificate_kind_limits",
                violation_error_message="份数和天数都须大于 0",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def is_english(self) -> bool:
        return self.language == self.Language.ENGLISH


class OfficialName(Record):
    """The official English of what has no English name at its own source: programmes, degrees, posts, states."""

    org_path = "unit"

    chinese = models.CharField("中文", max_length=100, unique=True)
    english = models.CharField("官方英文", max_length=180)
    unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="审定单位", related_name="+"
    )

    class Meta:
        verbose_name = "官方英文名"
        ordering = ("chinese",)

    def __str__(self) -> str:
        return self.chinese
