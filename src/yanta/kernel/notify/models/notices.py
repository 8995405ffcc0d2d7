"""What people tell people: a notice to units, classes, roles or named people."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record


class Notice(Record):
    """One notice from being written to its receipt; the messages that it became carry who read and who confirmed."""

    org_path = "org_unit"
    person_path = "author"

    class Status(models.TextChoices):
        PENDING = "pending", "待批准"
        APPROVED = "approved", "待发送"
        RUNNING = "running", "发送中"
        DONE = "done", "已发送"
        REFUSED = "refused", "未批准"
        WITHDRAWN = "withdrawn", "已撤回"

    class Only(models.TextChoices):
        EVERYBODY = "", "所有人"
        STUDENTS = "students", "只发学生"
        STAFF = "staff", "只发教职工"

    title = models.CharField("标题", max_length=100)
    body = models.TextField("内容", max_length=5000)
    link = models.CharField("链接", max_length=300, blank=True)
    # `unit:12 class:3 role:counsellor person:2026…`, and which of these people.
    audience = models.CharField("收件范围", max_length=4000)
    audience_shown = models.CharField("发给", max_length=500, blank=True, editable=False)
    only = models.CharField("人员", max_length=10, choices=Only, blank=True, default="")
    is_urgent = models.BooleanField("紧急", default=False)
    needs_confirmation = models.BooleanField("须确认", default=False)
    confirm_by = models.DateTimeField("确认期限", null=True, blank=True)
    send_at = models.DateTimeField("定时发送", null=True, blank=True)
    author = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="发送人", editable=False, related_name="+"
    )
    account_id = models.BigIntegerField("发送账号", editable=False)
    org_unit = models.ForeignKey(
        "organisation.OrgUnit",
        models.PROTECT,
        verbose_name="发送单位",
        null=True,
        editable=False,
        related_name="+",
    )
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PENDING, editable=False)
    recipients = models.PositiveIntegerField("人数", default=0, editable=False)
    opinion = models.CharField("批准意见", max_length=200, blank=True, editable=False)
    decided_by = models.CharField("批准人", max_length=60, blank=True, editable=False)
    sent_at = models.DateTimeField("发送时间", null=True, blank=True, editable=False)
    reminded_at = models.DateTimeField("上次提醒", null=True, blank=True, editable=False)
    escalated_at = models.DateTimeField("上报时间", null=True, blank=True, editable=False)
    recall_reason = models.CharField("撤回原因", max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = "通知"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(confirm_by=None) | Q(needs_confirmation=True), name="notice_confirm_by_asks",
                violation_error_message="有确认期限的通知须要求确认",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class Attachment(Record):
    """A file that goes with a notice."""

    org_path = "notice__org_unit"
    person_path = "notice__author"

    notice = models.ForeignKey(Notice, models.CASCADE, verbose_name="通知", related_name="attachments")
    file = models.ForeignKey("files.StoredFile", models.PROTECT, verbose_name="文件", related_name="+")

    class Meta:
        verbose_name = "通知附件"

    def __str__(self) -> str:
        return str(self.file)
