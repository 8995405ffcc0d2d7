"""The outbox, and what became of each event at each of its handlers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yanta.kernel.base.models import Record, RecordQuerySet


class OutboxEvent(models.Model):
    """One event that happened; written in the transaction that made it happen."""

    org_path: ClassVar[None] = None
    org_path_reason = "平台内部的消息队列，只有信息中心查看"
    person_path: ClassVar[None] = None

    name = models.CharField("事件", max_length=120)
    payload = models.JSONField("内容")
    published_at = models.DateTimeField("发生时间", auto_now_add=True, db_default=Now())
    fanned_out_at = models.DateTimeField("分发时间", null=True, blank=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "事件"
        indexes = [
            models.Index(fields=["id"], condition=Q(fanned_out_at=None), name="outbox_waiting"),
            models.Index(fields=["name", "published_at"], name="outbox_name_time"),
            models.Index(fields=["published_at"], name="outbox_time"),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class Delivery(Record):
    """One event at one handler: a failing handler is tried again alone, and in the end lies here as dead."""

    org_path = None
    org_path_reason = "平台内部的消息队列，只有信息中心查看"
    history = False  # it is a history itself

    class State(models.TextChoices):
        WAITING = "waiting", "待投递"
        DONE = "done", "已投递"
        DEAD = "dead", "投递失败"

    event = models.ForeignKey(OutboxEvent, models.CASCADE, verbose_name="事件", related_name="deliveries")
    handler = models.CharField("处理者", max_length=120)
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField("已尝试", default=0)
    due_at = models.DateTimeField("下次投递", db_default=Now())
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    error = models.TextField("错误", blank=True)

    class Meta:
        verbose_name = "事件投递"
        constraints = [models.UniqueConstraint(fields=["event", "handler"], name="delivery_once_per_handler")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="delivery_due"),
            models.Index(fields=["finished_at"], condition=Q(state="dead"), name="delivery_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.handler}"
