"""Dates in definitions: `{on}`, `{on-30y}`, `{year}`, `{year-1}`, in the conditions of tables, rows and columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

_PLACE = re.compile(r"\{(on|year)(?:([+-]\d+)(y)?)?\}")


def settled(condition: Mapping[str, Any], on: date) -> dict[str, Any]:
    """The condition with its dates and years as of a day."""
    return {name: _settled(value, on) for name, value in condition.items()}


def _settled(value: Any, on: date) -> Any:
    if isinstance(value, str):
        return _PLACE.sub(lambda found: _told(found, on), value)
    if isinstance(value, list):
        return [_settled(one, on) for one in value]
    return settled(value, on) if isinstance(value, Mapping) else value


def _told(found: re.Match[str], on: date) -> str:
    shift = int(found[2] or 0)
    if found[1] == "year":
        return str(on.year + shift)
    return years_later(on, shift).isoformat()


def years_later(day: date, years: int) -> date:
    """The same day of another year; 29 February becomes 28."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
