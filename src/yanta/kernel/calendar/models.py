"""What calendars outside read: secret addresses, passwords of devices, and what was last told."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record

REASON = "只属于本人"


class Feed(Record):
    """A secret address under which a person's calendars are read; whoever has it reads them, until it is closed."""

    org_path = None
    org_path_reason = REASON
    person_path = "person"
    history = False  # opened and closed once, both told by their own times
    secret_fields = ("secret",)

    person = models.ForeignKey("people.Person", models.CASCADE, verbose_name="本人", related_name="+")
    name = models.CharField("名称", max_length=40)
    secret = SealedField("地址", indexed=True, max_length=80)
    # Keys of the calendars in it; empty means all.
    calendars = models.JSONField("日历", default=list, blank=True)
    closed_at = models.DateTimeField("停用时间", null=True, blank=True)
    read_at = models.DateTimeField("最近读取", null=True, blank=True)

    class Meta:
        verbose_name = "日历订阅地址"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.name


class Device(Record):
    """A password for one device, which opens the person's calendars and nothing else."""

    org_path = None
    org_path_reason = REASON
    person_path = "account__person"
    history = False  # made and revoked once, both told by their own times
    secret_fields = ("digest",)

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="账号", related_name="+"
    )
    name = models.CharField("设备", max_length=40)
    digest = models.CharField("摘要", max_length=64, unique=True)
    revoked_at = models.DateTimeField("吊销时间", null=True, blank=True)
    used_at = models.DateTimeField("最近使用", null=True, blank=True)
    used_from = models.CharField("使用地址", max_length=45, blank=True)

    class Meta:
        verbose_name = "日历设备密码"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.name


class ToldEntry(models.Model):
    """An entry as calendars outside were last told it, so that a change is a change and a deletion is said."""

    org_path = None
    org_path_reason = REASON
    person_path = None

    person = models.ForeignKey("people.Person", models.CASCADE, related_name="+")
    calendar = models.CharField(max_length=40)
    uid = models.CharField(max_length=200)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # The lines of the event without its sequence and times of change.
    text = models.TextField()
    sequence = models.PositiveIntegerField(default=0)
    revision = models.BigIntegerField()
    changed_at = models.DateTimeField()
    is_gone = models.BooleanField(default=False)

    class Meta:
        verbose_name = "已告知的日程"
        constraints = [
            models.UniqueConstraint(fields=["person", "calendar", "uid"], name="told_entry_once"),
            models.CheckConstraint(
                condition=Q(ends_at__gte=models.F("starts_at")), name="told_entry_forward"
            ),
        ]
        indexes = [models.Index(fields=["person", "calendar", "revision"], name="told_entry_revision")]

    def __str__(self) -> str:
        return self.uid
