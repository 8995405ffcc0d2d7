"""Compare a run with a truth: pairs of rows, rows held back, merged values."""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from yanta.hub.pipeline import RunResult

TRUTH = Path(__file__).parent / "data" / "rosters_truth"
Key = tuple[str, str, int]


@dataclass(frozen=True)
class Score:
    """Identity by pairs of rows, quarantine by rows that must be held back, golden by values."""

    precision: float
    recall: float
    quarantine_precision: float
    quarantine_recall: float
    golden: float
    vanished: int

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def truth_rows(name: str) -> list[dict[str, str]]:
    with gzip.open(TRUTH / f"{name}.csv.gz", "rt", encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def score(result: RunResult, *, moved: Mapping[Key, Key] | None = None) -> Score:
    """Score a run; `moved` says where each sample row was written in files made from the samples."""
    places = moved or {}
    records = {_place(row, places): row for row in truth_rows("records") if row["kind"] == "data"}
    keys = dict(zip(*_columns(result.clusters, "row_id", "person_key"), strict=True))
    rows = zip(*_columns(result.accepted, "file", "sheet", "row", "row_id"), strict=True)
    people = {_known((file, sheet, row), records): keys[row_id] for file, sheet, row, row_id in rows}
    held = {
        _known(key, records)
        for key in zip(*_columns(result.quarantined, "file", "sheet", "row"), strict=True)
    }
    precision, recall = _pairs(people, records)
    must = {key for key, row in records.items() if row["reject"] == "must"}
    may = {key for key, row in records.items() if row["reject"] == "may"}
    return Score(
        precision,
        recall,
        len(held & (must | may)) / len(held) if held else 1.0,
        len(held & must) / len(must),
        _golden(result, people, records),
        len(set(records) - set(people) - held),
    )


def _columns(table, *names: str) -> list[list]:
    return [table[name].to_pylist() for name in names]


def _place(row: Mapping[str, str], moved: Mapping[Key, Key]) -> Key:
    key = (row["file"], row["sheet"], int(row["row"]))
    return moved.get(key, key)


def _known(key: Key, records: Mapping[Key, object]) -> Key:
    """Files with one table may be told with or without its name."""
    return key if key in records else (key[0], "", key[2])


def _pairs(people: Mapping[Key, str], records: Mapping[Key, dict[str, str]]) -> tuple[float, float]:
    """Precision over the pairs joined; recall over the pairs that share a key and so can be required."""
    true = {key: (row["person_id"], row["group"]) for key, row in records.items() if row["reject"] != "must"}
    joined = Counter(people.values())
    right = Counter((who, true.get(key, ("", key))[0]) for key, who in people.items() if key in true)
    found = Counter((who, true[key]) for key, who in people.items() if key in true)
    wanted = Counter(group for key, group in true.items() if key in people or records[key]["reject"] != "may")
    return _two(right.values()) / _two(joined.values()), _two(found.values()) / _two(wanted.values())


def _two(counts: Iterable[int]) -> int:
    return sum(count * (count - 1) // 2 for count in counts)


def _golden(result: RunResult, people: Mapping[Key, str], records: Mapping[Key, dict[str, str]]) -> float:
    """Share of the true values told, of those that are neither contested nor apart."""
    told = {
        (who, element): value
        for who, element, value in zip(
            *_columns(result.golden, "person_key", "element", "value"), strict=True
        )
    }
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for key, who in people.items():
        if key in records:
            counts[records[key]["person_id"]][who] += 1
    open_to_doubt = {
        (row["person_id"], row["element"]) for row in truth_rows("golden_basis") if row["basis"] != "fallback"
    }
    marks = [
        told.get((counts[person["person_id"]].most_common(1)[0][0], element)) == value
        for person in truth_rows("golden")
        if counts[person["person_id"]]
        for element, value in person.items()
        if element != "person_id" and value and (person["person_id"], element) not in open_to_doubt
    ]
    return sum(marks) / len(marks)
