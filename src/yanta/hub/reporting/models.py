"""Filings: one package for one period, its tables, cells, findings, remarks and what was sent."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from yanta.kernel.base.models import Record

ORG_REASON = "上报以全校为单位"
# Once signed, what was signed stays: whoever tries otherwise is stopped by the database.
_LOCKED = """
    IF EXISTS (
        SELECT 1 FROM reporting_filing f WHERE f.id = {row}.filing_id AND f.state IN ('locked', 'submitted', 'archived')
    ) OR EXISTS (
        SELECT 1 FROM reporting_filingtable t WHERE t.id = {row}.table_id AND t.state = 'signed'
    ) THEN
        RAISE EXCEPTION '已签字锁定的报表不能更改';
    END IF;
"""


def _guard(name: str) -> list[pgtrigger.Trigger]:
    """Rows of a signed table or a locked filing are neither added nor altered nor removed."""
    return [
        pgtrigger.Trigger(
            name=f"{name}_locked_for_changes", when=pgtrigger.Before, operation=pgtrigger.Insert | pgtrigger.Update,
            func=_LOCKED.format(row="NEW") + "RETURN NEW;",
        ),
        pgtrigger.Trigger(
            name=f"{name}_locked_for_removal", when=pgtrigger.Before, operation=pgtrigger.Delete,
            func=_LOCKED.format(row="OLD") + "RETURN OLD;",
        ),
    ]  # fmt: skip


class Filing(Record):
    """A package being filled in for one period; the definition it was opened with stays with it."""

    org_path = None
    org_path_reason = ORG_REASON

    class State(models.TextChoices):
        DRAFTING = "drafting", "编制中"
        LOCKED = "locked", "已锁定"
        SUBMITTED = "submitted", "已上报"
        RETURNED = "returned", "被退回"
        ARCHIVED = "archived", "已归档"

    OPEN = (State.DRAFTING, State.RETURNED)

    package = models.CharField("报表包", max_length=30)
    title = models.CharField("名称", max_length=80)
    period = models.CharField("期别", max_length=9, help_text="如 2026")
    version = models.CharField("定义版本", max_length=20, editable=False)
    definition = models.JSONField("定义原文", default=dict, editable=False)
    days = models.JSONField("数据日期", default=dict, editable=False)
    due_on = models.DateField("上报截止")
    state = models.CharField(
        "状态", max_length=9, choices=State, default=State.DRAFTING, editable=False, db_index=True
    )
    calculation = models.ForeignKey(
        "reporting.Calculation", models.PROTECT, verbose_name="采用的计算", null=True, blank=True, related_name="+",
        editable=False,
    )  # fmt: skip
    previous = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上年任务", null=True, blank=True, related_name="+", editable=False
    )  # fmt: skip
    reviewed_by = models.CharField("校级审核", max_length=60, blank=True, editable=False)
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True, editable=False)
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    class Meta:
        verbose_name = "填报任务"
        ordering = ("-period", "package")
        constraints = [models.UniqueConstraint(fields=["package", "period"], name="filing_once_per_period")]
        triggers = [
            pgtrigger.Protect(
                name="filing_locked", operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["locked", "submitted", "archived"]) & (
                    pgtrigger.Q(new__calculation__df=pgtrigger.F("old__calculation"))
                    | pgtrigger.Q(new__definition__df=pgtrigger.F("old__definition"))
                    | pgtrigger.Q(new__days__df=pgtrigger.F("old__days"))
                ),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class Calculation(Record):
    """One run over a package: of a filing, or a rehearsal; values, lines, what they were counted from."""

    org_path = None
    org_path_reason = ORG_REASON

    package = models.CharField("报表包", max_length=30, editable=False)
    version = models.CharField("定义版本", max_length=20, editable=False)
    definition_digest = models.CharField("定义摘要", max_length=64, editable=False)
    filing = models.ForeignKey(
        Filing, models.PROTECT, verbose_name="填报任务", null=True, blank=True, related_name="calculations", editable=False
    )  # fmt: skip
    days = models.JSONField("数据日期", editable=False)
    snapshots = models.JSONField("快照", default=dict, editable=False)
    values = models.JSONField("结果", editable=False)
    lines = models.JSONField("行次", editable=False)
    findings = models.JSONField("核查", default=list, editable=False)
    digest = models.CharField("结果摘要", max_length=64, editable=False)
    seconds = models.FloatField("用时（秒）", editable=False)
    run_by = models.CharField("计算人", max_length=60, editable=False)

    class Meta:
        verbose_name = "报表计算"
        ordering = ("-pk",)
        triggers = [
            pgtrigger.ReadOnly(name="calculation_stays", fields=["values", "digest", "days", "snapshots", "version"])
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.package} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_rehearsal(self) -> bool:
        return self.filing_id is None


class FilingTable(Record):
    """A table of a filing with who fills it in, by when, and how far it is."""

    org_path = "unit"
    title_needs = ("filing",)

    class State(models.TextChoices):
        DRAFTING = "drafting", "编制中"
        CHECKED = "checked", "已自查"
        SIGNED = "signed", "已签字"

    filing = models.ForeignKey(
        Filing, models.PROTECT, verbose_name="填报任务", related_name="tables", editable=False
    )
    code = models.CharField("表代号", max_length=20, editable=False)
    title = models.CharField("表名", max_length=80, editable=False)
    place = models.PositiveSmallIntegerField("次序", editable=False)
    unit = models.ForeignKey(
        "organisation.OrgUnit", models.PROTECT, verbose_name="责任单位", related_name="+"
    )
    filler = models.ForeignKey(
        "people.Person", models.PROTECT, verbose_name="填报人", null=True, blank=True, related_name="+"
    )
    due_on = models.DateField("校内截止")
    state = models.CharField(
        "状态", max_length=8, choices=State, default=State.DRAFTING, editable=False, db_index=True
    )
    checked_by = models.CharField("自查人", max_length=60, blank=True, editable=False)
    checked_at = models.DateTimeField("自查时间", null=True, blank=True, editable=False)
    signed_by = models.CharField("签字人", max_length=60, blank=True, editable=False)
    signed_at = models.DateTimeField("签字时间", null=True, blank=True, editable=False)
    pledge = models.TextField("承诺书", blank=True, editable=False)
    returned_for = models.CharField("退回原因", max_length=300, blank=True, editable=False)
    listed = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="名册", null=True, blank=True, related_name="+", editable=False
    )  # fmt: skip

    class Meta:
        verbose_name = "报表分工"
        ordering = ("filing", "place")
        constraints = [models.UniqueConstraint(fields=["filing", "code"], name="filing_table_once")]

    def __str__(self) -> str:
        return f"{self.filing} · {self.title}"


class FilingCell(Record):
    """One figure: what was computed, and beside it what a person put instead or in."""

    org_path = "table__unit"
    title_needs = ("table",)

    filing = models.ForeignKey(
        Filing, models.PROTECT, verbose_name="填报任务", related_name="cells", editable=False
    )
    table = models.ForeignKey(
        FilingTable, models.PROTECT, verbose_name="报表", related_name="cells", editable=False
    )
    row = models.CharField("行", max_length=60, editable=False)
    column = models.CharField("列", max_length=20, editable=False)
    computed = models.DecimalField(
        "计算值", max_digits=22, decimal_places=4, null=True, blank=True, editable=False
    )
    given = models.DecimalField(
        "填报值", max_digits=22, decimal_places=4, null=True, blank=True, editable=False
    )
    words = models.CharField("填报文字", max_length=300, blank=True, editable=False)
    by_hand = models.BooleanField("手填项", default=False, editable=False)
    reason = models.CharField("改动理由", max_length=300, blank=True, editable=False)
    given_by = models.CharField("填报人", max_length=60, blank=True, editable=False)
    given_at = models.DateTimeField("填报时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "报表单元格"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["table", "row", "column"], name="filing_cell_once"),
            models.CheckConstraint(
                condition=Q(given=None) | Q(by_hand=True) | ~Q(reason=""), name="filing_override_has_reason"
            ),
        ]
        triggers = _guard("cell")

    def __str__(self) -> str:
        return f"{self.table.code}.{self.row}.{self.column}"

    @property
    def is_overridden(self) -> bool:
        return not self.by_hand and self.given is not None


class Finding(Record):
    """What a check found in a filing, with what was given, what is allowed, and how it was explained."""

    org_path = "table__unit"

    class Severity(models.TextChoices):
        ERROR = "error", "错误"
        EXPLAIN = "explain", "须说明"
        NOTICE = "notice", "提醒"

    filing = models.ForeignKey(
        Filing, models.PROTECT, verbose_name="填报任务", related_name="findings", editable=False
    )
    table = models.ForeignKey(
        FilingTable, models.PROTECT, verbose_name="报表", related_name="findings", editable=False
    )
    check_code = models.CharField("规则", max_length=20, editable=False)
    severity = models.CharField("程度", max_length=7, choices=Severity, editable=False)
    cell = models.CharField("单元格", max_length=90, editable=False)
    message = models.CharField("说明", max_length=300, editable=False)
    given = models.CharField("填报值", max_length=120, editable=False)
    allowed = models.CharField("允许值", max_length=200, editable=False)
    basis = models.CharField("依据", max_length=200, blank=True, editable=False)
    explanation = models.CharField("情况说明", max_length=500, blank=True, editable=False)
    explained_by = models.CharField("说明人", max_length=60, blank=True, editable=False)
    explained_at = models.DateTimeField("说明时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "核查问题"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["filing", "check_code", "cell"], name="finding_once_per_cell")
        ]
        triggers = _guard("finding")

    def __str__(self) -> str:
        return self.message

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.severity == "error" or (self.severity == "explain" and not self.explanation)


class Remark(Record):
    """What people say to each other about a table or one of its cells."""

    org_path = "table__unit"

    table = models.ForeignKey(
        FilingTable, models.PROTECT, verbose_name="报表", related_name="remarks", editable=False
    )
    cell = models.CharField("单元格", max_length=90, blank=True, editable=False)
    text = models.CharField("内容", max_length=500, editable=False)
    said_by = models.CharField("谁说的", max_length=60, editable=False)

    class Meta:
        verbose_name = "报表批注"
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.text


class Submission(Record):
    """What was sent: values, files and signature as they were, and what the authority answered."""

    org_path = None
    org_path_reason = ORG_REASON

    filing = models.ForeignKey(
        Filing, models.PROTECT, verbose_name="填报任务", related_name="submissions", editable=False
    )
    number = models.PositiveSmallIntegerField("第几次", editable=False)
    sent_by = models.CharField("上报人", max_length=60, editable=False)
    sent_at = models.DateTimeField("上报时间", editable=False)
    values = models.JSONField("上报值", editable=False)
    titles = models.JSONField("名称", default=dict, editable=False)
    archive = models.ForeignKey(
        "files.StoredFile", models.PROTECT, verbose_name="存档", null=True, blank=True, related_name="+", editable=False
    )  # fmt: skip
    digest = models.CharField("存档摘要", max_length=64, editable=False)
    signature = models.TextField("签名", editable=False)
    receipt = models.CharField("上级回执", max_length=300, blank=True, editable=False)
    receipt_at = models.DateTimeField("回执时间", null=True, blank=True, editable=False)
    returned_for = models.CharField("退回原因", max_length=300, blank=True, editable=False)
    returned_at = models.DateTimeField("退回时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "上报存档"
        ordering = ("filing", "number")
        constraints = [models.UniqueConstraint(fields=["filing", "number"], name="submission_numbered")]
        triggers = [
            pgtrigger.ReadOnly(
                name="submission_stays",
                fields=["filing", "number", "sent_by", "sent_at", "values", "archive", "digest", "signature"],
            ),
            pgtrigger.Protect(name="submission_not_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.filing} 第 {self.number} 次上报"


class ReceivedFiling(Record):
    """A report that a lower node sent to this one, as it came, judged by this node's own definition."""

    org_path = None
    org_path_reason = "下级节点的报表，由本级统一接收"

    class State(models.TextChoices):
        RECEIVED = "received", "待审核"
        ACCEPTED = "accepted", "已接受"
        RETURNED = "returned", "已退回"

    node = models.CharField("学校代码", max_length=40, editable=False)
    name = models.CharField("学校", max_length=100, editable=False)
    package = models.CharField("报表包", max_length=30, editable=False)
    title = models.CharField("名称", max_length=80, editable=False)
    period = models.CharField("期别", max_length=9, editable=False)
    number = models.PositiveSmallIntegerField("第几次", editable=False)
    version = models.CharField("定义版本", max_length=20, editable=False)
    values = models.JSONField("上报值", editable=False)
    lines = models.JSONField("行次", default=dict, editable=False)
    findings = models.JSONField("核查", default=list, editable=False)
    digest = models.CharField("存档摘要", max_length=64, editable=False)
    receipt = models.CharField("回执", max_length=200, editable=False)
    state = models.CharField(
        "状态", max_length=8, choices=State, default=State.RECEIVED, editable=False, db_index=True
    )
    reason = models.CharField("退回原因", max_length=300, blank=True, editable=False)
    judged_by = models.CharField("审核人", max_length=60, blank=True, editable=False)
    judged_at = models.DateTimeField("审核时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "收到的报表"
        ordering = ("-period", "package", "node", "-number")
        constraints = [
            models.UniqueConstraint(
                fields=["node", "package", "period", "number"], name="received_filing_once"
            )
        ]
        triggers = [
            pgtrigger.ReadOnly(name="received_filing_stays", fields=["node", "package", "period", "number", "values", "digest"])
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name} {self.title}"
