"""Who acts for whom, and what other systems ask of people."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yanta.kernel.base.models import Record


class Delegation(Record):
    """For a period, what one person is asked goes to another; `processes` are keys, none meaning all."""

    org_path = None
    org_path_reason = "本人的委托，只有双方和信息中心查看"
    person_path = "principal"
    title_needs = ("principal", "deputy")

    principal = models.ForeignKey(
        "people.Person", models.CASCADE, verbose_name="委托人", related_name="+", editable=False
    )
    deputy = models.ForeignKey("people.Person", models.PROTECT, verbose_name="受托人", related_name="+")
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", help_text="含当天")
    processes = models.JSONField("限于流程", default=list, blank=True)
    reason = models.CharField("原因", max_length=100, blank=True)
    ended_at = models.DateTimeField("提前结束", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "办理委托"
        ordering = ("-valid_from", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="workflow_delegation_forward"),
            models.CheckConstraint(condition=~Q(principal=F("deputy")), name="workflow_delegation_to_another"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["principal", "valid_to"], name="workflow_delegation_open")]

    def __str__(self) -> str:
        return f"{self.principal} → {self.deputy}"


class OutsideTodo(Record):
    """What another system asks of a person: put and cleared by its own key."""

    org_path = None
    org_path_reason = "外部系统交来的待办，只有本人查看"
    person_path = "person"
    history = False  # written by the other system, cleared once

    source = models.CharField("来源系统", max_length=40)
    source_title = models.CharField("来源系统名称", max_length=60)
    key = models.CharField("来源标识", max_length=120)
    person = models.ForeignKey("people.Person", models.CASCADE, verbose_name="办理人", related_name="+")
    title = models.CharField("标题", max_length=200)
    detail = models.CharField("说明", max_length=300, blank=True)
    link = models.CharField("链接", max_length=500)
    due_at = models.DateTimeField("期限", null=True, blank=True)
    cleared_at = models.DateTimeField("办结时间", null=True, blank=True)

    class Meta:
        verbose_name = "外部待办"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["source", "key", "person"], name="workflow_outside_once")
        ]
        indexes = [
            models.Index(fields=["person", "-id"], condition=Q(cleared_at=None), name="workflow_outside_open")
        ]

    def __str__(self) -> str:
        return self.title
