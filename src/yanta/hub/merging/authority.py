"""The agreed order of sources for each element and population."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from yanta.hub.intake.sources import source_of_name


@dataclass(frozen=True)
class Rule:
    """One rank: for this element of this population, ask this source."""

    element: str
    label: str
    population: str
    rank: int
    source: str
    form: str


@dataclass(frozen=True)
class Authority:
    """The table, by element and population."""

    rules: tuple[Rule, ...]

    @property
    def elements(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rule.element for rule in self.rules))

    def order(self, element: str, population: str) -> list[str]:
        """Sources from the first authority down; empty if the element is not kept for the population."""
        found = [rule for rule in self.rules if rule.element == element and rule.population == population]
        return [rule.source for rule in sorted(found, key=lambda rule: rule.rank)]


def read_authority(path: Path) -> Authority:
    """Read the agreed table: element, name, population, rank, file (of the department), form."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rules = tuple(
        Rule(
            row["element"],
            row.get("name", ""),
            row["population"],
            int(row["rank"]),
            source_of_name(row["file"]),
            row.get("form", ""),
        )
        for row in rows
    )
    return Authority(_without_repeats(rules))


def _without_repeats(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Several files of one department are one source: its best rank counts."""
    best: dict[tuple[str, str, str], Rule] = {}
    for rule in sorted(rules, key=lambda rule: rule.rank):
        best.setdefault((rule.element, rule.population, rule.source), rule)
    kept = defaultdict(list)
    for rule in best.values():
        kept[rule.element].append(rule)
    return tuple(rule for group in kept.values() for rule in group)
