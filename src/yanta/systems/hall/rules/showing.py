"""What is shown, and what calculated fields come to.

One rule, walked here and by the browser in `frontend/src/js/hall-rules.js`: what a condition hides counts as empty, for other
conditions and for formulas alike, and a row in which nothing is filled in is none. `tests/test_agreement.py` compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yanta.systems.hall.rules.forms import Form, Part, Question, holds, is_filled
from yanta.systems.hall.rules.formulas import computed

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Settled:
    """`values` with what is calculated, every row in its place; `hidden` by the names of the page (`f2`, `g1.0.a1`)."""

    values: dict[str, Any]
    hidden: frozenset[str] = frozenset()


def settled(form: Form, given: Mapping[str, Any]) -> Settled:
    """Again and again until nothing changes any more; forms in which something hangs on itself are refused before."""
    found = Settled(dict(given))
    for _ in range(len(form.all_questions) + 2):
        after = _once(form, given, found)
        if after == found:
            break
        found = after
    return found


def is_blank(part: Part, row: Mapping[str, Any]) -> bool:
    return not any(is_filled(row.get(one.name)) for one in part.questions if one.is_asked)


def _once(form: Form, given: Mapping[str, Any], before: Settled) -> Settled:
    seen = _without_blank_rows(form, before.values)
    values: dict[str, Any] = {}
    hidden: set[str] = set()
    for part in form.parts:
        if not part.repeats:
            values |= _answers(part, "", given, seen, hidden)
            continue
        rows: list[Row] = before.values.get(part.name) or []
        values[part.name] = [
            _answers(part, f"{part.name}.{number}.", row, seen | _own(part, rows[number]), hidden)
            for number, row in enumerate(given.get(part.name) or [])
        ]
    return Settled(values, frozenset(hidden))


def _answers(part: Part, prefix: str, given: Mapping[str, Any], seen: Row, hidden: set[str]) -> Row:
    """One section, or one row of it, as conditions leave it."""
    shown = holds(part.when, seen)
    found: Row = {}
    for one in part.questions:
        if shown and holds(one.when, seen):
            found[one.name] = _value(one, given, seen)
        else:
            found[one.name] = None
            hidden.add(f"{prefix}{one.name}")
    return found


def _value(one: Question, given: Mapping[str, Any], seen: Row) -> Any:
    return computed(one.tree, seen, places=one.places) if one.kind == "calc" else given.get(one.name)


def _own(part: Part, row: Row) -> Row:
    """To conditions and formulas of a row the row's own fields are `group.field`."""
    return {f"{part.name}.{name}": value for name, value in row.items()}


def _without_blank_rows(form: Form, values: Row) -> Row:
    rows = {
        part.name: [row for row in values.get(part.name) or [] if not is_blank(part, row)]
        for part in form.parts if part.repeats
    }  # fmt: skip
    return values | rows
