"""What other packages may ask of nodes: report tables upward, and a signed line to another node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from yanta.hub.nodes import building, contracts, door, enrolment, feedback, jobs, levels, wire
from yanta.hub.nodes.client import Client, Unreachable
from yanta.hub.nodes.feedback import ReportFault
from yanta.hub.nodes.models import Node, Package, Receipt, RegionalRow, Stream
from yanta.kernel.base import Refused

__all__ = [
    "PeerNode", "ReportFault", "Reported", "Unreachable", "answer", "answer_report", "ask", "asking", "collects", "is_signed_by", "note_report", "own_code",
    "own_name", "partners", "peers", "refusal", "report_resent", "reported", "send_report", "state_of_report", "uppers",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PeerNode:
    """Another installation as others may know it."""

    code: str
    name: str
    level: str
    relation: str
    is_active: bool


def peers() -> list[PeerNode]:
    """Nodes of the same level."""
    return [_seen(node) for node in Node.objects.filter(relation=Node.Relation.PEER)]


def partners() -> list[PeerNode]:
    """Active nodes of any level that can be asked: with whom one may agree on data."""
    rows = Node.objects.filter(state=Node.State.ACTIVE, via=None).exclude(address="")
    return [_seen(node) for node in rows.order_by("relation", "name")]


def uppers() -> list[PeerNode]:
    """Nodes that one reports to."""
    return [_seen(node) for node in Node.objects.filter(relation=Node.Relation.UPPER)]


def _seen(node: Node) -> PeerNode:
    return PeerNode(node.code, node.name, node.level, node.relation, node.state == Node.State.ACTIVE)


def own_code() -> str:
    return levels.own_code()


def own_name() -> str:
    return levels.own_name()


def is_signed_by(code: str, content: bytes, signature: str) -> bool:
    """Whether a node signed these bytes, with the key it has now or with one before."""
    node = Node.objects.filter(code=code, via=None).first()
    if node is None:
        return False
    try:
        wire.check_signature(content, signature, enrolment.keys_of(node, also_former=True))
    except Refused:
        return False
    return True


def ask(code: str, method: str, path: str, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A signed request to another node: `/api/v1/peer` + path, or a path under `/api/` as it is; the answer is signed too
    (by `answer` at the other end) and checked.

    Raises `Refused` with the other's words, `Unreachable` when it does not answer.
    """
    node = Node.objects.filter(code=code, state=Node.State.ACTIVE).first()
    if node is None:
        raise Refused(f"没有启用的节点 {code}")
    with Client(node) as client:
        return client.get(path) if method == "GET" else client.post(path, dict(data or {}))


def asking(request: HttpRequest) -> PeerNode:
    """Who signed this request; refuses a stranger, an old or repeated request, an altered one."""
    return _seen(door.enter(request, states=(Node.State.ACTIVE,)))


def answer(request: HttpRequest, data: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """What `ask` believes: JSON signed for this very request."""
    return door.answer(request, dict(data), status)


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """A refusal that `ask` raises at the other end, in the same words; kept in the log of refusals."""
    return door.signed(request, door.refuse(request, refused))


@transaction.atomic
def send_report(
    code: str,
    title: str,
    *,
    period: str,
    cells: Sequence[Mapping[str, str | None]],
    owner: str = "",
    signed_by: str = "",
) -> list[int]:
    """Queue a report's cells (`cell`, `value`, `note`) for every upper node; answers the packages' ids.

    `cell` names table, row and column, such as `高基311/1/3`; a later version replaces the whole report.
    """
    if not cells:
        raise Refused("报表没有单元格，未上报")
    subject, at, sent = f"{contracts.REPORT}{code}"[:40], timezone.now(), []
    rows = [{name: cell.get(name) for name in ("cell", "value", "note")} for cell in cells]
    for upper in Node.objects.filter(relation=Node.Relation.UPPER, state=Node.State.ACTIVE):
        stream, _ = Stream.objects.get_or_create(
            upper=upper, subject=subject, origin=None,
            defaults={
                "title": title[:60], "owner": owner[:60], "state": Stream.State.ACTIVE, "wants_full": False,
                "fields": ["cell", "value", "note"], "agreed_by": signed_by[:60], "agreed_at": at,
            },
        )  # fmt: skip
        sent.append(building.build_report(stream, rows, period=period, at=at).pk)
    if not sent:
        raise Refused(f"{levels.own_name()}还没有接入上级节点")
    jobs.wake_after_commit()
    return sent


def state_of_report(package_id: int) -> tuple[str, str]:
    """State and, when it was not taken, why."""
    package = Package.objects.get(pk=package_id)
    return package.get_state_display(), package.error


def collects() -> bool:
    """Whether others report to this installation."""
    return levels.own().collects


@dataclass(frozen=True, slots=True)
class Reported:
    """A report as a lower node sent it last: `cells` are name → (value, note); `receipt` names our account of it."""

    node: str
    name: str
    code: str
    cells: Mapping[str, tuple[str | None, str | None]]
    receipt: str


def reported(receipt_id: int) -> Reported | None:
    """The report that a receipt was given for; None when the receipt is of something else."""
    given = Receipt.objects.select_related("node").get(pk=receipt_id, side=Receipt.Side.GIVEN)
    if not given.subject.startswith(contracts.REPORT):
        return None
    rows = RegionalRow.objects.filter(node_id=given.node_id, subject=given.subject).order_by()
    cells = {key: (data.get("value"), data.get("note")) for key, data in rows.values_list("key", "data")}
    return Reported(
        given.node.code,
        given.node.name,
        given.subject.removeprefix(contracts.REPORT),
        cells,
        f"{levels.own_name()} 第 {given.number} 包 {given.package[:12]}",
    )


def note_report(author: str, code: str, faults: Sequence[ReportFault]) -> None:
    """What the upper node found in a report of ours joins the list of returned problems; none closes them."""
    feedback.note_report(author, code, faults, at=timezone.now())


def report_resent(code: str) -> None:
    """Its returned problems wait for the upper node again."""
    feedback.report_resent(code)


@transaction.atomic
def answer_report(node: str, code: str, words: str, answer: Mapping[str, Any]) -> None:
    """Tell a lower node what became of its report; it fetches this with its feedback and hears `ReportAnswered`."""
    found = Node.objects.filter(code=node, relation=Node.Relation.LOWER).first()
    if found is None:
        raise Refused(f"没有登记节点 {node}")
    feedback.tell_report(found, f"{contracts.REPORT}{code}"[:40], words, dict(answer), at=timezone.now())
