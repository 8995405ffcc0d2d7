"""The one sign-on session beneath all doors, and what was entered with it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record
from yanta.sso.applications.models.registry import Application


class SsoSession(Record):
    """A browser's session as applications know it. It ends with the browser's own: a trigger of the database does it."""

    org_path = "account__person__home_unit"
    person_path = "account__person"
    history = False  # every step is in the log of decisions

    class Ending(models.TextChoices):
        SIGNED_OUT = "signed_out", "退出登录"
        EXPIRED = "expired", "超时"
        ENDED = "ended", "会话被结束"

    sid = models.CharField("标识", max_length=43, unique=True, editable=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="账号", related_name="+"
    )
    # No foreign key: the browser's session may vanish by any way, and must never have to ask us.
    session_id = models.BigIntegerField("浏览器会话", editable=False)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ending = models.CharField("结束方式", max_length=10, choices=Ending, blank=True)

    class Meta:
        verbose_name = "单点登录会话"
        constraints = [
            models.UniqueConstraint(
                fields=["session_id"], condition=Q(ended_at=None), name="sso_session_of_browser"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account}"


class Entry(Record):
    """One application entered with one ticket or one client; told when the session ends."""

    org_path = "session__account__person__home_unit"
    person_path = "session__account__person"
    title_needs = ("application",)
    history = False  # every step is in the log of decisions

    class Notice(models.TextChoices):
        OPEN = "open", "登录中"
        NONE = "none", "不需通知"
        WAITING = "waiting", "等待通知"
        SENT = "sent", "已通知退出"
        FAILED = "failed", "通知失败"

    session = models.ForeignKey(SsoSession, models.CASCADE, verbose_name="会话", related_name="entries")
    application = models.ForeignKey(Application, models.PROTECT, verbose_name="应用", related_name="entries")
    protocol = models.CharField("协议", max_length=8)
    service = models.CharField("进入的地址", max_length=600, blank=True)
    handle = SealedField("凭据", max_length=300, blank=True, editable=False)
    entered_at = models.DateTimeField("进入时间")
    used_at = models.DateTimeField("最近使用")
    ended_at = models.DateTimeField("退出时间", null=True, blank=True)
    notice = models.CharField("退出通知", max_length=8, choices=Notice, default=Notice.OPEN)
    attempts = models.PositiveSmallIntegerField("通知次数", default=0)
    due_at = models.DateTimeField("下次通知", null=True, blank=True)
    result = models.CharField("通知结果", max_length=200, blank=True)

    class Meta:
        verbose_name = "应用登录"
        ordering = ("-entered_at",)
        indexes = [
            models.Index(fields=["due_at"], condition=Q(notice="waiting"), name="entry_to_tell"),
            models.Index(fields=["session"], condition=Q(notice="open"), name="entry_open"),
        ]

    def __str__(self) -> str:
        return f"{self.application}"
