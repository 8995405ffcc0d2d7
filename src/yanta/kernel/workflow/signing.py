"""When a node is decided: rules over its signers, which need no database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

from yanta.kernel.workflow.bpmn.settings import NodeSettings

Decision = Literal["", "approve", "refuse"]


class Signer(Protocol):
    """What the rules look at."""

    serial: int
    group: int
    state: str
    verdict: str
    waits: list[int]


APPROVED = ("approve", "skip")


def live(signers: Iterable[Signer]) -> list[Signer]:
    """Those who count: whoever was taken away does not."""
    return [one for one in signers if one.state != "dropped"]


def decision(node: NodeSettings, signers: Sequence[Signer]) -> Decision:
    """What the signers have come to, or nothing yet. Somebody added before or after stands or falls with the adder."""
    groups: dict[int, list[Signer]] = {}
    for one in live(signers):
        groups.setdefault(one.group, []).append(one)
    total = len(groups)
    refused = sum(any(one.verdict == "refuse" for one in group) for group in groups.values())
    approved = sum(all(one.verdict in APPROVED for one in group) for group in groups.values())
    if refused and (node.veto or node.sign == "one"):
        return "refuse"
    if node.sign == "one":
        return "approve" if approved else ""
    if node.sign == "share":
        return _by_share(node.share, approved, refused, total)
    if approved + refused < total:
        return ""
    return "refuse" if refused else "approve" if total else ""


def _by_share(share: int, approved: int, refused: int, total: int) -> Decision:
    if total and approved * 100 >= share * total:
        return "approve"
    return "refuse" if (total - refused) * 100 < share * total else ""


def freed(signers: Iterable[Signer]) -> list[Signer]:
    """Whose turn it is, once all whom they wait for are done or gone."""
    everybody = list(signers)
    closed = {one.serial for one in everybody if one.state in ("done", "dropped")}
    return [one for one in everybody if one.state == "waiting" and closed.issuperset(one.waits)]
