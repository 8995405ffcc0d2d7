"""The registry: one noun for every protocol, who may enter, what is told about people."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from yanta.kernel.access import roles
from yanta.kernel.base.models import Record
from yanta.kernel.people.models import Affiliation
from yanta.sso.applications import catalogue


class Application(Record):
    """One application that people enter by signing in here, whatever protocols it speaks. Never deleted."""

    org_path = "owner"

    class State(models.TextChoices):
        DRAFT = "draft", "填写中"
        SUBMITTED = "submitted", "待审核"
        ACTIVE = "active", "已启用"
        DISABLED = "disabled", "已停用"

    class Audience(models.TextChoices):
        EVERYONE = "everyone", "全校有账号的人"
        RULED = "ruled", "按准入规则"

    class Asking(models.TextChoices):
        NEVER = "never", "不询问（校内业务系统）"
        ONCE = "once", "首次进入时询问"
        ALWAYS = "always", "每次进入都询问"

    class Naming(models.TextChoices):
        USERNAME = "username", "登录名"
        NUMBER = "number", "人员号"
        ACCOUNT = "account", "账号标识（永不重复使用）"
        PAIRWISE = "pairwise", "本应用专用标识（各应用之间不能互相比对）"

    code = models.SlugField(
        "应用标识", max_length=40, unique=True, help_text="小写字母、数字和连字符，登记后不改"
    )
    name = models.CharField("应用名称", max_length=60)
    summary = models.CharField("用途", max_length=200, help_text="登录页上给用户看的一句话")
    home_url = models.URLField("首页地址", max_length=300)
    logo = models.ForeignKey(
        "files.StoredFile",
        models.PROTECT,
        verbose_name="标志",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    owner = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="主管部门", related_name="+"
    )
    contact = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="联系人", null=True, blank=True, related_name="+"
    )
    contact_words = models.CharField("联系方式", max_length=100, help_text="用户进不去时看到，如办公电话")
    review_on = models.DateField(
        "下次复核日期", null=True, blank=True, help_text="启用后每年由主管部门确认仍在使用"
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT, editable=False)
    opinion = models.CharField("审核意见", max_length=200, blank=True, editable=False)
    audience = models.CharField("谁能进入", max_length=10, choices=Audience, default=Audience.RULED)
    asking = models.CharField("信息授权", max_length=8, choices=Asking, default=Asking.ONCE)
    naming = models.CharField("用户标识", max_length=10, choices=Naming, default=Naming.USERNAME)
    grace_days = models.PositiveSmallIntegerField(
        "身份结束后保留（天）", default=0, help_text="毕业或离职后还能进入多少天，如邮箱 90 天、VPN 0 天"
    )

    class Meta:
        verbose_name = "接入应用"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE

    def is_overdue(self, *, on: date) -> bool:
        """Its owner has not confirmed in time that it is still wanted."""
        return self.is_active and self.review_on is not None and self.review_on < on

    @property
    def help_words(self) -> str:
        """Whom to ask, as a refused person reads it."""
        person = self.contact.name if self.contact else ""
        return "，".join(part for part in (self.owner.name, person, self.contact_words) if part)


class AccessRule(Record):
    """Lets one kind of people in, or keeps it out; a rule that keeps out is the stronger."""

    org_path = "application__owner"
    title_needs = ("unit", "person")

    class Effect(models.TextChoices):
        ALLOW = "allow", "允许"
        DENY = "deny", "不允许"

    application = models.ForeignKey(Application, models.CASCADE, verbose_name="应用", related_name="rules")
    effect = models.CharField("效果", max_length=5, choices=Effect, default=Effect.ALLOW)
    role = models.CharField(
        "角色", max_length=16, blank=True, choices=[(r.code, r.title) for r in roles.ROLES.values()]
    )
    unit = models.ForeignKey(
        "organisation.OrgUnit",
        models.PROTECT,
        verbose_name="单位及下属",
        null=True,
        blank=True,
        related_name="+",
    )
    affiliation = models.CharField("身份", max_length=16, blank=True, choices=Affiliation.Role)
    person = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="人员", null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "准入规则"
        constraints = [
            models.CheckConstraint(
                condition=~Q(role="", unit=None, affiliation="", person=None), name="access_rule_says_who",
                violation_error_message="角色、单位、身份、人员至少填一项；填了几项就须同时符合",
            ),
            models.UniqueConstraint(
                fields=["application", "effect", "role", "unit", "affiliation", "person"],
                name="access_rule_once", nulls_distinct=False,
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        parts = (
            self.person.name if self.person else "",
            self.unit.name if self.unit else "",
            self.get_affiliation_display() if self.affiliation else "",
            self.get_role_display() if self.role else "",
        )
        return f"{self.get_effect_display()} {'的'.join(part for part in parts if part)}"


class AttributeRelease(Record):
    """One attribute that an application is told about people; a sensitive one only once it is approved."""

    org_path = "application__owner"
    title_needs = ("application",)

    application = models.ForeignKey(Application, models.CASCADE, verbose_name="应用", related_name="releases")
    attribute = models.CharField("信息项", max_length=24, choices=catalogue.CHOICES)
    purpose = models.CharField("用来做什么", max_length=100)
    alias = models.CharField(
        "对方叫法", max_length=60, blank=True, help_text="CAS 属性名；对方系统写死了名称时填写，如 XH、uid"
    )
    approved_at = models.DateTimeField("批准时间", null=True, blank=True, editable=False)
    approved_by = models.CharField("批准人", max_length=60, blank=True, editable=False)

    class Meta:
        verbose_name = "属性发布"
        constraints = [
            models.UniqueConstraint(fields=["application", "attribute"], name="attribute_release_once")
        ]

    def __str__(self) -> str:
        return f"{self.application}：{self.get_attribute_display()}"

    @property
    def is_effective(self) -> bool:
        return self.approved_at is not None or not catalogue.ATTRIBUTES[self.attribute].is_sensitive


class Consent(Record):
    """What a person agreed to have an application told; more than this is asked anew."""

    org_path = "account__person__home_unit"
    person_path = "account__person"

    application = models.ForeignKey(Application, models.CASCADE, verbose_name="应用", related_name="consents")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="账号", related_name="consents"
    )
    attributes = models.JSONField("同意的信息项", default=list)
    given_at = models.DateTimeField("同意时间")

    class Meta:
        verbose_name = "信息授权"
        constraints = [models.UniqueConstraint(fields=["application", "account"], name="consent_once")]

    def __str__(self) -> str:
        return f"{self.application}"


class PairwiseId(Record):
    """What one application knows one account by; random, so that no two applications can compare."""

    org_path_reason = "只供协议使用，不在任何页面列出"
    history = False  # written once, never changed

    application = models.ForeignKey(Application, models.CASCADE, verbose_name="应用", related_name="+")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="账号", related_name="+"
    )
    value = models.CharField("标识", max_length=43, unique=True)

    class Meta:
        verbose_name = "应用专用标识"
        constraints = [models.UniqueConstraint(fields=["application", "account"], name="pairwise_id_once")]

    def __str__(self) -> str:
        return self.value
