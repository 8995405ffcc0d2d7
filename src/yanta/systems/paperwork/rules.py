"""Slots and bindings as they are kept, and what may happen to an edition; no Django."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from yanta.kernel.documents.model import Binding, Problem, Slot, Written

_SEPARATORS = re.compile(r"[\s,，、;；]+")
MOST_PEOPLE = 10_000


def slot_of(kept: Mapping[str, Any]) -> Slot:
    lists = {name: tuple(kept.get(name, ())) for name in ("near", "options", "columns")}
    return Slot(**{**{key: value for key, value in kept.items() if key in Slot.__slots__}, **lists})


def binding_of(kept: Mapping[str, Any]) -> Binding:
    known = {key: value for key, value in kept.items() if key in Binding.__slots__}
    return Binding(**{**known, "columns": tuple(kept.get("columns", ()))})


def kept_binding(binding: Binding, *, trust: float = 1.0, confirmed: bool = False) -> dict[str, Any]:
    return {**asdict(binding), "trust": trust, "confirmed": confirmed}


def kept_written(written: Iterable[Written]) -> list[dict[str, Any]]:
    """Provenance without values: who, where, when, and a digest that proves them."""
    return [
        {**asdict(one), "confirmed_on": one.confirmed_on.isoformat() if one.confirmed_on else None}
        for one in written
    ]


def kept_problems(problems: Iterable[Problem]) -> list[dict[str, str]]:
    return [asdict(one) for one in problems]


def numbers_in(text: str) -> list[str]:
    """Numbers of a pasted list, each once, in its order."""
    return list(dict.fromkeys(part for part in _SEPARATORS.split(text) if part))


def file_name(title: str, number: str, name: str, kind: str) -> str:
    """A name every system can unpack."""
    plain = re.sub(r'[\\/:*?"<>|\s]+', "_", f"{number}_{name}_{title}")
    return f"{plain[:100]}.{kind}"


def gaps_by_cell(problems: Iterable[Mapping[str, str]]) -> list[tuple[str, str, int]]:
    """Label, kind and how many people it concerns, the most first."""
    counted = Counter((one["label"], one["kind"]) for one in problems)
    return [(label, kind, count) for (label, kind), count in counted.most_common()]
