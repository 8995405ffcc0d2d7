"""Propose which element each column carries, from its header and its values."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from yanta.hub.intake.detectors import Detector, Testimony, agrees_with_identity, shares
from yanta.hub.intake.elements import BY_NAME, ELEMENTS, header_key, header_score
from yanta.hub.intake.grids import Grid, Lookup
from yanta.hub.intake.layout import Layout
from yanta.hub.intake.mapping import ColumnChoice

_SAMPLE = 120
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
    taken = _assigned(sorted(candidates, key=lambda found: (-found.score, found.index, found.element)))
    return _choices(labels, taken | _by_identity(columns, taken))


def _by_identity(
    columns: Sequence[Sequence[str | None]], taken: Map[int, _Candidate]
) -> dict[int, _Candidate]:
    """Birth date and sex under names nobody knows: what agrees with the identity numbers is it."""
    number = next((index for index, found in taken.items() if found.element == "id_no"), None)
    if number is None:
        return {}
    have = {found.element for found in taken.values()}
    found: dict[int, _Candidate] = {}
    for element, word in (("birth", "出生日期"), ("sex", "性别")):
        free = [
            index for index in range(len(columns)) if element not in have and index not in {**taken, **found}
        ]
        shares_of = {
            index: agrees_with_identity(columns[index], columns[number], element=element) for index in free
        }
        best = max(shares_of, key=shares_of.__getitem__, default=None)
        if best is not None and shares_of[best] >= 0.8:
            reason = f"{shares_of[best]:.0%} 与证件号中的{word}一致"
            found[best] = _Candidate(round(0.7 * shares_of[best], 3), best, element, (reason,))
    return found


def _candidate(
    index: int, label: str, element: str, fits: Map[str, Testimony], tests: Map[str, Detector]
) -> _Candidate | None:
    named = header_score(label, BY_NAME[element])
    seen, test = fits.get(element), tests.get(element)
    score = _score(named, seen, strict=bool(test and test.strict), closed=bool(test and test.closed))
    headless = label.startswith("第") and label.endswith("列")
    if score < (_ENOUGH_WITHOUT_HEADER if headless else _ENOUGH):
        return None
    reasons = [f"列名“{label}”{'是' if named == 1 else '像是'}{BY_NAME[element].label}"] if named > 0 else []
    if test and seen is not None:
        reasons.append(f"{seen.share:.0%} 的值是{test.reason}")
    return _Candidate(round(score, 3), index, element, tuple(reasons))


def _score(named: float, seen: Testimony | None, *, strict: bool, closed: bool) -> float:
    """Confidence from the header's word and the values' testimony; values that deny it weigh most."""
    if named < 0:
        return 0.0
    if seen is None:
        return 0.8 * named
    denied = seen.share < 0.15
    if named >= 1:
        return (0.3 if closed else 0.45) if denied else 0.72 + 0.27 * seen.share
    if named > 0:
        return 0.2 if denied else 0.45 + 0.35 * seen.share
    return _by_values(seen, strict=strict)


def _by_values(seen: Testimony, *, strict: bool) -> float:
    """Without a header's word: proof by check digits and patterns, or by words of a closed code set."""
    if (strict and seen.share >= 0.6) or seen.spoken >= 0.6:
        return 0.6 * seen.share
    return 0.3 * seen.share if seen.share >= 0.8 else 0.0


def _assigned(candidates: Sequence[_Candidate]) -> dict[int, _Candidate]:
    taken: dict[int, _Candidate] = {}
    used: set[str] = set()
    for found in candidates:
        if found.index not in taken and found.element not in used:
            taken[found.index] = found
            used.add(found.element)
    return taken


def _choices(labels: Sequence[str], taken: Map[int, _Candidate]) -> tuple[ColumnChoice, ...]:
    return tuple(
        ColumnChoice(index, label, taken[index].element, taken[index].score, taken[index].reasons)
        if index in taken
        else ColumnChoice(index, label, None, 0.0, ("没有认出，原样保留",))
        for index, label in enumerate(labels)
    )
