"""Kinds of columns: from Arrow and from the words of databases, and back."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any, cast

import pyarrow as pa

from yanta.hub.exchange.connectors.base import ColumnShape, Kind, TableShape

KIND_WORDS: dict[str, str] = {
    "text": "文本",
    "integer": "整数",
    "decimal": "小数",
    "number": "浮点数",
    "date": "日期",
    "instant": "时刻",
    "time": "时间",
    "flag": "是否",
    "binary": "二进制",
}
_ARROW: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(38, 10),
    "number": pa.float64(),
    "date": pa.date32(),
    "instant": pa.timestamp("us"),
    "time": pa.time64("us"),
    "flag": pa.bool_(),
    "binary": pa.binary(),
}
# The first that matches decides; the words are those of PostgreSQL, MySQL, SQLite, Oracle and SQL Server.
_DECLARED: tuple[tuple[str, Kind], ...] = (
    (r"^(bool|tinyint\(1\)|bit$|bit\(1\))", "flag"),
    (r"^(datetime|timestamp|smalldatetime)", "instant"),
    (r"^date", "date"),
    (r"^time", "time"),
    (r"^(numeric|decimal|money|smallmoney|number)", "decimal"),
    (r"^(float|double|real)", "number"),
    (r"int|serial|^year", "integer"),
    (r"^(bytea|blob|tinyblob|mediumblob|longblob|binary|varbinary|raw|image)", "binary"),
)


def kind_declared(word: str) -> Kind:
    """The kind that a database's word for a type means; what is not known is text."""
    lowered = word.strip().lower()
    return next((kind for pattern, kind in _DECLARED if re.search(pattern, lowered)), "text")


_TESTS: tuple[tuple[Any, Kind], ...] = (
    (pa.types.is_boolean, "flag"),
    (pa.types.is_integer, "integer"),
    (pa.types.is_decimal, "decimal"),
    (pa.types.is_floating, "number"),
    (pa.types.is_date, "date"),
    (pa.types.is_timestamp, "instant"),
    (pa.types.is_time, "time"),
    (pa.types.is_binary, "binary"),
    (pa.types.is_large_binary, "binary"),
)


def kind_of(arrow: pa.DataType) -> Kind:
    return next((kind for test, kind in _TESTS if test(arrow)), "text")


def arrow_of(kind: str) -> pa.DataType:
    return _ARROW[kind]


def schema_of(columns: Iterable[ColumnShape]) -> pa.Schema:
    return pa.schema([(column.name, arrow_of(column.kind)) for column in columns])


def shape_of(name: str, schema: pa.Schema, rows: int | None = None) -> TableShape:
    columns = tuple(ColumnShape(field.name, kind_of(field.type), field.nullable) for field in schema)
    return TableShape(name, columns, rows)


def to_json(shape: TableShape) -> dict[str, Any]:
    """A shape as it is kept; the number of rows is no part of it."""
    columns = [{"name": c.name, "kind": c.kind, "nullable": c.nullable} for c in shape.columns]
    return {"name": shape.name, "columns": columns, "key": list(shape.key)}


def from_json(kept: dict[str, Any]) -> TableShape:
    columns = tuple(
        ColumnShape(str(c["name"]), cast(Kind, c["kind"]), bool(c["nullable"])) for c in kept["columns"]
    )
    return TableShape(str(kept["name"]), columns, key=tuple(kept.get("key", ())))


def fingerprint(shape: TableShape) -> str:
    """Equal for equal names, kinds and order of columns."""
    text = json.dumps([[c.name, c.kind] for c in shape.columns], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
