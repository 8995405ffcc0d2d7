"""Where and how a person wants to be reached."""

from __future__ import annotations

from datetime import time

from django.db import models

from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record

REASON = "只属于本人"


class Preference(Record):
    """What a person chose; whoever chose nothing has no row and gets what the school decided."""

    org_path = None
    org_path_reason = REASON
    person_path = "person"
    history = False  # a wish, not a fact

    class Language(models.TextChoices):
        CHINESE = "zh-hans", "中文"
        ENGLISH = "en", "English"

    person = models.OneToOneField("people.Person", models.CASCADE, verbose_name="本人", related_name="+")
    language = models.CharField("消息语言", max_length=10, choices=Language, default=Language.CHINESE)
    has_quiet_hours = models.BooleanField("夜间不打扰", default=True)
    quiet_from = models.TimeField("从", default=time(22))
    quiet_to = models.TimeField("到", default=time(7))
    digest_at = models.TimeField("每日汇总时间", null=True, blank=True)
    # {category: {channel: wanted}}; what is not written is as the school decided.
    choices = models.JSONField("各类消息的渠道", default=dict)

    class Meta:
        verbose_name = "消息偏好"

    def __str__(self) -> str:
        return str(self.person)


class ChannelAddress(Record):
    """Where a channel reaches a person when it is not by the person's number: an openid, another user name."""

    org_path = "person__home_unit"
    person_path = "person"
    title_needs = ("person",)

    person = models.ForeignKey("people.Person", models.CASCADE, verbose_name="人员", related_name="+")
    channel = models.CharField("渠道", max_length=20)
    address = SealedField("地址", max_length=120)

    class Meta:
        verbose_name = "渠道地址"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "channel"], name="channel_address_once",
                violation_error_message="这个人在这个渠道已经有地址",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.person} {self.channel}"


class PushSubscription(Record):
    """One browser that a person allowed to show messages (RFC 8030); the keys are the browser's."""

    org_path = None
    org_path_reason = REASON
    person_path = "person"
    history = False  # made and revoked by the browser
    secret_fields = ("endpoint", "secret")

    person = models.ForeignKey("people.Person", models.CASCADE, verbose_name="本人", related_name="+")
    device = models.CharField("设备", max_length=120)
    endpoint = SealedField("推送地址", indexed=True, max_length=800)
    public = models.CharField("浏览器公钥", max_length=120)
    secret = SealedField("认证密钥", max_length=60)
    used_at = models.DateTimeField("最近送达", null=True, blank=True)

    class Meta:
        verbose_name = "推送订阅"
        ordering = ("-pk",)
        indexes = [models.Index(fields=["person"], name="push_person")]

    def __str__(self) -> str:
        return self.device
