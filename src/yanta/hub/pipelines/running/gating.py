"""Quality rules before the load: rows that break a blocking one stay out with its sentence, all others are counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis
from ibis import ir

from yanta.hub.pipelines import engines
from yanta.hub.pipelines.documents import Document, Pair
from yanta.hub.pipelines.running import holding
from yanta.hub.pipelines.running.workspace import Workspace
from yanta.hub.pipelines.targets import Target, TargetField
from yanta.hub.quality import public as quality


@dataclass(slots=True)
class Gated:
    """What the rules said: `broken` are files of places and reasons, `said` one line per rule that a row broke."""

    broken: list[Path] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    unasked: tuple[str, ...] = ()

    @property
    def keeps_out(self) -> bool:
        return any(one["blocks"] for one in self.said)

    @property
    def stops(self) -> list[dict[str, Any]]:
        return [one for one in self.said if one["stops"]]


def judged(
    engine: engines.Engine, workspace: Workspace, compared: Path, held: Path, document: Document, target: Target
) -> Gated:  # fmt: skip
    """Ask the rules in force about the rows that would be written; rules over all rows see the whole target too."""
    fields = holding.fields_of(document, target)
    gate = quality.gate(target.name, [name for one in fields for name in _names(one)])
    found = Gated(unasked=gate.unasked)
    for whole in (False, True):
        guards = gate.of(whole=whole)
        if guards:
            wanted = [one for one in fields if one.name in gate.columns(whole=whole)]
            table = _would_be(engine.read(compared), document, wanted)
            if whole:
                table = table.union(_as_it_is(engine.read(held), engine.read(compared), wanted))
            path = engine.write(
                gate.broken(table, whole=whole), workspace.fresh(f"broken-{int(whole)}.parquet")
            )
            found.said += _said(engine, path, guards)
            found.broken.append(path)
    return found


def _names(one: TargetField) -> list[str]:
    return [one.name, f"{one.name}{quality.CLEAR}"] if one.is_sealed else [one.name]


def _would_be(result: ir.Table, document: Document, fields: list[TargetField]) -> ir.Table:
    """New and changed rows as they will be."""
    written = result.filter(result.fate.isin(["new", "changed"]))
    values: dict[str, ir.Value] = {}
    for one in fields:
        pair = document.pair(one.name) or Pair(one.name)
        values[one.name] = written[f"f_{one.name}"]
        if one.is_sealed:
            fresh = ibis.null("string") if pair.mode == "check" else written[f"f_{one.name}"]
            digest = ibis.ifelse(fresh.notnull(), written[f"d_{one.name}"], written[f"o_{one.name}"])
            values |= {one.name: _indexed(digest), f"{one.name}{quality.CLEAR}": fresh}
    return written.select(place="place", **values)


def _as_it_is(held: ir.Table, result: ir.Table, fields: list[TargetField]) -> ir.Table:
    """The rows that the run leaves as they are; they are only looked at."""
    changed = result.filter(result.fate == "changed").select(changed_id="id")
    kept = held.anti_join(changed, held.id == changed.changed_id)
    values: dict[str, ir.Value] = {}
    for one in fields:
        old = kept[f"o_{one.name}"]
        values[one.name] = _indexed(old) if one.is_sealed else old
        if one.is_sealed:
            values[f"{one.name}{quality.CLEAR}"] = ibis.null("string")
    return kept.select(place=ibis.null("int64"), **values)


def _indexed(digest: ir.StringValue) -> ir.StringValue:
    """As the subjects show a sealed value."""
    return ibis.literal("\\x") + digest


def _said(engine: engines.Engine, path: Path, guards: list[quality.Guard]) -> list[dict[str, Any]]:
    table = engine.read(path)
    sums = engine.fetch(
        table.agg(**{one.name: table[one.name].cast("int64").sum() for one in guards})
    ).to_pylist()[0]
    return [
        {
            "rule": one.rule_id, "title": one.title, "sentence": one.sentence, "owner": one.owner, "severity": one.severity,
            "blocks": one.blocks, "stops": one.stops, "failed": int(sums[one.name]),
        }
        for one in guards
        if sums[one.name]
    ]  # fmt: skip
