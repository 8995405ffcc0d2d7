"""Filings on screen and in the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yanta.hub.reporting import services
from yanta.hub.reporting.models import (
    Calculation,
    Filing,
    FilingCell,
    FilingTable,
    Finding,
    ReceivedFiling,
    Remark,
    Submission,
)
from yanta.kernel.resource import Related, Resource, Section, register

LOOK = {"auditor": "view export", "leader": "view"}
WORK = "view export fill take_back explain remark check_table"


@register
class FilingResource(Resource):
    model = Filing
    title = "填报任务"
    icon = "report-analytics"
    hint = "一个报表包一年一项任务；数据日期的快照冻结后即可开始。"
    columns = ["title", "period", "state", "due_on", "version", "reviewed_by"]
    filters = ["package", "period", "state"]
    search = ["title"]
    facts = [
        Section("任务", ["title", "package", "period", "version", "state", "due_on"]),
        Section("审核", ["reviewed_by", "reviewed_at"]),
    ]
    related = [Related("报表分工", FilingTable, "filing"), Related("上报存档", Submission, "filing")]
    actions = [
        services.open_filing, services.calculate, services.review, services.submit, services.record_receipt,
        services.return_filing, services.archive,
    ]  # fmt: skip
    order = ["-period", "package"]
    access = {
        "owner": "*", "engineer": "*", "clerk": "view", "head": "view", "auditor": "view export",
        "leader": "view export review return_filing archive",
    }  # fmt: skip

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("打开填报", f"/reporting/filings/{row.pk}/")]


@register
class FilingTableResource(Resource):
    model = FilingTable
    title = "报表分工"
    icon = "table"
    columns = ["title", "filing", "unit", "filler", "state", "due_on", "signed_by"]
    filters = ["filing", "state", "unit", "due_on"]
    search = ["title", "code"]
    in_search = False
    actions = [
        services.assign, services.fill, services.take_back, services.explain, services.remark, services.check_table,
        services.sign, services.send_back,
    ]  # fmt: skip
    order = ["filing", "place"]
    access = {
        "owner": "*", "engineer": "*", "clerk": WORK, "head": f"{WORK} sign send_back", **LOOK,
    }  # fmt: skip

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("打开报表", f"/reporting/filings/{row.filing_id}/tables/{row.code}/")]


class _Background(Resource):
    """Rows that have pages of their own."""

    in_menu = False
    in_search = False
    access = {"owner": "view export", "engineer": "view export", "clerk": "view", "head": "view", **LOOK}


@register
class FilingCellResource(_Background):
    model = FilingCell
    title = "报表单元格"
    columns = ["table", "row", "column", "computed", "given", "words", "reason", "given_by", "given_at"]
    filters = ["filing", "table", "by_hand"]


@register
class FindingResource(_Background):
    model = Finding
    title = "核查问题"
    columns = ["message", "table", "severity", "given", "allowed", "explanation", "explained_by"]
    filters = ["filing", "table", "severity", "check_code"]


@register
class RemarkResource(_Background):
    model = Remark
    title = "报表批注"
    columns = ["text", "table", "cell", "said_by", "created_at"]
    filters = ["table"]


@register
class SubmissionResource(_Background):
    model = Submission
    title = "上报存档"
    columns = ["filing", "number", "sent_by", "sent_at", "receipt", "receipt_at", "returned_for"]
    filters = ["filing"]


@register
class CalculationResource(_Background):
    model = Calculation
    title = "报表计算"
    columns = ["package", "version", "filing", "run_by", "created_at", "seconds", "digest"]
    filters = ["package", "filing"]
    actions = [services.rehearse]
    access = {
        "owner": "view export rehearse", "engineer": "view export rehearse", "clerk": "view rehearse",
        "head": "view rehearse", "auditor": "view export", "leader": "view rehearse",
    }  # fmt: skip


@register
class ReceivedFilingResource(Resource):
    model = ReceivedFiling
    title = "收到的报表"
    icon = "inbox"
    hint = "学校报来的法定报表：到达即按本级定义核查，有问题的自动退回，其余待审核。"
    columns = ["name", "title", "number", "state", "created_at", "receipt", "reason", "judged_by"]
    filters = ["package", "period", "state", "node"]
    search = ["name", "title"]
    in_search = False
    in_menu = False
    facts = [
        Section("报表", ["name", "node", "title", "period", "number", "version", "state"]),
        Section("凭证", ["receipt", "digest", "created_at"]), Section("审核", ["reason", "judged_by", "judged_at"]),
    ]  # fmt: skip
    actions = [services.accept, services.send_back_to_school]
    order = ["-created_at"]
    access = {
        "owner": "*", "engineer": "*", "leader": "view export accept send_back_to_school", "auditor": "view export",
    }  # fmt: skip

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [
            ("看报表", f"/reporting/received/{row.pk}/"),
            ("汇总", f"/reporting/region/{row.package}/{row.period}/"),
        ]
