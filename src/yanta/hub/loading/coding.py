"""Columns of few values: each value is cleaned and looked up once, however many rows hold it."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from yanta.hub.loading.expressions import MISSING
from yanta.kernel.base.texts import clean_identifier, clean_text

_ABSENT = frozenset(MISSING)
Spellings = Mapping[str, Mapping[str, str]]


def coded(rows: pa.RecordBatch, spellings: Spellings) -> pa.RecordBatch:
    """The block with every coded column as the standard's code, and `<column>_lost` where it has none."""
    for column, codes in spellings.items():
        values, places = _distinct(rows[column])
        written = [clean_text(value) for value in values]
        lost = [text not in _ABSENT and text not in codes for text in written]
        rows = _replaced(rows, column, _spread([codes.get(text) for text in written], places))
        rows = rows.append_column(f"{column}_lost", _spread(lost, places))
    return rows


def tidied(rows: pa.RecordBatch, column: str) -> pa.RecordBatch:
    """The block with an identifier of few values (a unit's code) cleaned."""
    values, places = _distinct(rows[column])
    clean = [None if (text := clean_identifier(value)) in _ABSENT else text for value in values]
    return _replaced(rows, column, _spread(clean, places))


def _distinct(column: pa.Array) -> tuple[list[str], pa.Array]:
    encoded = column.dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices


def _spread(values: list[str | None] | list[bool], places: pa.Array) -> pa.Array:
    kind = pa.bool_() if values and isinstance(values[0], bool) else pa.string()
    return pa.array(values, kind).take(places)


def _replaced(rows: pa.RecordBatch, column: str, values: pa.Array) -> pa.RecordBatch:
    return rows.set_column(rows.schema.get_field_index(column), column, values)
