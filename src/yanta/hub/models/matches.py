"""Which rows are one person, why, and what people decided about it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yanta.kernel.base.models import Record


class RowPerson(Record):
    """A row belongs to a person since a run; ended links stay, so un-merging loses nothing."""

    org_path = "row__source__owner"
    person_path = "person"
    history = False  # the table is its own history: a link is ended, never rewritten

    row = models.ForeignKey("hub.SourceRow", models.PROTECT, verbose_name="来源行", related_name="links")
    person = models.ForeignKey("people.Person", models.PROTECT, verbose_name="人员", related_name="+")
    score = models.FloatField("把握", null=True, blank=True)
    why = models.CharField("依据", max_length=300, blank=True)
    since_run = models.ForeignKey("hub.Run", models.PROTECT, verbose_name="自运行", related_name="+")
    until_run = models.ForeignKey(
        "hub.Run", models.PROTECT, verbose_name="至运行", null=True, blank=True, related_name="+"
    )
    is_current = models.BooleanField("有效", default=True)

    class Meta:
        verbose_name = "行与人"
        constraints = [
            models.UniqueConstraint(fields=["row"], condition=Q(is_current=True), name="row_has_one_person")
        ]

    def __str__(self) -> str:
        return f"{self.row} → {self.person}"


class MatchDecision(Record):
    """A person's word on two rows; the matcher is bound by it until it is taken back."""

    org_path = None
    org_path_reason = "归并决定跨部门生效，凭权限查看"

    left = models.ForeignKey("hub.SourceRow", models.PROTECT, verbose_name="行一", related_name="+")
    right = models.ForeignKey("hub.SourceRow", models.PROTECT, verbose_name="行二", related_name="+")
    is_same = models.BooleanField("同一人")
    decided_by = models.CharField("决定人", max_length=100)
    decided_at = models.DateTimeField("决定时间")
    reason = models.CharField("理由", max_length=300, blank=True)
    is_revoked = models.BooleanField("已撤回", default=False)

    class Meta:
        verbose_name = "归并决定"
        constraints = [
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="match_decision_ordered"),
            models.UniqueConstraint(
                fields=["left", "right"], condition=Q(is_revoked=False), name="match_decision_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.left_id} {'=' if self.is_same else '≠'} {self.right_id}"


class DoubtfulPair(Record):
    """Two rows of which the matcher is not sure; waits for a person."""

    org_path = None
    org_path_reason = "存疑对跨部门，凭权限查看"

    class State(models.TextChoices):
        OPEN = "open", "待判断"
        SAME = "same", "同一人"
        DIFFERENT = "different", "不是同一人"
        CLOSED = "closed", "已不存疑"

    left = models.ForeignKey("hub.SourceRow", models.CASCADE, verbose_name="行一", related_name="+")
    right = models.ForeignKey("hub.SourceRow", models.CASCADE, verbose_name="行二", related_name="+")
    score = models.FloatField("把握")
    explanation = models.JSONField("解释", default=list)
    is_joined = models.BooleanField("目前归为一人", default=False)
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    run = models.ForeignKey("hub.Run", models.PROTECT, verbose_name="运行", related_name="+")
    put_off_until = models.DateField("暂缓至", null=True, blank=True)

    class Meta:
        verbose_name = "存疑对"
        ordering = ("-score", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="doubtful_pair_ordered"),
            models.UniqueConstraint(fields=["left", "right"], name="doubtful_pair_once"),
        ]

    def __str__(self) -> str:
        return f"{self.left_id} ? {self.right_id}"
