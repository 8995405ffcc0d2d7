"""Sending: what goes up is kept with its files, its signatures and its own, and so is the answer."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Annotated, Any

from django.conf import settings
from django.utils import timezone

from yanta.hub.nodes import public as nodes
from yanta.hub.reporting import queries
from yanta.hub.reporting.definitions import LIST, Package
from yanta.hub.reporting.exporting import excel, sheets, texts
from yanta.hub.reporting.models import Filing, Submission
from yanta.hub.reporting.services.working import FROM_ABOVE
from yanta.kernel import files
from yanta.kernel.base import Actor, Refused, ciphers, signatures
from yanta.kernel.operation import Label, operation

ARCHIVES = "reporting.archive"
# Rows of a report on its way upward that are no figures.
HEAD, EXPLAINED = "@", "@explained"


@operation(
    "上报",
    icon="send",
    bulk=False,
    confirm="将生成存档并签名。",
    when=lambda filing: filing.state == Filing.State.LOCKED,
)
def submit(filing: Filing, *, actor: Actor) -> None:
    """The locked filing is packed, signed and kept as sent."""
    if filing.state != Filing.State.LOCKED:
        raise Refused("审核锁定之后才能上报")
    send_up(keep(filing, by=actor.signature))
    nodes.report_resent(filing.package)
    filing.state = Filing.State.SUBMITTED
    filing.save()


def keep(filing: Filing, *, by: str) -> Submission:
    """The evidence of one submission: files, values, who signed what, on which data."""
    number = filing.submissions.count() + 1
    package, filled = sheets.of_filing(filing)
    packed = pack(filing, package, filled, number=number)
    digest = ciphers.sm3_hex(packed)
    archive = files.store(
        f"{filing.title}-第{number}次.zip", packed, actor=Actor.system("reporting"), purpose=ARCHIVES, allow=("zip",),
        megabytes=4096, held=True,
    )  # fmt: skip
    values = {one.table.code: one.values for one in filled}
    return Submission.objects.create(
        filing=filing, number=number, sent_by=by, sent_at=timezone.now(), values=queries.stored_values(values),
        titles=_titles(filled), archive=archive, digest=digest, signature=signatures.sign(digest.encode()).as_text(),
    )  # fmt: skip


def send_up(sent: Submission) -> None:
    """Queue what was kept for the upper nodes, if there are any: figures, lines, explanations, each a row."""
    if not any(upper.is_active for upper in nodes.uppers()):
        return
    filing, calculation = sent.filing, sent.filing.calculation
    assert calculation is not None  # noqa: S101  # locked filings have one
    head = {
        "title": filing.title, "period": filing.period, "number": sent.number, "version": filing.version,
        "digest": sent.digest, "signature": sent.signature,
    }  # fmt: skip
    explained = {
        f"{one.check_code.removeprefix(FROM_ABOVE)}|{one.cell}": one.explanation
        for one in filing.findings.exclude(explanation="")
    }
    meta = {
        HEAD: head,
        EXPLAINED: explained,
        **{f"@{code}": lines for code, lines in calculation.lines.items()},
    }
    rows = [{"cell": name, "value": json.dumps(value, ensure_ascii=False)} for name, value in meta.items()]
    rows += [
        {"cell": f"{table}.{place}", "value": value}
        for table, cells in sent.values.items()
        for place, value in cells.items()
    ]
    nodes.send_report(
        filing.package,
        queries.package_of(filing).title,
        period=filing.period,
        cells=rows,
        signed_by=sent.sent_by,
    )


def _titles(filled: list[sheets.Filled]) -> dict[str, str]:
    """What each cell was called when it was sent."""
    return {
        f"{one.table.code}.{line.code}.{column.code}": f"{one.table.heading} · {line.title} · {column.title}"
        for one in filled
        for line in one.lines
        for column in one.table.columns
    }


def pack(filing: Filing, package: Package, filled: list[sheets.Filled], *, number: int) -> bytes:
    """One archive of everything that was sent."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("报表.xlsx", excel.write(package, filled, period=filing.period))
        packed.writestr(
            "报表.xml", texts.xml(package, filled, period=filing.period, school=settings.YANTA_NODE_NAME)
        )
        packed.writestr("数据.csv", texts.figures_csv(filled))
        for one in filled:
            if one.table.kind == LIST:
                packed.writestr(f"名册-{one.table.code}.csv", texts.list_csv(one))
        packed.writestr(
            "凭证.json", json.dumps(_evidence(filing, number), ensure_ascii=False, indent=1, default=str)
        )
        for name, text in filing.definition.items():
            packed.writestr(f"定义/{name}.toml", text)
    return written.getvalue()


def _evidence(filing: Filing, number: int) -> dict[str, Any]:
    calculation = filing.calculation
    assert calculation is not None  # noqa: S101  # locked filings have one
    return {
        "package": filing.package, "version": filing.version, "period": filing.period, "number": number,
        "definition": calculation.definition_digest, "data": filing.days, "snapshots": calculation.snapshots,
        "values": calculation.digest, "reviewed": [filing.reviewed_by, filing.reviewed_at],
        "tables": [
            {"code": one.code, "title": one.title, "unit": one.unit.name, "checked": [one.checked_by, one.checked_at],
             "signed": [one.signed_by, one.signed_at], "pledge": one.pledge}
            for one in filing.tables.select_related("unit")
        ],
        "changed_by_hand": [
            {"cell": str(one), "computed": one.computed, "given": one.given, "reason": one.reason, "by": one.given_by}
            for one in filing.cells.filter(by_hand=False).exclude(given=None).select_related("table")
        ],
        "explained": [
            {"cell": one.cell, "message": one.message, "explanation": one.explanation, "by": one.explained_by}
            for one in filing.findings.exclude(explanation="")
        ],
    }  # fmt: skip


@operation("登记回执", icon="receipt", bulk=False, when=lambda filing: filing.state == Filing.State.SUBMITTED)
def record_receipt(filing: Filing, *, actor: Actor, receipt: Annotated[str, Label("上级回执", "回执编号或内容")]) -> None:  # fmt: skip
    """What the authority answered."""
    note_receipt(filing, receipt)


def note_receipt(filing: Filing, receipt: str) -> None:
    """Put the answer on the newest submission; once."""
    sent = queries.sent_before(filing)
    if filing.state != Filing.State.SUBMITTED or sent is None:
        raise Refused("只有已上报的任务可以登记回执")
    if not receipt.strip():
        raise Refused("请填写回执内容", field="receipt")
    if sent.receipt:
        raise Refused(f"这一次上报已有回执：{sent.receipt}", field="receipt")
    sent.receipt, sent.receipt_at = receipt.strip()[:300], timezone.now()
    sent.save(update_fields=["receipt", "receipt_at", "updated_at"])


def is_sound(submission: Submission) -> bool:
    """Whether the kept archive still is what was signed."""
    if submission.archive is None:
        return False
    with files.open_file(submission.archive) as content:
        digest = ciphers.sm3_hex(content.read())
    try:
        signature = signatures.Signature.from_text(submission.signature)
    except ValueError:
        return False
    return digest == submission.digest and signatures.verify_own(digest.encode(), signature)
