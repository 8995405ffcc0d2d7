"""Distinct written values judged once each: codes, choices, dates, and the rows that links lead to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa

from yanta.hub.cleaning.dates import read_date
from yanta.hub.pipelines.documents import Document, Pair
from yanta.hub.pipelines.targets import Target, TargetField
from yanta.kernel.codes import service as codes

SCHEMA = pa.schema([
    ("field", pa.string()), ("written", pa.string()), ("value", pa.string()), ("ref", pa.int64()), ("reason", pa.string()),
])  # fmt: skip
AT_ONCE = 20_000


class Verdict(NamedTuple):
    """What a written value is, which row it leads to, or why it is nothing."""

    value: str | None = None
    ref: int | None = None
    reason: str | None = None


def fields_of(document: Document, target: Target) -> list[TargetField]:
    """Whose values must be looked up."""
    fields = [target.field(pair.field) for pair in document.confirmed]
    return [field for field in fields if field.is_looked_up or field.kind == "date"]


def judge(document: Document, target: Target, written: pa.Table) -> pa.Table:
    """The table of verdicts over the distinct values that occur."""
    values: dict[str, list[str]] = {}
    for name, value in zip(written["field"].to_pylist(), written["written"].to_pylist(), strict=True):
        values.setdefault(name, []).append(value)
    rows = [
        (name, text, *verdict)
        for name, texts in values.items()
        for text, verdict in _verdicts(target.field(name), document.pair(name) or Pair(name), texts).items()
    ]
    return pa.table(list(zip(*rows, strict=True)) if rows else [[] for _ in SCHEMA], schema=SCHEMA)


def judge_values(target: Target, pair: Pair, texts: list[str]) -> dict[str, Verdict]:
    """A few values as a run would judge them, for whoever draws the mapping."""
    return _verdicts(target.field(pair.field), pair, list(dict.fromkeys(texts)))


def _verdicts(field: TargetField, pair: Pair, texts: list[str]) -> dict[str, Verdict]:
    if field.kind == "date" and not pair.crosswalk:
        return {text: _date(text, field, month="month" in pair.steps) for text in texts}
    if pair.crosswalk:
        return _crosswalked(field, pair, texts)
    return judged(field, texts)


def _crosswalked(field: TargetField, pair: Pair, texts: list[str]) -> dict[str, Verdict]:
    """The local code through its table first; what comes out must still be a value of the field."""
    mapped = {text: codes.map_code(pair.crosswalk, text) for text in texts}
    known = judged(field, sorted({one.code for one in mapped.values() if one.ok}))
    return {
        text: known[one.code] if one.ok else Verdict(reason=f"“{field.title}”：{one.reason}")
        for text, one in mapped.items()
    }


def judged(field: TargetField, texts: list[str]) -> dict[str, Verdict]:
    if field.code_set:
        return _coded(field, texts)
    if field.choices:
        return _chosen(field, texts)
    if field.refers is not None:
        return _linked(field, texts)
    return {text: Verdict(text) for text in texts}


def _coded(field: TargetField, texts: list[str]) -> dict[str, Verdict]:
    found = codes.resolve_many(field.code_set, texts)
    return {
        text: Verdict(one.code) if one.ok else Verdict(reason=f"“{field.title}”：{one.reason}")
        for text, one in ((text, found[text]) for text in texts)
    }


def _chosen(field: TargetField, texts: list[str]) -> dict[str, Verdict]:
    forms = {label: code for code, label in field.choices} | {code: code for code, _ in field.choices}
    return {
        text: Verdict(forms[text]) if text in forms else Verdict(reason=f"“{field.title}”没有“{text}”这一项")
        for text in texts
    }


def _date(text: str, field: TargetField, *, month: bool) -> Verdict:
    reading = read_date(text)
    if reading.day is not None:
        return Verdict(reading.day.isoformat())
    if month and reading.month:
        return Verdict(f"{reading.month}-01")
    return Verdict(reason=f"“{field.title}”无法识别为日期：{text}")


def _linked(field: TargetField, texts: list[str]) -> dict[str, Verdict]:
    """Rows by their key, else by a name that only one of them has."""
    assert field.refers is not None  # noqa: S101 - asked for before
    found = {key: Verdict(key, pk) for key, pk in _rows(field.refers, field.refers_key, texts)}
    left = [text for text in texts if text not in found]
    if left and not field.is_person and _has_name(field.refers) and field.refers_key != "name":
        found |= _by_name(field, left)
    none = f"“{field.title}”：没有编号或名称为“{{}}”的{field.refers_title}"
    return {text: found.get(text) or Verdict(reason=none.format(text)) for text in texts}


def _by_name(field: TargetField, names: list[str]) -> dict[str, Verdict]:
    assert field.refers is not None  # noqa: S101 - asked for before
    seen: dict[str, list[tuple[str, int]]] = {}
    rows = field.refers._default_manager.filter(name__in=names)
    for name, key, pk in rows.values_list("name", field.refers_key, "pk"):
        seen.setdefault(name, []).append((key, pk))
    return {
        name: Verdict(*hits[0])
        if len(hits) == 1
        else Verdict(reason=f"“{field.title}”：叫“{name}”的{field.refers_title}有 {len(hits)} 个，请给编号")
        for name, hits in seen.items()
    }


def _has_name(model: Any) -> bool:
    return any(column.name == "name" for column in model._meta.concrete_fields)


def _rows(model: Any, key: str, values: list[str]) -> Iterator[tuple[str, int]]:
    for part in chunks(values):
        yield from model._default_manager.filter(**{f"{key}__in": part}).values_list(key, "pk")


def chunks(values: list[Any], size: int = AT_ONCE) -> Iterable[list[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
