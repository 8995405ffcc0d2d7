"""Systems that are told of people, what each of them holds, and what it is still to be told."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record, RecordQuerySet
from yanta.sso.applications.models import Application


class Target(Record):
    """One system that keeps copies. Whom it gets says the application's access rules, what of them its releases."""

    org_path = "application__owner"
    title_needs = ("application",)

    class Wire(models.TextChoices):
        SCIM = "scim", "SCIM 2.0"
        OPENLDAP = "openldap", "OpenLDAP"

    class Leaving(models.TextChoices):
        DEACTIVATE = "deactivate", "停用"
        DELETE = "delete", "删除"

    application = models.OneToOneField(
        Application, models.CASCADE, verbose_name="应用", related_name="scim_target"
    )
    wire = models.CharField("协议", max_length=8, choices=Wire, default=Wire.SCIM)
    url = models.CharField(
        "地址",
        max_length=300,
        help_text="如 https://mail.school.edu.cn/scim/v2 或 ldaps://ldap.school.edu.cn",
    )
    login = models.CharField("管理员 DN", max_length=200, blank=True, help_text="仅 OpenLDAP")
    base = models.CharField("目录根 DN", max_length=200, blank=True, help_text="仅 OpenLDAP")
    secret = SealedField("令牌或密码", max_length=500, blank=True)
    leaving = models.CharField("离校后", max_length=10, choices=Leaving, default=Leaving.DEACTIVATE)
    with_groups = models.BooleanField("同步分组", default=True)
    is_on = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = "同步目标"

    def __str__(self) -> str:
        return f"{self.application}"


class Copy(Record):
    """One person or group at one target: what it was last told, and whether it is to be told again."""

    org_path = "target__application__owner"
    title_needs = ("target__application",)
    history = False  # the log of decisions keeps every telling

    class Noun(models.TextChoices):
        USER = "user", "人员"
        GROUP = "group", "分组"

    class State(models.TextChoices):
        WAITING = "waiting", "待同步"
        CURRENT = "current", "已同步"
        FAILED = "failed", "失败"
        GONE = "gone", "已停用或删除"

    target = models.ForeignKey(Target, models.CASCADE, verbose_name="目标", related_name="copies")
    noun = models.CharField("类别", max_length=5, choices=Noun)
    key = models.CharField("标识", max_length=40)
    title = models.CharField("名称", max_length=100, blank=True)
    remote_id = models.CharField("对方标识", max_length=300, blank=True)
    digest = models.CharField("内容摘要", max_length=64, blank=True)
    # Of a person: the groups it was told to be in, so that those it left are told too.
    groups = models.JSONField("所在分组", default=list, editable=False)
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING)
    due_at = models.DateTimeField("下次同步", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    said = models.CharField("最近结果", max_length=300, blank=True)
    told_at = models.DateTimeField("最近同步", null=True, blank=True)

    class Meta:
        verbose_name = "同步队列"
        ordering = ("target", "noun", "key")
        constraints = [models.UniqueConstraint(fields=["target", "noun", "key"], name="scim_copy_once")]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="waiting"), name="scim_copy_due")]

    def __str__(self) -> str:
        return f"{self.target}：{self.title or self.key}"


class Reconciliation(Record):
    """The receipt of one full comparison: read = new + changed + unchanged + ended + failed."""

    org_path = "target__application__owner"
    title_needs = ("target__application",)
    history = False  # written once

    target = models.ForeignKey(Target, models.CASCADE, verbose_name="目标", related_name="reconciliations")
    began_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间")
    read = models.PositiveIntegerField("应核对", default=0)
    new = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("修正", default=0)
    unchanged = models.PositiveIntegerField("一致", default=0)
    ended = models.PositiveIntegerField("停用", default=0)
    failed = models.PositiveIntegerField("失败", default=0)
    foreign = models.PositiveIntegerField("对方多出（不是我方送去的，未动）", default=0)

    class Meta:
        verbose_name = "同步对账单"
        ordering = ("-began_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(read=models.F("new") + models.F("changed") + models.F("unchanged") + models.F("ended") + models.F("failed")),
                name="reconciliation_adds_up",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.target} {self.began_at:%Y-%m-%d %H:%M}"


class Change(models.Model):
    """Noted by the database itself, taken away once queued: an account of which something changed, or minus a target."""

    org_path: ClassVar[None] = None
    org_path_reason = "平台内部的待办队列，处理完即删除"
    person_path: ClassVar[None] = None

    # No foreign key: the note must never keep anybody from writing.
    account_id = models.BigIntegerField("账号")

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "待同步的变化"

    def __str__(self) -> str:
        return str(self.account_id)
