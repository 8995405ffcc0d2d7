"""The account of a run: per part, adding up, explained, signed, chained, a copy for each department."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from yanta.hub import signing
from yanta.hub.pipelines import rules
from yanta.hub.pipelines.models import PipelineReceipt, PipelineRun, ReceiptCopy, RunPart
from yanta.hub.pipelines.models.runs import COUNTED
from yanta.hub.pipelines.running.classifying import Found
from yanta.hub.pipelines.running.writing import Written
from yanta.hub.pipelines.targets import Target

CHAIN = 0x59524350


def corrected(found: Found, written: Written) -> None:
    """Rows that the database itself refused are held back, not new or changed."""
    for row in written.refused:
        counts = found.parts[row.part].counts
        counts[row.fate] -= 1
        counts["quarantined"] += 1
        found.reasons[row.reason] = found.reasons.get(row.reason, 0) + 1


def totals(found: Found) -> dict[str, int]:
    counts = {name: found.total(name) for name in COUNTED if name != "read"}
    differing = sum(part.differing for part in found.parts.values())
    return {"read": found.read, **counts, "differing": differing}


def write_parts(run: PipelineRun, found: Found) -> list[RunPart]:
    return RunPart.objects.bulk_create(
        RunPart(run=run, part=part.name[:200], checksum=part.checksum, read=part.read, differing=part.differing, **part.counts)
        for part in found.parts.values()
    )  # fmt: skip


def sign(
    run: PipelineRun, parts: list[RunPart], *, target: Target, before: int, after: int, absent: int | None, source: dict[str, Any],
    whole: bool, at: datetime,
) -> PipelineReceipt:  # fmt: skip
    """Write the receipt; one after the other, for each is chained to the one before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN])
    last = PipelineReceipt.objects.order_by("-pk").first()
    pipeline = run.pipeline
    document = {
        "run": run.pk, "pipeline": pipeline.code, "title": pipeline.title, "kind": run.kind, "engine": run.engine,
        "version": {"number": run.version.number, "sm3": run.version.digest}, "source": source,
        "target": {"subject": target.name, "title": target.title, "before": before, "after": after, "absent": absent},
        "started_by": run.started_by, "started_at": run.started_at.isoformat(), "ended_at": at.isoformat(),
        "counts": run.counts, "reasons": run.reasons, "quality": run.quality,
        "difference": rules.differences(run.counts, before=before, after=after, absent=absent, whole=whole),
        "parts": [
            {"part": part.part, "checksum": part.checksum, **{name: getattr(part, name) for name in COUNTED}}
            for part in parts
        ],
    }  # fmt: skip
    under = signing.signed(document, last.digest if last else "")
    receipt = PipelineReceipt.objects.create(
        run=run,
        document=document,
        previous=under.previous,
        digest=under.digest,
        signature=under.signature,
        signed_at=at,
    )
    _copies(receipt)
    return receipt


def _copies(receipt: PipelineReceipt) -> None:
    pipeline = receipt.run.pipeline
    sides = {ReceiptCopy.Side.SENDER: pipeline.owner_id, ReceiptCopy.Side.RECEIVER: pipeline.receiver_id}
    ReceiptCopy.objects.bulk_create(
        ReceiptCopy(receipt=receipt, unit_id=unit, side=side)
        for side, unit in sides.items()
        if unit is not None
    )


def faults(receipt: PipelineReceipt) -> list[str]:
    """What is wrong with a receipt, in words; empty when it stands."""
    before = PipelineReceipt.objects.filter(pk__lt=receipt.pk).order_by("-pk").first()
    found = signing.faults(
        receipt.document, previous=receipt.previous, expected=before.digest if before else "", digest=receipt.digest,
        is_signed=signing.is_ours(receipt.digest, receipt.signature),
    )  # fmt: skip
    for part in receipt.document["parts"]:
        if part["read"] != sum(part[name] for name in COUNTED if name != "read"):
            found.append(f"{part['part']}：读入数与各项之和不等")
    kept = {part.part: part.checksum for part in receipt.run.parts.all()}
    if kept != {part["part"]: part["checksum"] for part in receipt.document["parts"]}:
        found.append("分区账与对账单不符")
    return found
