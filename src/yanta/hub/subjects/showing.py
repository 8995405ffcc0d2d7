"""A subject's value as people read it on lists: codes by name, sensitive ones masked, sealed ones only as there or not."""

from __future__ import annotations

from datetime import date
from typing import Any

from yanta.hub.subjects.conditions import wording
from yanta.hub.subjects.shapes import Field, Level
from yanta.kernel.base.texts import masked

EMPTY, SEALED = "（空）", "（已填，加密）"


def shown(field: Field, value: Any, *, is_clear: bool = False) -> str:
    """`is_clear`: the value of a sealed field is itself, not the digest that subjects read."""
    if value is None or value == "":
        return EMPTY
    if field.is_sealed:
        return masked(str(value)) if is_clear else SEALED
    if field.level >= Level.SENSITIVE and isinstance(value, date):
        return f"{value.year}-**-**"
    if field.level >= Level.SENSITIVE and field.kind == "text" and not field.code_set:
        return masked(str(value))
    return wording(field, str(value))
