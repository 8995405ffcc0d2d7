"""Runs of jobs, as people see them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record


class JobRun(Record):
    """One run of a job: whose, how far, with what end."""

    org_path = "person__home_unit"
    person_path = "person"
    history = False  # progress changes many times a second; the outcome is what matters

    class State(models.TextChoices):
        WAITING = "waiting", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"
        CANCELLED = "cancelled", "已取消"

    ENDED = (State.DONE, State.FAILED, State.CANCELLED)

    name = models.CharField("任务", max_length=120)
    title = models.CharField("标题", max_length=120)
    params = models.JSONField("参数", default=dict, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    done = models.BigIntegerField("已处理", default=0)
    total = models.BigIntegerField("总数", default=0)
    text = models.CharField("进展", max_length=300, blank=True)
    checkpoint = models.JSONField("断点", default=dict, blank=True)
    attempts = models.PositiveSmallIntegerField("运行次数", default=0)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    result = models.JSONField("结果", default=dict, blank=True)
    link = models.CharField("结果页面", max_length=300, blank=True)
    error = models.TextField("未完成的原因", blank=True)
    cancel_requested = models.BooleanField("要求取消", default=False)
    account_id = models.BigIntegerField("账号", null=True, blank=True)
    person = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="发起人", null=True, blank=True, related_name="+"
    )
    actor_name = models.CharField("发起者", max_length=80)
    acting_as = models.CharField("身份", max_length=16, blank=True)

    class Meta:
        verbose_name = "后台任务"
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["account_id", "-id"], name="job_run_account"),
            models.Index(
                fields=["state"], condition=Q(state__in=["waiting", "running"]), name="job_run_open"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def has_ended(self) -> bool:
        return self.state in self.ENDED

    @property
    def percent(self) -> int | None:
        """How far, in hundredths; None when the total is not known."""
        return min(100, self.done * 100 // self.total) if self.total else None

    @property
    def seconds(self) -> float | None:
        """How long it took, or None when it has not ended."""
        return (
            (self.ended_at - self.started_at).total_seconds() if self.started_at and self.ended_at else None
        )


class Schedule(models.Model):
    """When a scheduled job was last due, so that a time slept through is caught up with once."""

    org_path = None
    org_path_reason = "平台自身的定时安排，只有信息中心查看"
    person_path = None

    name = models.CharField("任务", max_length=120, unique=True)
    last_due_at = models.DateTimeField("上次时间")

    class Meta:
        verbose_name = "定时安排"

    def __str__(self) -> str:
        return self.name
