"""What other packages may ask of reporting."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from yanta.hub.reporting import queries
from yanta.hub.reporting.models import Filing
from yanta.hub.reporting.services import sending
from yanta.kernel import files
from yanta.kernel.base import Refused

__all__ = ["CellValue", "Payload", "cell_value", "package_payload", "record_receipt", "sent_filings"]


@dataclass(frozen=True, slots=True)
class Payload:
    """A submission as it goes to the upper node: what it is, and the archive with its digest and signature."""

    filing_id: int
    number: int
    package: str
    version: str
    period: str
    values: dict[str, dict[str, str | None]]
    archive: bytes
    digest: str
    signature: str


@dataclass(frozen=True, slots=True)
class CellValue:
    """One cell of a filing as it would be sent, with where it stands."""

    value: Decimal
    title: str
    owner: str
    period: str
    link: str
    version: str


def cell_value(package: str, table: str, place: str) -> CellValue:
    """The cell in the newest filing of that package; refuses in words what is not there."""
    filing = (
        Filing.objects.filter(package=package).exclude(calculation=None).order_by("-period", "-pk").first()
    )
    if filing is None:
        raise Refused(f"报表包“{package}”还没有算出的填报")
    value = queries.values_of(filing).get(table, {}).get(place)
    if value is None:
        raise Refused(f"“{filing.title}”里没有 {table}/{place} 的数")
    known = next((one for one in queries.package_of(filing).tables if one.code == table), None)
    owner = (known.owner if known else "") or queries.package_of(filing).owner
    title = f"{filing.title} {known.heading if known else table} {place}"
    return CellValue(
        Decimal(value), title, owner, filing.period, f"/reporting/filing/{filing.pk}/", filing.version
    )


def package_payload(return_id: int) -> Payload:
    """The newest submission of a filing; refuses one that was not submitted."""
    filing = Filing.objects.filter(pk=return_id).first()
    sent = queries.sent_before(filing) if filing else None
    if filing is None or sent is None or sent.archive is None:
        raise Refused("这项填报还没有上报")
    with files.open_file(sent.archive) as content:
        archive = content.read()
    values: dict[str, Any] = sent.values
    return Payload(
        filing.pk, sent.number, filing.package, filing.version, filing.period, values, archive, sent.digest, sent.signature
    )  # fmt: skip


def record_receipt(return_id: int, receipt: str) -> None:
    """The upper node's answer, noted on the newest submission."""
    filing = Filing.objects.filter(pk=return_id).first()
    if filing is None:
        raise Refused("没有这项填报")
    sending.note_receipt(filing, receipt)


def sent_filings() -> list[tuple[int, str]]:
    """Submitted filings that wait for an answer: (id, title)."""
    waiting = Filing.objects.filter(state=Filing.State.SUBMITTED)
    return [(one.pk, one.title) for one in waiting if not one.submissions.order_by("-number")[0].receipt]
