"""Reads of stored code sets, as the service keeps them in memory."""

from __future__ import annotations

from typing import Any

from yanta.kernel.codes.models import Alias, Code, CodeSet, CrosswalkEntry
from yanta.kernel.codes.rules import CodeTable, Entry

_COLUMNS = (
    "code", "name", "parent__code", "note", "valid_from", "valid_to",
    "successor__code", "successor__code_set__set_id", "attributes",
)  # fmt: skip


def table(set_id: str) -> CodeTable | None:
    """One stored set, or None when it was never loaded."""
    head = CodeSet.objects.filter(set_id=set_id).values_list("pk", "title", "revision").first()
    if head is None:
        return None
    key, title, revision = head
    rows = Code.objects.filter(code_set=key).order_by("position", "code").values_list(*_COLUMNS)
    entries = {row[0]: _entry(row) for row in rows}
    aliases = Alias.objects.filter(code_set=key).values_list("written", "code__code")
    return CodeTable(set_id, title, entries, tuple(aliases), revision)


def crosswalk(key: str) -> list[tuple[str, str, str, bool]]:
    """(local code, local name, code, loss) of every entry that has a target."""
    rows = CrosswalkEntry.objects.filter(crosswalk__key=key, code__isnull=False)
    return list(rows.values_list("local_code", "local_name", "code__code", "loss"))


def _entry(row: tuple[Any, ...]) -> Entry:
    code, name, parent, note, valid_from, valid_to, successor, successor_set, attributes = row
    return Entry(
        code, name, parent or "", note, valid_from, valid_to, successor or "", successor_set or "", attributes
    )
