"""What the engine hands over: files, lines with their verdict, clean rows, people, merged values, doubts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa


@dataclass(frozen=True)
class Part:
    """One file or sheet with the labels of its columns; `full` when absent rows mean that they are gone."""

    file: str
    sheet: str
    source: str
    size: int = 0
    digest: str = ""
    labels: tuple[str, ...] = ()
    skipped: int = 0


@dataclass(frozen=True)
class Line:
    """One delivered row: its clean values, or the reason for which it is held back."""

    row_id: int
    source: str
    file: str
    sheet: str
    row: int
    original: dict[str, str]
    clean: dict[str, Any] | None = None
    reason: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Golden:
    """One merged value and the row it was taken from."""

    person_key: str
    element: str
    value: str
    row_id: int | None
    basis: str = "authority"


@dataclass(frozen=True)
class Doubt:
    left: int
    right: int
    score: float
    explanation: str
    is_joined: bool = False


@dataclass
class Delivery:
    """One run's findings. `lines` are new deliveries; `clean` holds these and the remembered rows."""

    parts: list[Part] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    clean: pa.Table | None = None
    clusters: dict[int, str] = field(default_factory=dict)
    scores: dict[int, tuple[float, str]] = field(default_factory=dict)
    golden: list[Golden] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
