"""A mapping of columns to elements: proposed by the engine, confirmed by a person, kept with its version."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol


@dataclass(frozen=True)
class ColumnChoice:
    """What one column is taken for, how surely, and why; `element` None means it is kept but not used."""

    index: int
    label: str
    element: str | None
    confidence: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mapping:
    """One layout's mapping. `place` is where the layout was met: file and sheet without their digits."""

    fingerprint: str
    place: str
    source: str
    columns: tuple[ColumnChoice, ...]
    version: int = 1
    confirmed_by: str = ""

    @property
    def confirmed(self) -> bool:
        return bool(self.confirmed_by)

    def chosen(self) -> dict[str, int]:
        """Element to column."""
        return {column.element: column.index for column in self.columns if column.element}

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Mapping:
        columns = tuple(
            ColumnChoice(**{**column, "reasons": tuple(column["reasons"])}) for column in data["columns"]
        )
        return cls(**{**data, "columns": columns})


@dataclass(frozen=True)
class Drift:
    """How a layout differs from the one confirmed before at the same place."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[str, ...]

    def sentence(self) -> str:
        parts = [("新增列", self.added), ("少了列", self.removed), ("换了位置", self.moved)]
        return "；".join(f"{word}：{'、'.join(labels)}" for word, labels in parts if labels)


class MappingStore(Protocol):
    """Where confirmed mappings are kept."""

    def find(self, fingerprint: str) -> Mapping | None: ...

    def latest(self, place: str) -> Mapping | None: ...

    def save(self, mapping: Mapping) -> None: ...


class MemoryStore:
    """Mappings of one run."""

    def __init__(self) -> None:
        self._kept: dict[str, Mapping] = {}

    def find(self, fingerprint: str) -> Mapping | None:
        return self._kept.get(fingerprint)

    def latest(self, place: str) -> Mapping | None:
        return next((mapping for mapping in reversed(self._kept.values()) if mapping.place == place), None)

    def save(self, mapping: Mapping) -> None:
        self._kept[mapping.fingerprint] = mapping


def fingerprint_of(place: str, labels: tuple[str, ...]) -> str:
    """The same labels in the same order at the same place; what the cells hold does not matter."""
    return hashlib.sha256("\x1f".join((place, *labels)).encode()).hexdigest()[:32]


def place_of(file: str, sheet: str) -> str:
    """File and sheet without dates and numbers, so that next term's file is met at the same place."""
    stem, _, ending = file.rpartition(".")
    return (
        "/".join(re.sub(r"[\d\s_\-()（）]+|年|月|日|第.学期", "", part) for part in (stem, sheet))
        + f".{ending}"
    )


def drift(before: Mapping, labels: tuple[str, ...]) -> Drift:
    """Compare a layout with the one confirmed before."""
    old = [column.label for column in before.columns]
    common_old = [label for label in old if label in labels]
    common_new = [label for label in labels if label in old]
    moved = [new for was, new in zip(common_old, common_new, strict=False) if was != new]
    return Drift(
        tuple(label for label in labels if label not in old),
        tuple(label for label in old if label not in labels),
        tuple(moved),
    )


def confirm(mapping: Mapping, *, by: str, before: Mapping | None = None) -> Mapping:
    """The mapping as confirmed by a person; a changed layout is the next version of its place."""
    return replace(mapping, confirmed_by=by, version=before.version + 1 if before else mapping.version)
