"""What changed between two editions of a code set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from yanta.kernel.codes.rules.tables import CodeTable, Entry


@dataclass(frozen=True, slots=True)
class Comparison:
    """The difference of two editions; `moved` are (old code, new code) of one and the same thing."""

    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    renamed: tuple[tuple[Entry, Entry], ...]
    moved: tuple[tuple[Entry, Entry], ...]
    same: int


def compare(old: CodeTable, new: CodeTable) -> Comparison:
    """Compare by code, then follow successors and unchanged names of codes that disappeared."""
    common = [(old.entries[code], new.entries[code]) for code in old.entries if code in new.entries]
    gone = {code: entry for code, entry in old.entries.items() if code not in new.entries}
    fresh = {code: entry for code, entry in new.entries.items() if code not in old.entries}
    moved = _moved(gone, fresh, new)
    left, arrived = {before.code for before, _ in moved}, {after.code for _, after in moved}
    return Comparison(
        added=tuple(entry for code, entry in fresh.items() if code not in arrived),
        removed=tuple(entry for code, entry in gone.items() if code not in left),
        renamed=tuple(pair for pair in common if pair[0].name != pair[1].name),
        moved=tuple(moved),
        same=sum(before.name == after.name for before, after in common),
    )


def _moved(
    gone: Mapping[str, Entry], fresh: Mapping[str, Entry], new: CodeTable
) -> list[tuple[Entry, Entry]]:
    by_name: dict[str, list[Entry]] = {}
    for entry in fresh.values():
        by_name.setdefault(entry.name, []).append(entry)
    pairs = []
    for entry in gone.values():
        namesakes = by_name.get(entry.name, [])
        target = new.entries.get(entry.successor) or (namesakes[0] if len(namesakes) == 1 else None)
        if target is not None:
            pairs.append((entry, target))
    return pairs
