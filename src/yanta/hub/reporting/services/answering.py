"""At the school: the upper node judged a filing of ours; its findings come to the departments that hold the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils import timezone

from yanta.hub.nodes import public as nodes
from yanta.hub.reporting.models import Filing, Finding, Submission
from yanta.hub.reporting.services import filings
from yanta.hub.reporting.services.working import FROM_ABOVE
from yanta.kernel.base import Actor


def take_answer(code: str, answer: Mapping[str, Any], *, actor: Actor, author: str = "") -> None:
    """Receipt, return or acceptance, noted on the very submission it answers; told twice, it is done once."""
    filing = (
        Filing.objects.select_for_update(of=("self",)).filter(package=code, period=answer["period"]).first()
    )
    sent = filing.submissions.filter(number=answer["number"]).first() if filing else None
    if filing is None or sent is None:
        return
    _note(sent, answer["receipt"])
    newest = not filing.submissions.filter(number__gt=sent.number).exists()
    if filing.state != Filing.State.SUBMITTED or not newest:
        return
    nodes.note_report(author, code, list(_faults(filing, answer)))
    if answer["state"] == "returned":
        reason = answer["reason"] or "上级退回"
        filings.return_filing(filing, actor=actor, reason=reason, codes="、".join(answer["codes"]))
        _keep_findings(filing, answer["findings"])
    elif answer["state"] == "accepted":
        filings.archive(filing, actor=actor)


def _faults(filing: Filing, answer: Mapping[str, Any]) -> Iterator[nodes.ReportFault]:
    """Each finding, else each table that was sent back with its reason; whoever holds the table has to do with it."""
    if answer["state"] != "returned":
        return
    tables = {table.code: table for table in filing.tables.all()}
    place = f"/reporting/filings/{filing.pk}/"
    findings = [one for one in answer["findings"] if _is_open(one)]
    for one in findings:
        table = tables.get(one["table"])
        link = f"{place}tables/{table.code}/" if table else place
        yield nodes.ReportFault(
            one["cell"] or one["table"] or filing.package, table.title if table else filing.title, one["message"],
            one["check"], table.unit_id if table else None, link,
        )  # fmt: skip
    for table in tables.values():
        if not findings and (table.code in answer["codes"] or not answer["codes"]):
            link = f"{place}tables/{table.code}/"
            reason = answer["reason"] or "上级退回"
            yield nodes.ReportFault(table.code, table.title, reason, "退回", table.unit_id, link)


def _is_open(finding: Mapping[str, Any]) -> bool:
    """The others stand with the school's explanation, and need nothing more."""
    return finding["severity"] == "error" or (finding["severity"] == "explain" and not finding["explanation"])


def _note(sent: Submission, receipt: str) -> None:
    if not sent.receipt:
        sent.receipt, sent.receipt_at = receipt[:300], timezone.now()
        sent.save(update_fields=["receipt", "receipt_at", "updated_at"])


def _keep_findings(filing: Filing, findings: list[dict[str, Any]]) -> None:
    """What the upper node found: to be explained or put right before the table can be checked again."""
    tables = {table.code: table for table in filing.tables.all()}
    for one in findings:
        if one["table"] not in tables:
            continue
        Finding.objects.update_or_create(
            filing=filing, check_code=f"{FROM_ABOVE}{one['check']}"[:20], cell=one["cell"][:90],
            defaults={
                "table": tables[one["table"]], "severity": Finding.Severity.EXPLAIN, "message": one["message"][:300],
                "given": one["given"][:120], "allowed": one["allowed"][:200], "basis": one["basis"][:200], "explanation": "",
                "explained_by": "", "explained_at": None,
            },
        )  # fmt: skip
