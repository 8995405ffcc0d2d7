"""From the school's rows to a signed package: what changed since the last one, or everything, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from yanta.hub import subjects
from yanta.hub.nodes import levels, sealing, wire
from yanta.hub.nodes.models import Package, PackagePart, Stream
from yanta.hub.subjects import Subject
from yanta.kernel.base import signatures

Row = dict[str, str | None]
Batch = tuple[list[int], list[str]]
Found = tuple[str, Iterator[Batch]]


def build(stream: Stream, *, at: datetime) -> Package | None:
    """The next package of a stream, or None when nothing changed.

    What changed is looked up before the transaction begins, for the history counts us among those still writing.
    """
    stream = Stream.objects.get(pk=stream.pk)
    if stream.packages.filter(state__in=Package.OPEN).exists():
        return None  # what changes meanwhile goes with the next one
    subject = subjects.subject(stream.subject)
    kind = "full" if stream.wants_full or not stream.position else "increment"
    found = _everything(subject) if kind == "full" else _changed(subject, stream)
    return _built(stream, subject, kind, found, at)


@transaction.atomic
def _built(stream: Stream, subject: Subject, kind: str, found: Found, at: datetime) -> Package | None:
    """Position and package stand or fall together; another builder that was quicker wins."""
    seen, asked, (position, batches) = stream.position, set(stream.extra_keys), found
    stream = Stream.objects.select_for_update().get(pk=stream.pk)
    if stream.position != seen or stream.packages.filter(state__in=Package.OPEN).exists():
        return None
    package, parts = Package(stream=stream, number=stream.next_number, kind=kind, built_at=at), []
    for batch in batches:
        package.save()
        content = wire.packed(_rows(subject, stream.fields, batch))
        size = len(batch[0]) + len(batch[1])
        parts.append({"rows": size, "size": len(content), "sm3": wire.digest(content)})
        PackagePart.objects.create(package=package, number=len(parts) - 1, content=sealing.seal(content))
    if not (kind == "full" or parts or is_silent(stream, at=at)):
        Stream.objects.filter(pk=stream.pk).update(position=position, checked_at=at, error="")
        return None
    package.save()
    stream.position, stream.checked_at = position, at
    stream.extra_keys = [key for key in stream.extra_keys if key not in asked]
    _sign(package, stream, parts, at=at)
    stream.save()
    return package


def is_silent(stream: Stream, *, at: datetime) -> bool:
    """Nothing was said for as long as the upper node bears: an empty package says that nothing changed."""
    said = stream.acknowledged_at
    return said is not None and said + timedelta(minutes=stream.every_minutes) <= at


@transaction.atomic
def build_report(stream: Stream, rows: list[Row], *, period: str, at: datetime) -> Package:
    """A report's cells as one package; each new version replaces the last as a whole."""
    stream = Stream.objects.select_for_update().get(pk=stream.pk)
    package = Package.objects.create(stream=stream, number=stream.next_number, kind="report", built_at=at)
    parts = []
    for start in range(0, len(rows), wire.PART_ROWS):
        piece = rows[start : start + wire.PART_ROWS]
        content = wire.packed({"op": "u", **row} for row in piece)
        parts.append({"rows": len(piece), "size": len(content), "sm3": wire.digest(content)})
        PackagePart.objects.create(package=package, number=len(parts) - 1, content=sealing.seal(content))
    _sign(package, stream, parts, at=at, period=period)
    stream.save()
    return package


def _sign(
    package: Package, stream: Stream, parts: list[dict[str, Any]], *, at: datetime, period: str = ""
) -> None:
    manifest = {
        "format": wire.FORMAT, "node": levels.own_code(), "name": levels.own_name(), "level": levels.own().code,
        "subject": stream.subject, "title": stream.title, "kind": package.kind, "fields": stream.fields,
        "number": package.number, "previous": stream.last_digest, "taken_at": wire.now_text(at), "period": period,
        "rows": sum(part["rows"] for part in parts), "parts": parts, "built_at": wire.now_text(at),
    }  # fmt: skip
    text = wire.canonical(manifest)
    package.manifest, package.digest = text.decode(), wire.digest(text)
    package.signature = signatures.sign(text).as_text()
    package.rows, package.size = manifest["rows"], sum(part["size"] for part in parts)
    package.save()
    stream.last_digest, stream.next_number = package.digest, package.number + 1
    stream.wants_full = False


def _everything(subject: Subject) -> Found:
    """The position first: what changes while we read is told again by the next increment."""
    return subjects.position(subject), _all_batches(subject)


def _all_batches(subject: Subject) -> Iterator[Batch]:
    last = 0
    while True:
        rows = subject.model.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)
        ids = list(rows[: wire.PART_ROWS])
        if not ids:
            return
        yield ids, []
        last = ids[-1]


def _changed(subject: Subject, stream: Stream) -> Found:
    found = subjects.changes(subject, stream.position)
    asked = set(stream.extra_keys)
    again = subject.model.objects.filter(**{f"{subject.key}__in": asked}).values_list("pk", flat=True)
    ids = sorted({*found.ids, *again})
    alive = subject.model.objects.filter(**{f"{subject.key}__in": found.gone})
    gone = sorted(set(found.gone) - {str(key) for key in alive.values_list(subject.key, flat=True)})
    return found.position, _change_batches(ids, gone)


def _change_batches(ids: list[int], gone: list[str]) -> Iterator[Batch]:
    for start in range(0, len(gone), wire.PART_ROWS):
        yield [], gone[start : start + wire.PART_ROWS]
    for start in range(0, len(ids), wire.PART_ROWS):
        yield ids[start : start + wire.PART_ROWS], []


def _rows(subject: Subject, names: list[str], batch: Batch) -> Iterator[dict[str, Any]]:
    """Every value as text, so that both ends compare the same bytes."""
    ids, gone = batch
    for key in gone:
        yield {"op": "d", subject.key: key}
    if not ids:
        return
    rows = subject.model.objects.filter(pk__in=ids).order_by("pk")
    table = subjects.read(subject, names, rows, clear=True).read_all()
    columns = [_texts(table[name]) for name in names]
    for values in zip(*columns, strict=True):
        yield {"op": "u", **dict(zip(names, values, strict=True))}


def _texts(column: pa.ChunkedArray) -> list[str | None]:
    if pa.types.is_decimal(column.type):
        return [None if value is None else _plain(value) for value in column.to_pylist()]
    texts: list[str | None] = pc.cast(column, pa.string()).to_pylist()
    return texts


def _plain(value: Decimal) -> str:
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
