"""City passes on to province: the school's own package under the school's own signature, part for part."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from yanta.hub.nodes import enrolment, levels, receiving, sealing
from yanta.hub.nodes.models import Arrival, Node, Package, PackagePart, Stream


def pass_on(arrival: Arrival, manifest: dict[str, Any], *, at: datetime) -> None:
    """In the transaction that applies a package, queue the same package for every upper node that takes the subject."""
    if not levels.own().reports:
        return
    uppers = Node.objects.filter(relation=Node.Relation.UPPER, state=Node.State.ACTIVE)
    uppers = uppers.exclude(code=levels.own_code())
    for upper in uppers:
        if not Stream.objects.filter(upper=upper, subject=arrival.subject, origin=None).exists():
            continue
        stream, _ = Stream.objects.get_or_create(
            upper=upper, subject=arrival.subject, origin=arrival.node,
            defaults={
                "title": f"{arrival.node.name} · {manifest.get('title', arrival.subject)}", "state": Stream.State.ACTIVE,
                "fields": manifest["fields"], "agreed_by": "逐级上报", "agreed_at": at, "wants_full": False,
            },
        )  # fmt: skip
        _queue(stream, arrival, manifest, at)


def _queue(stream: Stream, arrival: Arrival, manifest: dict[str, Any], at: datetime) -> None:
    package = Package.objects.create(
        stream=stream, number=arrival.number, kind=arrival.kind, rows=arrival.rows, size=arrival.size,
        manifest=arrival.manifest, digest=arrival.digest, signature=arrival.signature, built_at=at,
    )  # fmt: skip
    for number, said in enumerate(manifest["parts"]):
        content = receiving.part_of(arrival, number, said)
        PackagePart.objects.create(package=package, number=number, content=sealing.seal(content))
    stream.next_number, stream.last_digest = arrival.number + 1, arrival.digest
    stream.save()


def introduction(stream: Stream) -> dict[str, Any] | None:
    """Who the origin is and which key it signs with, as we know it."""
    if stream.origin is None:
        return None
    origin = stream.origin
    (key,) = enrolment.keys_of(origin)
    return {
        "code": origin.code, "name": origin.name, "level": origin.level, "algorithm": key.algorithm, "pem": key.pem,
    }  # fmt: skip
