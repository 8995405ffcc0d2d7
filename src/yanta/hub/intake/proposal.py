"""Propose which element each column carries, from its header and its values."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from yanta.hub.intake.detectors import Detector, shares
from yanta.hub.intake.elements import BY_NAME, ELEMENTS, header_key, header_score
from yanta.hub.intake.grids import Grid, Lookup
from yanta.hub.intake.layout import Layout
from yanta.hub.intake.mapping import ColumnChoice

_SAMPLE = 250
_ENOUGH = 0.4
_ENOUGH_WITHOUT_HEADER = 0.25


@dataclass(frozen=True)
class _Candidate:
    score: float
    index: int
    element: str
    reasons: tuple[str, ...]


def sample_columns(grid: Grid, layout: Layout) -> list[list[str | None]]:
    """The first data rows, by column, local codes already resolved by the tables that came with them."""
    rows = [cells for number, cells in islice(grid.lines(), _SAMPLE) if number > layout.last_head]
    resolvers = column_lookups(grid, layout.labels)
    columns = [
        [row[place] if place < len(row) else None for row in rows] for place in range(len(layout.labels))
    ]
    return [
        [resolvers[place].names.get(cell or "", cell) for cell in column] if place in resolvers else column
        for place, column in enumerate(columns)
    ]


def column_lookups(grid: Grid, labels: Sequence[str]) -> dict[int, Lookup]:
    """Columns whose name is that of a code table beside them or of its key."""
    found = {}
    for place, label in enumerate(labels):
        for lookup in grid.lookups:
            if header_key(label) in (header_key(lookup.table), header_key(lookup.code_column)):
                found[place] = lookup
    return found


def propose(
    labels: Sequence[str], columns: Sequence[Sequence[str | None]], tests: Sequence[Detector]
) -> tuple[ColumnChoice, ...]:
    """One choice per column: the surest pairs first, each element at most once."""
    known = {test.element: test for test in tests}
    candidates: list[_Candidate] = []
    for index, (label, values) in enumerate(zip(labels, columns, strict=True)):
        fits = shares(values, tests)
        candidates += [
            found for element in ELEMENTS if (found := _candidate(index, label, element.name, fits, known))
        ]
    return _assigned(labels, sorted(candidates, key=lambda found: (-found.score, found.index, found.element)))


def _candidate(
    index: int, label: str, element: str, fits: Map[str, float], tests: Map[str, Detector]
) -> _Candidate | None:
    named = header_score(label, BY_NAME[element])
    share, test = fits.get(element), tests.get(element)
    score = _score(named, share, strict=bool(test and test.strict), closed=bool(test and test.closed))
    headless = label.startswith("第") and label.endswith("列")
    if score < (_ENOUGH_WITHOUT_HEADER if headless else _ENOUGH):
        return None
    reasons = [f"列名“{label}”{'是' if named == 1 else '像是'}{BY_NAME[element].label}"] if named > 0 else []
    if test and share is not None:
        reasons.append(f"{share:.0%} 的值是{test.reason}")
    return _Candidate(round(score, 3), index, element, tuple(reasons))


def _score(named: float, share: float | None, *, strict: bool, closed: bool) -> float:
    """Confidence from the header's word and the values' testimony; values that deny it weigh most."""
    if named < 0:
        return 0.0
    if share is None:
        return 0.8 * named
    if named >= 1:
        return (0.3 if closed else 0.45) if share < 0.15 else 0.72 + 0.27 * share
    if named > 0:
        return 0.2 if share < 0.15 else 0.45 + 0.35 * share
    if strict:
        return 0.6 * share if share >= 0.6 else 0.0
    return 0.3 * share if share >= 0.8 else 0.0


def _assigned(labels: Sequence[str], candidates: Sequence[_Candidate]) -> tuple[ColumnChoice, ...]:
    taken: dict[int, _Candidate] = {}
    used: set[str] = set()
    for found in candidates:
        if found.index not in taken and found.element not in used:
            taken[found.index] = found
            used.add(found.element)
    return tuple(
        ColumnChoice(index, label, taken[index].element, taken[index].score, taken[index].reasons)
        if index in taken
        else ColumnChoice(index, label, None, 0.0, ("没有认出，原样保留",))
        for index, label in enumerate(labels)
    )
