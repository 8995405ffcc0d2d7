"""What a designed service asks and what was answered, as the official form of the service wants it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone

from yanta.kernel.base.elements import Element, Kind, Known
from yanta.kernel.documents.values import day
from yanta.systems.hall.models import Matter
from yanta.systems.hall.queries import designed
from yanta.systems.hall.rules import forms

# What every matter has besides its answers.
_NUMBER, _DAY = Element("number", "办件号"), Element("handed_in", "申请日期", "date", aliases=("提交日期",))
_KINDS: dict[str, Kind] = {"number": "number", "calc": "number", "date": "date"}
# Words are no answer, and files stay with the matter.
_UNWRITTEN = frozenset({"note", "file", "signature"})


def asked(service: str) -> Iterable[Element]:
    """The questions of the form in force; a part whose questions repeat is one element with columns."""
    version = designed.version_in_force(service)
    if version is None:
        return
    owner = version.design.department.name
    yield from (_NUMBER, _DAY)
    for part in designed.form_of(version).parts:
        columns = tuple(_element(one, owner) for one in part.questions if one.kind not in _UNWRITTEN)
        yield from (
            [Element(part.name, part.title, "rows", owner=owner, columns=columns)]
            if part.repeats
            else columns
        )


def _element(one: forms.Question, owner: str) -> Element:
    return Element(one.name, one.label, _KINDS.get(one.kind, "text"), owner=owner)


def said(matter: Matter) -> Mapping[str, Known]:
    """The answers of this matter; what was not asked of this person is not among them."""
    on = timezone.localdate(matter.handed_in_at)
    found = {_NUMBER.name: (matter.number, matter.number), _DAY.name: (on, day(on, "zh"))}
    if matter.version is not None:
        found |= dict(_answers(designed.form_of(matter.version), matter.answers.get("values", {})))
    source, origin = f"{matter} 的申请", f"{matter._meta.label}:{matter.pk}"
    return {name: Known(value, shown, source, matter.title, origin) for name, (value, shown) in found.items()}


def _answers(form: forms.Form, values: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, str]]]:
    for part in form.parts:
        if part.repeats:
            rows = [
                {one.name: _value(one, row.get(one.name)) for one in part.questions}
                for row in values.get(part.name) or ()
            ]
            yield (
                part.name,
                ([{name: _plain(each) for name, each in row.items()} for row in rows], f"{len(rows)} 行"),
            )
            continue
        for one in part.questions:
            if one.kind not in _UNWRITTEN and values.get(one.name) not in (None, "", []):
                value = _value(one, values[one.name])
                yield one.name, (value, _shown(one, value))


def _value(one: forms.Question, value: Any) -> Any:
    """Days and numbers as such, so that the form writes them in its own style; yes and no as conditions read them."""
    if isinstance(value, bool):
        return "是" if value else "否"
    try:
        if one.kind == "date":
            return date.fromisoformat(value)
        return Decimal(str(value)) if _KINDS.get(one.kind) == "number" else value
    except (TypeError, ValueError, InvalidOperation):
        return value


def _shown(one: forms.Question, value: Any) -> str:
    if isinstance(value, date):
        return day(value, "zh")
    return f"{_plain(value)}{one.unit}"


def _plain(value: Any) -> Any:
    """A value of one cell: choices in one line."""
    return "、".join(map(str, value)) if isinstance(value, list) else value
