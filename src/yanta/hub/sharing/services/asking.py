"""What people write, as the rules take it: lists of fields, conditions, ways."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from yanta.hub.sharing.models import Way
from yanta.hub.subjects import Subject, conditions
from yanta.kernel.base import Refused


def names_in(text: str, subject: Subject, *, among: Sequence[str] | None = None) -> list[str]:
    """Names of fields parted by commas or blanks; refuses what the subject, or the dataset, does not have."""
    names = [name for name in re.split(r"[\s,，、;；]+", text) if name]
    for name in names:
        field = subject.field(name)
        if among is not None and name not in among:
            raise Refused(f"“{field.title}”不在可选的字段里", field="fields")
    if not names:
        raise Refused("至少选一个字段", field="fields")
    order = among if among is not None else [field.name for field in subject.fields]
    return [name for name in order if name in names]


def condition_in(text: str, subject: Subject) -> dict[str, Any]:
    """A condition written as JSON; nothing written keeps everything."""
    if not text.strip():
        return {}
    try:
        condition = json.loads(text)
    except ValueError as error:
        raise Refused("行范围须是 JSON 写法的条件", field="condition") from error
    if not isinstance(condition, dict):
        raise Refused("行范围须是一个条件", field="condition")
    conditions.check(subject, condition)
    return condition


def ways_in(text: str) -> list[str]:
    known = {way.value for way in Way} | {way.label for way in Way}
    said = [one for one in re.split(r"[\s,，、]+", text) if one]
    unknown = [one for one in said if one not in known]
    if unknown or not said:
        raise Refused(f"交付方式应为 {'、'.join(way.value for way in Way)}", field="ways")
    return [way.value for way in Way if way.value in said or way.label in said]


def level_of(subject: Subject, names: Iterable[str]) -> int:
    """The highest level among the fields."""
    return max((int(subject.field(name).level) for name in names), default=1)
