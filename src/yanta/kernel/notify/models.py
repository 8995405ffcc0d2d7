"""Messages and their way out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record, RecordQuerySet


class Message(Record):
    """One message to one person, as it stands in the portal; `read_at` is the receipt."""

    org_path = None
    org_path_reason = "消息只属于收件人本人"
    person_path = "person"
    history = False  # written once; the only change, reading, is its own record

    person = models.ForeignKey("people.Person", models.CASCADE, verbose_name="收件人", related_name="+")
    template = models.CharField("类别", max_length=80)
    title = models.CharField("标题", max_length=200)
    body = models.TextField("内容", blank=True)
    link = models.CharField("链接", max_length=300, blank=True)
    once = models.CharField("去重标识", max_length=120, blank=True)
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)

    class Meta:
        verbose_name = "消息"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["person", "template", "once"], condition=~Q(once=""), name="message_once"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="message_person"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="message_unread"),
            models.Index(fields=["template", "once"], condition=~Q(once=""), name="message_receipt"),
        ]

    def __str__(self) -> str:
        return self.title


class Dispatch(models.Model):
    """One message on its way by one channel."""

    org_path: ClassVar[None] = None
    org_path_reason = "平台内部的发送队列，只有信息中心查看"
    person_path: ClassVar[None] = None

    class State(models.TextChoices):
        WAITING = "waiting", "待发送"
        SENT = "sent", "已发送"
        NOWHERE = "nowhere", "无地址"
        FAILED = "failed", "发送失败"

    message = models.ForeignKey(Message, models.CASCADE, verbose_name="消息", related_name="dispatches")
    channel = models.CharField("渠道", max_length=20)
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING)
    due_at = models.DateTimeField("发送时间")
    sent_at = models.DateTimeField("送出时间", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("已尝试", default=0)
    error = models.CharField("错误", max_length=300, blank=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "消息发送"
        constraints = [
            models.UniqueConstraint(fields=["message", "channel"], name="dispatch_once_per_channel")
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="waiting"), name="dispatch_due")]

    def __str__(self) -> str:
        return f"{self.message} → {self.channel}"


class SimulatedText(Record):
    """A text that the demo's imitation of an outside service was given."""

    org_path = None
    org_path_reason = "只有演示学校才有，内容都是虚构的"
    history = False  # written once

    class Channel(models.TextChoices):
        SMS = "sms", "短信"
        WECOM = "wecom", "企业微信"

    channel = models.CharField("渠道", max_length=10, choices=Channel)
    address = models.CharField("收件地址", max_length=60)
    text = models.TextField("内容")
    link = models.CharField("链接", max_length=300, blank=True)

    class Meta:
        verbose_name = "模拟消息"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.text[:40]
