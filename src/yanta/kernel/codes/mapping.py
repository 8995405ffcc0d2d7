"""Crosswalks from pasted tables: propose what names tell, keep what a person decided."""

from __future__ import annotations

from dataclasses import dataclass, field

from yanta.kernel.base import Refused
from yanta.kernel.base.texts import clean_text
from yanta.kernel.codes import service
from yanta.kernel.codes.models import Code, Crosswalk, CrosswalkEntry


@dataclass(slots=True)
class Imported:
    """What became of the lines: read = mapped + unmapped; `doubtful` says what was perhaps meant."""

    mapped: int = 0
    unmapped: int = 0
    doubtful: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def read(self) -> int:
        return self.mapped + self.unmapped


def import_lines(crosswalk: Crosswalk, text: str) -> Imported:
    """Lines of local code, local name, and optionally the standard code or its name."""
    rows = [_cells(line) for line in text.splitlines() if line.strip()]
    if not rows:
        raise Refused("对照表是空的", field="lines")
    return import_rows(crosswalk, rows)


def import_rows(crosswalk: Crosswalk, rows: list[tuple[str, str, str]]) -> Imported:
    """(local code, local name, wished standard) rows; without a wish the name is tried, then the code."""
    receipt, set_id = Imported(), crosswalk.code_set.set_id
    keys = dict(Code.objects.filter(code_set=crosswalk.code_set).values_list("code", "pk"))
    entries, times = {}, _times(rows)
    for local, name, wished in rows:
        target = _target(set_id, local, name, wished)
        if target is None:
            receipt.unmapped += 1
            receipt.doubtful[local] = service.validate(set_id, wished or name or local).suggestions
        else:
            receipt.mapped += 1
        entries[local] = CrosswalkEntry(
            crosswalk=crosswalk, local_code=local, local_name=name, code_id=keys.get(target or "")
        )
    if max(times.values()) > 1:
        twice = "、".join(local for local, n in times.items() if n > 1)
        raise Refused(f"本地码重复：{twice}", field="lines")
    CrosswalkEntry.objects.bulk_create(
        entries.values(),
        update_conflicts=True,
        unique_fields=["crosswalk", "local_code"],
        update_fields=["local_name", "code", "loss", "updated_at"],
    )
    mark_loss(crosswalk)
    return receipt


def mark_loss(crosswalk: Crosswalk) -> None:
    """Several local codes on one standard code lose their difference on the way."""
    entries = list(crosswalk.entries.all())
    shared: dict[int | None, int] = {}
    for entry in entries:
        shared[entry.code_id] = shared.get(entry.code_id, 0) + 1
    changed = []
    for entry in entries:
        loss = entry.code_id is not None and shared[entry.code_id] > 1
        if entry.loss != loss:
            entry.loss = loss
            changed.append(entry)
    CrosswalkEntry.objects.bulk_update(changed, ["loss"])


def _cells(line: str) -> tuple[str, str, str]:
    parts = [
        clean_text(part)
        for part in (line.split("\t") if "\t" in line else line.replace("，", ",").split(","))
    ]
    local, name, wished = (*parts, "", "")[:3]
    return local, name, wished


def _target(set_id: str, local: str, name: str, wished: str) -> str | None:
    if wished:
        return service.normalise(set_id, wished)
    return service.normalise(set_id, name) if name else service.normalise(set_id, local)


def _times(rows: list[tuple[str, str, str]]) -> dict[str, int]:
    times: dict[str, int] = {}
    for local, _, _ in rows:
        times[local] = times.get(local, 0) + 1
    return times
