"""A complete package becomes rows of the region: staged by COPY, judged, merged as a set, answered by a receipt.

All of it is one transaction: a node that dies in the middle has applied nothing and given no receipt.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction

from yanta.hub.nodes import (
    checking,
    contracts,
    feedback,
    forwarding,
    merging,
    receipts,
    receiving,
    standing,
    wire,
)
from yanta.hub.nodes.checking import Held
from yanta.hub.nodes.contracts import Contract
from yanta.hub.nodes.events import PackageApplied
from yanta.hub.nodes.models import Arrival, HeldRow, Holding, Node, Receipt
from yanta.hub.subjects import subject as subject_named
from yanta.kernel.base import Refused, ciphers
from yanta.kernel.events import publish

STAGE = """
CREATE TEMP TABLE nodes_stage (
    line bigint NOT NULL, op text NOT NULL, key text NOT NULL, data jsonb NOT NULL, sealed bytea, identity bytea,
    content bytea NOT NULL, fate text NOT NULL DEFAULT 'new'
) ON COMMIT DROP"""
COLUMNS = ("line", "op", "key", "data", "sealed", "identity", "content")


AT_ONCE_ROWS = 20_000


def commit(sender: Node, digest: str, *, at: datetime) -> Arrival:
    """Check that everything is here; what is small is applied at once, the rest by the worker."""
    try:
        arrival = receiving.complete(sender, digest)
    except Refused as refusal:
        if refusal.rule == "nodes.part":
            receiving.drop_content(sender, digest)
        raise
    if arrival.rows <= AT_ONCE_ROWS and arrival.state == Arrival.State.RECEIVED:
        apply_or_refuse(arrival, at=at)
        arrival.refresh_from_db()
    return arrival


def apply_or_refuse(arrival: Arrival, *, at: datetime) -> None:
    """A package whose content is not what it says is refused for good, with the reason kept."""
    try:
        apply(arrival, at=at)
    except Refused as refusal:
        arrival.chunks.all().delete()
        Arrival.objects.filter(pk=arrival.pk).update(state=Arrival.State.REFUSED, error=refusal.message[:300])
        raise Refused(refusal.message, rule="nodes.manifest") from refusal


def apply_waiting(*, at: datetime) -> int:
    """What is complete and not yet applied, as after a crash; answers how many."""
    done = 0
    for arrival in Arrival.objects.filter(state=Arrival.State.RECEIVED).order_by("pk"):
        with contextlib.suppress(Refused):
            apply_or_refuse(arrival, at=at)
            done += 1
    return done


@transaction.atomic
def apply(arrival: Arrival, *, at: datetime) -> Receipt:
    """Apply once; asked again, the receipt that was given is given again."""
    began = time.monotonic()
    Holding.objects.get_or_create(node_id=arrival.node_id, subject=arrival.subject)
    holding = Holding.objects.select_for_update().get(node_id=arrival.node_id, subject=arrival.subject)
    arrival = Arrival.objects.select_for_update(of=("self",)).select_related("node", "via").get(pk=arrival.pk)
    given = Receipt.objects.filter(side=Receipt.Side.GIVEN, package=arrival.digest).first()
    if given is not None:
        return given
    manifest = wire.read_manifest(arrival.manifest.encode())
    receiving.check_order(arrival.node, manifest)
    agreed = contracts.contract(arrival.subject)
    held = _stage(arrival, agreed, manifest)
    counts = _merge(arrival, agreed, holding, held, at)
    receipt = receipts.give(arrival, counts, at=at)
    forwarding.pass_on(arrival, manifest, at=at)
    arrival.chunks.all().delete()
    arrival.state, arrival.applied_at = Arrival.State.APPLIED, at
    arrival.seconds = round(time.monotonic() - began, 3)
    arrival.save()
    publish(
        PackageApplied(
            arrival.node_id, arrival.subject, receipt_id=receipt.pk, quarantined=counts["quarantined"]
        )
    )
    return receipt


def _merge(
    arrival: Arrival, agreed: Contract, holding: Holding, held: list[Held], at: datetime
) -> dict[str, int]:
    held += merging.unresolved(arrival.node_id, agreed) + merging.repeated()
    counts = merging.merge(arrival, keep=[one.key for one in held], at=at)
    counts |= {"received": arrival.rows, "quarantined": len(held)}
    _close_corrected(arrival, at)
    _hold(arrival, held, at)
    holding.number, holding.digest, holding.applied_at = arrival.number, arrival.digest, at
    holding.save()
    counts["released"] = _release_waiting(arrival, at)
    standing.count_anew(arrival.node_id, agreed)
    standing.find_shared(arrival.node_id, agreed, at=at)
    return counts


def _stage(arrival: Arrival, agreed: Contract, manifest: dict[str, Any]) -> list[Held]:
    """Every part checked and copied into the stage; answers the rows held back so far."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS nodes_stage")
        cursor.execute(STAGE)
    held: list[Held] = []
    line = 1
    for number, said in enumerate(manifest["parts"]):
        lines = wire.unpacked(receiving.part_of(arrival, number, said))
        checked = checking.check(agreed, lines, rows=said["rows"], first_line=line)
        copy(agreed, checked.good)
        held += checked.held
        line += said["rows"]
    return held


def copy(agreed: Contract, rows: list[dict[str, Any]]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY nodes_stage ({', '.join(COLUMNS)}) FROM STDIN") as lines,
    ):
        for row in staged(agreed, rows):
            lines.write_row(row)


def staged(agreed: Contract, rows: list[dict[str, Any]]) -> Iterator[Iterable[Any]]:
    """Open values as JSON, sealed ones sealed, and a keyed digest of both that tells whether a row changed."""
    key = contracts.key_of(agreed.subject)
    secret = _secret_fields(agreed)
    open_ = [name for name in agreed.fields if name not in secret]
    whole = [orjson.dumps({name: row[name] for name in agreed.fields}).decode() for row in rows]
    secrets = [orjson.dumps({name: row[name] for name in secret}).decode() for row in rows] if secret else []
    sealed = ciphers.seal_many(secrets)
    contents = ciphers.blind_index_many(whole)
    numbers = [str(row.get(agreed.identity) or "") for row in rows] if agreed.identity else []
    indexes = ciphers.blind_index_many(numbers)
    for place, row in enumerate(rows):
        yield (
            row[checking.LINE], row[checking.OP], row[key],
            orjson.dumps({name: row[name] for name in open_ if row[name] is not None}).decode(),
            sealed[place] if secret else None,
            indexes[place] if numbers and numbers[place] else None,
            contents[place],
        )  # fmt: skip


def _secret_fields(agreed: Contract) -> list[str]:
    if agreed.is_report:
        return []
    subject = subject_named(agreed.subject)
    return [name for name in agreed.fields if subject.field(name).is_sealed]


def _hold(arrival: Arrival, held: list[Held], at: datetime) -> None:
    """Originals sealed, reasons in words, and a note to the school for each."""
    keys = [one.key for one in held if one.key]
    HeldRow.objects.filter(
        node_id=arrival.node_id, subject=arrival.subject, key__in=keys, state=HeldRow.State.OPEN
    ).update(state=HeldRow.State.REPLACED, ended_at=at)
    rows = [
        HeldRow(
            node_id=arrival.node_id, arrival=arrival, subject=arrival.subject, key=one.key, line=one.line,
            faults=one.faults, words=one.words, original=one.original, held_at=at,
            is_waiting=all(fault["rule"] == merging.REFERENCE for fault in one.faults),
        )
        for one in held
    ]  # fmt: skip
    HeldRow.objects.bulk_create(rows, batch_size=1000)
    feedback.tell_faults(arrival, rows, at=at)


def _close_corrected(arrival: Arrival, at: datetime) -> None:
    """What was held before and came right now is done with, at both ends."""
    with connection.cursor() as cursor:
        cursor.execute(_CORRECTED, [at, arrival.node_id, arrival.subject])
        keys = [key for (key,) in cursor.fetchall()]
    feedback.tell_closed(arrival.node_id, arrival.subject, sorted(set(keys)), "已由新报的数据更正", at=at)


_CORRECTED = """
UPDATE nodes_heldrow h SET state = 'corrected', ended_at = %s
WHERE h.node_id = %s AND h.subject = %s AND h.state = 'open'
  AND EXISTS (SELECT FROM nodes_stage s WHERE s.key = h.key)
RETURNING h.key"""


def _release_waiting(arrival: Arrival, at: datetime) -> int:
    """Rows that waited only for what has now come are judged again and let in."""
    referring = [one for one in contracts.CONTRACTS.values() if arrival.subject in one.references.values()]
    return sum(_release(arrival, agreed, at) for agreed in referring)


def _release(arrival: Arrival, agreed: Contract, at: datetime) -> int:
    waiting = HeldRow.objects.filter(
        node_id=arrival.node_id, subject=agreed.subject, state=HeldRow.State.OPEN, is_waiting=True
    )
    rows = {row.key: row for row in waiting}
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE nodes_stage")
    copy(
        agreed,
        [{checking.LINE: row.line, checking.OP: "u", **_original(agreed, row)} for row in rows.values()],
    )
    still = {one.key for one in merging.unresolved(arrival.node_id, agreed)}
    number = Holding.objects.filter(node_id=arrival.node_id, subject=agreed.subject).values_list(
        "number", flat=True
    )
    merging.upsert(arrival.node_id, agreed.subject, number=next(iter(number), 0), at=at)
    released = sorted(set(rows) - still)
    waiting.filter(key__in=released).update(state=HeldRow.State.RELEASED, ended_at=at)
    feedback.tell_closed(arrival.node_id, agreed.subject, released, "所引用的数据已到，已补入", at=at)
    standing.count_anew(arrival.node_id, agreed)
    standing.find_shared(arrival.node_id, agreed, at=at)
    return len(released)


def _original(agreed: Contract, row: HeldRow) -> dict[str, Any]:
    found = orjson.loads(row.original or "{}")
    return {name: found.get(name) for name in agreed.fields}
