"""Receipts: the upper node's signed account of a package, believed by the lower one only when it adds up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from yanta.hub.nodes import enrolment, levels, wire
from yanta.hub.nodes.client import Client
from yanta.hub.nodes.models import Arrival, Node, Package, Receipt
from yanta.hub.nodes.models.receipts import COUNTS
from yanta.kernel.base import Refused, signatures

RULE = "nodes.receipt"


def give(arrival: Arrival, counts: dict[str, int], *, at: datetime) -> Receipt:
    """Write and sign; the database refuses one that does not add up."""
    document = {
        "package": arrival.digest, "origin": arrival.node.code, "upper": levels.own_code(), "name": levels.own_name(),
        "subject": arrival.subject, "number": arrival.number, "kind": arrival.kind, "issued_at": wire.now_text(at),
        **counts,
    }  # fmt: skip
    text = wire.canonical(document)
    return Receipt.objects.create(
        side=Receipt.Side.GIVEN, node=arrival.node, origin=arrival.node.code, subject=arrival.subject,
        number=arrival.number, package=arrival.digest, document=text.decode(),
        signature=signatures.sign(text).as_text(), issued_at=at, **{name: counts[name] for name in COUNTS},
    )  # fmt: skip


def as_data(receipt: Receipt) -> dict[str, str]:
    return {"document": receipt.document, "signature": receipt.signature}


def accept(package: Package, upper: Node, found: dict[str, Any]) -> Receipt:
    """Keep the upper node's receipt: signed by it, for this package, and adding up; else refuse it in words."""
    text = str(found.get("document", "")).encode()
    wire.check_signature(text, str(found.get("signature", "")), enrolment.keys_of(upper, also_former=True))
    document = orjson.loads(text)
    counts = {name: int(document[name]) for name in COUNTS}
    if document["package"] != package.digest or document["number"] != package.number:
        raise Refused("回执不是这个包的", rule=RULE)
    if counts["received"] != package.rows or counts["received"] != sum(counts.values()) - counts["received"]:
        raise Refused("回执的数目与所报不符，或各项之和不等于读入", rule=RULE)
    return Receipt.objects.get_or_create(
        side=Receipt.Side.GOT, node=upper, package=package.digest,
        defaults={
            "origin": document["origin"], "subject": document["subject"], "number": package.number,
            "document": text.decode(), "signature": found["signature"],
            "issued_at": wire.instant(document["issued_at"]), **counts,
        },
    )[0]  # fmt: skip


def faults(receipt: Receipt) -> list[str]:
    """What is wrong with a stored receipt, in words; empty when it stands."""
    found = []
    document = orjson.loads(receipt.document)
    if any(document[name] != getattr(receipt, name) for name in COUNTS):
        found.append("回执的数目与原文不符，被改动过")
    signature = signatures.Signature.from_text(receipt.signature)
    text = receipt.document.encode()
    if receipt.side == Receipt.Side.GIVEN:
        holds = signatures.verify_own(text, signature)
    else:
        keys = enrolment.keys_of(receipt.node, also_former=True)
        holds = any(signatures.verify(text, signature, key) for key in keys)
    return found if holds else [*found, "签名不符"]


def compare(upper: Node, theirs: list[dict[str, Any]]) -> list[str]:
    """Both sides' receipts side by side: every difference in a line; none when they agree."""
    mine = {
        (one.origin, one.subject, one.number): one for one in Receipt.objects.filter(side="got", node=upper)
    }
    told = {(one["origin"], one["subject"], one["number"]): one for one in theirs}
    lines = [f"{_place(key)}：本方有回执，上级没有" for key in sorted(mine.keys() - told.keys())]
    lines += [f"{_place(key)}：上级出具过回执，本方没有收到" for key in sorted(told.keys() - mine.keys())]
    for key in sorted(mine.keys() & told.keys()):
        differing = [name for name in COUNTS if getattr(mine[key], name) != told[key][name]]
        if differing or mine[key].package != told[key]["package"]:
            lines.append(f"{_place(key)}：两方数目不同（{'、'.join(differing) or '包摘要'}）")
    for key, one in sorted(mine.items()):
        lines += [f"{_place(key)}：{fault}" for fault in faults(one)]
    return lines


def _place(key: tuple[str, str, int]) -> str:
    return f"{key[0]} {key[1]} 第 {key[2]} 包"


def listed(node: Node, *, after: int, most: int) -> list[dict[str, Any]]:
    """What we gave to a node and to those whose data it passes on, oldest first."""
    rows = Receipt.objects.filter(side=Receipt.Side.GIVEN, pk__gt=after).filter(
        node__in=[node.pk, *node.below.values_list("pk", flat=True)]
    )
    names = ("id", "origin", "subject", "number", "package", *COUNTS)
    return list(rows.order_by("pk").values(*names)[:most])


def fetched(client: Client) -> list[dict[str, Any]]:
    """All receipts that the upper node gave us, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        after = found[-1]["id"] if found else 0
        more = client.get(f"/receipts?after={after}")["receipts"]
        if not more:
            return found
        found += more
