"""Work orders to put data right, and rows that may break a rule for a time."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from yanta.kernel.base.models import Record


class Order(Record):
    """One rule, one department: the rows to put right, by whom, until when."""

    org_path = "handler"
    title_needs = ("rule", "unit")
    history_exclude = ("rows", "remaining")

    class State(models.TextChoices):
        OPEN = "open", "待处理"
        WORKING = "in_progress", "处理中"
        SUBMITTED = "reviewing", "已申请复核"
        CLOSED = "done", "已关闭"

    class Ending(models.TextChoices):
        REPAIRED = "repaired", "复核通过"
        VANISHED = "vanished", "检查时已无不合格"
        WITHDRAWN = "withdrawn", "撤销"

    LIVE = (State.OPEN, State.WORKING, State.SUBMITTED)

    rule = models.ForeignKey("quality.Rule", models.PROTECT, verbose_name="规则", related_name="orders")
    unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="数据所在单位", related_name="+"
    )
    handler = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="整改单位", related_name="+"
    )
    severity = models.CharField("严重程度", max_length=10)
    state = models.CharField("状态", max_length=12, choices=State, default=State.OPEN, editable=False)
    is_overdue = models.BooleanField("超期", default=False, editable=False)
    opened_on = models.DateField("派发日期")
    opened_by = models.CharField("派发人", max_length=100)
    due_on = models.DateField("整改期限")
    extended = models.PositiveSmallIntegerField("延期次数", default=0, editable=False)
    rows = ArrayField(models.BigIntegerField(), verbose_name="派发时的不合格行", default=list)
    remaining = ArrayField(models.BigIntegerField(), verbose_name="尚未改好的行", default=list)
    taken_by = models.CharField("经办人", max_length=100, blank=True, editable=False)
    rounds = models.PositiveSmallIntegerField("复核次数", default=0, editable=False)
    note = models.CharField("说明", max_length=300, blank=True)
    closed_on = models.DateField("关闭日期", null=True, blank=True, editable=False)
    ending = models.CharField("结果", max_length=10, choices=Ending, blank=True, editable=False)

    class Meta:
        verbose_name = "整改工单"
        ordering = ("due_on", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "unit"], condition=~Q(state="done"), name="quality_order_open_once",
                violation_error_message="这条规则在这个单位已有未关闭的工单",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("opened_on")), name="quality_order_forward"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "due_on"], name="quality_order_state")]

    def __str__(self) -> str:
        return f"{self.rule} · {self.unit}"

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def total(self) -> int:
        return len(self.rows)

    @property
    def left(self) -> int:
        return len(self.remaining)

    def days_left(self, *, on: date) -> int:
        return (self.due_on - on).days


class Exemption(Record):
    """A row may break a rule until a day, for a reason; the information centre agrees to it."""

    org_path = "unit"
    title_needs = ("rule",)

    class State(models.TextChoices):
        ASKED = "pending", "待批准"
        GRANTED = "granted", "已批准"
        REFUSED = "refused", "未批准"
        ENDED = "ended", "已到期"

    rule = models.ForeignKey("quality.Rule", models.PROTECT, verbose_name="规则", related_name="exemptions")
    row_id = models.BigIntegerField("行")
    key = models.CharField("编号", max_length=160)
    unit = models.ForeignKey("organisation.OrgUnit", models.PROTECT, verbose_name="单位", related_name="+")
    reason = models.CharField("理由", max_length=300)
    until = models.DateField("豁免至")
    state = models.CharField("状态", max_length=10, choices=State, default=State.ASKED, editable=False)
    asked_by = models.CharField("申请人", max_length=100)
    asked_by_id = models.BigIntegerField("申请人账号", null=True, blank=True, editable=False)
    decided_by = models.CharField("批准人", max_length=100, blank=True, editable=False)
    opinion = models.CharField("批准意见", max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = "质量豁免"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "row_id"], condition=Q(state__in=["pending", "granted"]), name="quality_exemption_once",
                violation_error_message="这一行已申请或已获豁免",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.rule}：{self.key}"
