"""Rows put right go through the whole engine again; then everything known is settled anew."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import ibis
import orjson
from django.db import transaction
from django.utils import timezone

from yanta.hub import engine, queries
from yanta.hub.intake.mapping import MemoryStore, place_of
from yanta.hub.merging.authority import read_authority
from yanta.hub.models import QuarantinedRow, Run, SourceRow
from yanta.hub.pipeline import SAMPLES, find_authority
from yanta.hub.schema import CLEAN
from yanta.hub.services.runs import Step, follow, quiet
from yanta.hub.storing import loading, mappings
from yanta.hub.storing.delivery import Delivery, Line
from yanta.hub.storing.rows import payload
from yanta.kernel.base import Actor, ciphers

State = QuarantinedRow.State


def settle(*, actor: Actor, step: Step = quiet) -> Run:
    """Replay what was corrected, then match and merge all accepted rows with the decisions in force."""
    with loading.only_run():
        now = timezone.now()
        loading.bury_the_dead(now)
        run = Run.objects.create(
            title="重放与重新归并", engine_version=engine.VERSION, started_by=actor.signature, started_at=now
        )

        def found(recall: engine.Recall) -> Delivery:
            with transaction.atomic():
                replay(at=now)
            reading = engine.Reading(ibis.duckdb.connect(), [], [], CLEAN.empty_table())
            delivery = Delivery()
            engine.settle(
                delivery, reading, authority=read_authority(find_authority(SAMPLES)), recall=recall, step=step
            )
            return delivery

        follow(run, found, actor=actor, step=step)
    return run


def replay(*, at: object) -> int:
    """Take every corrected row through cleaning; answers how many were accepted."""
    items = list(QuarantinedRow.objects.filter(state=State.CORRECTED).select_related("row__source"))
    if not items:
        return 0
    lines = _cleaned(items)
    for item in items:
        _settled(item, lines[item.row_id])
    return sum(item.state == State.REPLAYED for item in items)


def layout_of(row: SourceRow) -> list[str]:
    """The labels of the columns of the file that a row came from."""
    known = mappings.DatabaseStore().latest(place_of(row.file, row.sheet))
    mine = list(queries.payload_of(row)["original"])
    labels = [column.label for column in known.columns] if known else []
    return labels + [label for label in mine if label not in labels]


def _cells(item: QuarantinedRow) -> dict[str, str]:
    corrected = orjson.loads(ciphers.unseal(bytes(item.corrected))) if item.corrected else {}
    return {**queries.payload_of(item.row)["original"], **corrected}


def _cleaned(items: list[QuarantinedRow]) -> dict[int, Line]:
    """The engine's verdict on each corrected row, as if its file had held only these."""
    groups: dict[tuple[str, str], list[QuarantinedRow]] = defaultdict(list)
    for item in items:
        groups[item.row.file, item.row.sheet].append(item)
    verdicts: dict[int, Line] = {}
    for group in groups.values():
        with TemporaryDirectory(prefix="replay-") as folder:
            _write(Path(folder) / f"{Path(group[0].row.file).stem}.csv", group)
            reading = engine.read(Path(folder), store=MemoryStore(), accept_mapping=True, step=quiet)
        by_row = {line.row: line for line in reading.lines}
        for number, item in enumerate(group, start=2):
            verdicts[item.row_id] = by_row[number]
    return verdicts


def _write(file: Path, group: list[QuarantinedRow]) -> None:
    labels = layout_of(group[0].row)
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(labels)
        for item in group:
            cells = _cells(item)
            writer.writerow([cells.get(label, "") for label in labels])


def _settled(item: QuarantinedRow, line: Line) -> None:
    row = item.row
    if line.reason or line.clean is None:
        item.state, item.reason, item.sentence = (
            State.OPEN,
            line.reason or item.reason,
            line.sentence or item.sentence,
        )
        item.save()
        return
    kept = {"source": row.source.code, "file": row.file, "sheet": row.sheet, "row": row.row}
    original = queries.payload_of(row)["original"]
    right = replace(line, original=original, clean={**line.clean, **kept})
    row.status, row.name, row.payload = (
        SourceRow.Status.ACCEPTED,
        line.clean["name"] or "",
        ciphers.seal(payload(right)),
    )
    row.save()
    item.state = State.REPLAYED
    item.save()
