"""Messages and their way out."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record


class Message(Record):
    """One message to one person, as it stands in the portal; `read_at` is the receipt."""

    org_path = None
    org_path_reason = "消息只属于收件人本人"
    person_path = "person"
    history = False  # written once; reading, confirming and recalling are told by their own times

    person = models.ForeignKey("people.Person", models.CASCADE, verbose_name="收件人", related_name="+")
    template = models.CharField("类别", max_length=80)
    title = models.CharField("标题", max_length=200)
    body = models.TextField("内容", blank=True)
    short = models.CharField("短文本", max_length=200, blank=True, db_default="")
    link = models.CharField("链接", max_length=300, blank=True)
    once = models.CharField("去重标识", max_length=120, blank=True)
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)
    notice = models.ForeignKey(
        "notify.Notice", models.CASCADE, verbose_name="通知", null=True, blank=True, related_name="messages"
    )
    needs_confirmation = models.BooleanField("须确认", default=False, db_default=False)
    confirm_by = models.DateTimeField("确认期限", null=True, blank=True)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    recalled_at = models.DateTimeField("撤回时间", null=True, blank=True)

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
            models.Index(
                fields=["person"], condition=Q(needs_confirmation=True, confirmed_at=None, recalled_at=None),
                name="message_unconfirmed",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def awaits_confirmation(self) -> bool:
        return self.needs_confirmation and self.confirmed_at is None and self.recalled_at is None


class Dispatch(Record):
    """One message on its way by one channel; where it cannot go, the next row tells the next channel."""

    org_path = None
    org_path_reason = "平台内部的发送队列，只有信息中心查看"
    history = False  # a queue; its rows tell what became of them

    class State(models.TextChoices):
        WAITING = "waiting", "待发送"
        SENT = "sent", "已发送"
        NOWHERE = "nowhere", "无地址"
        FAILED = "failed", "发送失败"
        SPARED = "spared", "不必发送"

    message = models.ForeignKey(Message, models.CASCADE, verbose_name="消息", related_name="dispatches")
    person = models.ForeignKey(
        "people.Person", models.CASCADE, verbose_name="收件人", null=True, related_name="+"
    )
    channel = models.CharField("渠道", max_length=20)
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING)
    # What leaves together: rows of one person, channel and bundle become one text; an empty one goes alone.
    bundle = models.CharField("合并标识", max_length=80, blank=True, db_default="")
    fallbacks = ArrayField(
        models.CharField(max_length=20), verbose_name="后备渠道", default=list, db_default=[]
    )
    due_at = models.DateTimeField("发送时间")
    sent_at = models.DateTimeField("送出时间", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("已尝试", default=0)
    error = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "消息发送"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["message", "channel"], name="dispatch_once_per_channel")
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="dispatch_due"),
            models.Index(fields=["person", "bundle"], condition=~Q(bundle=""), name="dispatch_bundle"),
            models.Index(fields=["channel", "sent_at"], condition=Q(state="sent"), name="dispatch_pace"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.message} → {self.channel}"


class SimulatedText(Record):
    """What the demo's imitation of an outside service was given."""

    org_path = None
    org_path_reason = "只有演示学校才有，内容都是虚构的"
    history = False  # written once

    class Channel(models.TextChoices):
        SMS = "sms", "短信"
        WECOM = "wecom", "企业微信"
        DINGTALK = "dingtalk", "钉钉"
        FEISHU = "feishu", "飞书"
        WECHAT = "wechat", "微信"
        MAIL = "mail", "邮件"
        PUSH = "push", "浏览器推送"

    channel = models.CharField("渠道", max_length=10, choices=Channel)
    address = models.CharField("收件地址", max_length=200)
    text = models.TextField("内容")
    link = models.CharField("链接", max_length=300, blank=True)

    class Meta:
        verbose_name = "模拟消息"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.text[:40]
