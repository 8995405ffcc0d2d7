"""Processes and the versions of their drawings."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record

REASON = "流程定义全校共用，按角色管理"


class Process(Record):
    """One process. `base` is the declaration in code that it takes its subject and its data from."""

    org_path = None
    org_path_reason = REASON

    key = models.CharField("标识", max_length=80, unique=True)
    title = models.CharField("名称", max_length=80)
    base = models.CharField("所属声明", max_length=80, editable=False)
    owner = models.CharField("负责部门", max_length=80, blank=True)
    is_drawn = models.BooleanField("在浏览器里绘制", default=False, editable=False)

    class Meta:
        verbose_name = "流程"
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title


class Version(Record):
    """One drawing of a process; what runs keeps its version. A draft has no number."""

    org_path = None
    org_path_reason = REASON
    history = False  # a version is never changed once it is published

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        CURRENT = "current", "使用中"
        RETIRED = "retired", "已停用"

    process = models.ForeignKey(Process, models.CASCADE, verbose_name="流程", related_name="versions")
    number = models.PositiveIntegerField("版本", null=True, blank=True)
    state = models.CharField("状态", max_length=8, choices=State, default=State.DRAFT)
    xml = models.TextField("BPMN")
    called = models.JSONField("调用的流程", default=dict, blank=True, editable=False)
    checksum = models.CharField("校验值", max_length=64, editable=False)
    note = models.CharField("说明", max_length=200, blank=True)
    by_name = models.CharField("发布人", max_length=60, blank=True, editable=False)
    published_at = models.DateTimeField("发布时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "流程版本"
        ordering = ("process", "-number", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["process", "number"], name="workflow_version_once"),
            models.UniqueConstraint(
                fields=["process"], condition=Q(state="current"), name="workflow_version_one_current"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.process.title} 第 {self.number} 版" if self.number else f"{self.process.title} 草稿"
