"""The account of a run: per file and sheet, adding up, signed, chained to the one before."""

from __future__ import annotations

import hmac
from collections import Counter
from datetime import datetime
from typing import Any

from django.conf import settings

from yanta.hub import signing
from yanta.hub.models import Receipt, Run, RunFile, Source
from yanta.hub.storing.delivery import Delivery
from yanta.hub.storing.keys import content_digest
from yanta.hub.storing.rows import StoredRows
from yanta.hub.storing.staging import fetch
from yanta.kernel.base import ciphers

TOLD = ("read", "new", "changed", "unchanged", "quarantined", "skipped", "gone")


def write_files(
    run: Run, delivery: Delivery, stored: StoredRows, sources: dict[str, Source]
) -> list[RunFile]:
    """One line of the account per file and sheet."""
    counted: dict[tuple[str, str], Counter[str]] = {(p.file, p.sheet): Counter() for p in delivery.parts}
    digests: dict[tuple[str, str], list[bytes]] = {place: [] for place in counted}
    for line in delivery.lines:
        fate = "quarantined" if line.reason else stored.fates[line.row_id]
        counted[line.file, line.sheet][fate] += 1
        digests[line.file, line.sheet].append(content_digest(line))
    gone = Counter({(file, sheet): number for file, sheet, number in fetch(_GONE, [run.pk])})
    files = [
        RunFile(
            run=run, source=sources[part.source], file=part.file, sheet=part.sheet, size=part.size, digest=part.digest,
            checksum=ciphers.sm3_hex(b"".join(sorted(digests[place]))), read=sum(counted[place].values()),
            skipped=part.skipped, gone=gone[place],
            **{fate: counted[place][fate] for fate in ("new", "changed", "unchanged", "quarantined")},
        )
        for part in delivery.parts
        for place in [(part.file, part.sheet)]
    ]  # fmt: skip
    return RunFile.objects.bulk_create(files)


_GONE = "SELECT file, sheet, count(*) FROM hub_sourcerow WHERE gone_run_id = %s GROUP BY file, sheet"


def totals(files: list[RunFile]) -> dict[str, int]:
    return {name: sum(getattr(file, name) for file in files) for name in TOLD}


def sign(run: Run, files: list[RunFile], *, at: datetime) -> Receipt:
    """Write the receipt; the signature covers the document and the receipt before."""
    last = Receipt.objects.order_by("-pk").first()
    document = {
        "run": run.pk, "title": run.title, "engine": run.engine_version, "started_by": run.started_by,
        "started_at": run.started_at.isoformat(), "ended_at": at.isoformat(), "input": run.digest, "counts": run.counts,
        "files": [_account(file) for file in files],
    }  # fmt: skip
    under = signing.signed(document, last.digest if last else "")
    return Receipt.objects.create(
        run=run,
        document=document,
        previous=under.previous,
        digest=under.digest,
        signature=under.signature,
        signed_at=at,
    )


def _account(file: RunFile) -> dict[str, Any]:
    account = {
        "file": file.file,
        "sheet": file.sheet,
        "source": file.source.code,
        "size": file.size,
        "sm3": file.digest,
    }
    return {**account, "checksum": file.checksum, **{name: getattr(file, name) for name in TOLD}}


def _is_signed(receipt: Receipt) -> bool:
    """By the installation's key pair; receipts of before it existed carry a keyed digest without a colon."""
    if ":" in receipt.signature:
        return signing.is_ours(receipt.digest, receipt.signature)
    key = ciphers.sm3(f"receipt:{settings.YANTA_DATA_KEY}".encode())
    return hmac.compare_digest(hmac.digest(key, receipt.digest.encode(), "sha256").hex(), receipt.signature)


def faults(receipt: Receipt) -> list[str]:
    """What is wrong with a receipt, in words; empty when it stands."""
    before = Receipt.objects.filter(pk__lt=receipt.pk).order_by("-pk").first()
    found = signing.faults(
        receipt.document, previous=receipt.previous, expected=before.digest if before else "", digest=receipt.digest,
        is_signed=_is_signed(receipt),
    )  # fmt: skip
    for line in receipt.document["files"]:
        if line["read"] != line["new"] + line["changed"] + line["unchanged"] + line["quarantined"]:
            found.append(f"{line['file']} {line['sheet']}：读入数与各项之和不等")
    return found
