"""Deliveries as the engine would hand them over, without the engine: two departments, one row a person each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa

from yanta.hub.models import Run
from yanta.hub.schema import CLEAN
from yanta.hub.storing import loading, mappings, memory
from yanta.hub.storing.delivery import Delivery, Golden, Line, Part
from yanta.hub.storing.loading import Loaded
from yanta.hub.tests.rosters import PEOPLE, identity_number
from yanta.kernel.base import Actor

FILES = {"academic": "教务处_本科生学籍.csv", "finance": "财务处_收款人.csv"}
VALUES = {
    "academic": {
        "name": "name",
        "birth_on": "birth_date",
        "ug_no": "ug_no",
        "phone": "phone",
        "org_code": "org_code",
    },
    "finance": {"bank_account": "bank_account", "id_no": "id_no"},
}
SYSTEM = Actor.system("hub")


def _line(source: str, place: int, clean: dict[str, Any]) -> Line:
    row_id = place + (1000 if source == "finance" else 0)
    complete = {
        **dict.fromkeys(CLEAN.names), "row_id": row_id, "source": source, "file": FILES[source], "sheet": "", "row": place + 2,
        "role": "undergraduate" if source == "academic" else "student", "population": "本科生", "is_current": True,
        "is_weak": False, "issues": [], **clean,
    }  # fmt: skip
    original = {name: str(value) for name, value in clean.items() if value is not None}
    return Line(row_id, source, FILES[source], "", place + 2, original, complete)


def lines() -> list[Line]:
    """Twelve rows of six people."""
    found = []
    for place, (number, name, _, birth, serial) in enumerate(PEOPLE):
        identity = identity_number(birth, serial)
        shared = {"name": name, "id_no": identity}
        found.append(_line("academic", place, {
            **shared, "ug_no": number, "phone": f"1691234{serial:04d}", "org_code": "10100", "grade_year": 2023,
        }))  # fmt: skip
        found.append(
            _line(
                "finance",
                place,
                {**shared, "payee_no": f"S{number}", "bank_account": f"62998000000{serial:08d}"},
            )
        )
    return found


def changed(line: Line, **values: Any) -> Line:
    """The row with other cells."""
    clean = {**(line.clean or {}), **values}
    return replace(line, clean=clean, original={**line.original, **{k: str(v) for k, v in values.items()}})


def held(line: Line) -> Line:
    """The row without a name."""
    original = {name: cell for name, cell in line.original.items() if name != "name"}
    return replace(line, clean=None, original=original, reason="name_missing", sentence="没有姓名")


def delivery(
    rows: list[Line], *, apart: frozenset[int] = frozenset(), known: memory.Memory | None = None
) -> Delivery:
    """Rows of one identity number are one person, except those in `apart`."""
    remembered = known.rows if known else []
    assigned = known.assigned if known else {}
    good = [line.clean for line in rows if line.clean is not None] + remembered
    keys: dict[int, str] = {}
    by_identity: dict[str, str] = {}
    for row in good:
        own = assigned.get(row["row_id"], f"K{row['id_no']}")
        alone = row["row_id"] in apart
        keys[row["row_id"]] = f"K{row['row_id']}" if alone else by_identity.setdefault(row["id_no"], own)
    golden = [
        Golden(keys[row["row_id"]], element, str(row[column]), row["row_id"])
        for row in good
        for column, element in VALUES[row["source"]].items()
        if row[column] is not None
    ]
    parts = [Part(FILES[source], "", source) for source in sorted({line.source for line in rows})]
    return Delivery(parts, list(rows), pa.Table.from_pylist(good, schema=CLEAN), keys, {}, golden)


def take(rows: list[Line], *, apart: frozenset[int] = frozenset()) -> Loaded:
    """One run over these rows, remembering what came before."""
    from django.utils import timezone

    mappings.ensure_sources()
    known = memory.recall(rows, {line.source for line in rows})
    run = Run.objects.create(title="试", engine_version="1", started_by="试", started_at=timezone.now())
    remembered = {row["row_id"]: -row["row_id"] for row in known.rows}
    return loading.load(run, delivery(rows, apart=apart, known=known), actor=SYSTEM, remembered=remembered)
