"""What a run would do, row by row, for the person who decides: a sample, sealed, sensitive values masked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pyarrow.compute as pc

from yanta.hub.pipelines import engines
from yanta.hub.pipelines.documents import Document
from yanta.hub.pipelines.running import holding
from yanta.hub.pipelines.running.quarantine import Held
from yanta.hub.pipelines.targets import Target, TargetField
from yanta.kernel.base import ciphers
from yanta.kernel.base.texts import masked
from yanta.kernel.codes import service as codes

MOST = 100


def preview(result: Path, document: Document, target: Target, held: list[Held]) -> bytes:
    """Up to a hundred rows of each fate."""
    fields = holding.fields_of(document, target)
    found = {
        "fields": [{"name": one.name, "title": one.title} for one in fields],
        "new": [[_shown(one, row[f"f_{one.name}"]) for one in fields] for row in _rows(result, "new")],
        "changed": [_changes(row, fields, target) for row in _rows(result, "changed")],
        "removed": [row[f"o_{target.key}"] for row in _rows(result, "removed")],
        "quarantined": [
            {"place": one["place"], "key": one["row_key"], "reasons": one["reasons"]} for one in held[:MOST]
        ],
    }
    return ciphers.seal(orjson.dumps(found).decode())


def read(sealed: bytes | memoryview | None) -> dict[str, Any] | None:
    """The preview as it was written."""
    if sealed is None:
        return None
    found: dict[str, Any] = orjson.loads(ciphers.unseal(bytes(sealed)))
    return found


def _rows(result: Path, fate: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for batch in engines.batches(result, keep=pc.field("fate") == fate):
        rows += batch.slice(0, MOST - len(rows)).to_pylist()
        if len(rows) >= MOST:
            break
    return sorted(rows, key=lambda row: row["place"])


def _changes(row: dict[str, Any], fields: list[TargetField], target: Target) -> dict[str, Any]:
    cells = []
    for one in fields:
        new, old = row[f"f_{one.name}"], row[f"o_{one.name}"]
        is_other = new is not None if one.is_sealed else new != old
        if is_other and one.name != target.key:
            was = "（原值已加密）" if one.is_sealed and old else _shown(one, old)
            cells.append({"title": one.title, "old": was, "new": _shown(one, new)})
    return {"key": row[f"f_{target.key}"], "cells": cells}


def _shown(one: TargetField, value: str | None) -> str:
    if not value:
        return ""
    if one.is_sealed or one.level >= 3:
        return masked(value)
    if one.code_set:
        return f"{codes.name_of(one.code_set, value)}（{value}）"
    return dict(one.choices).get(value, value)
