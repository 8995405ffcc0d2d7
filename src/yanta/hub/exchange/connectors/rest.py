"""REST services: pages of JSON objects as rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, ClassVar

import httpx
import pyarrow as pa

from yanta.hub.exchange.connectors.base import (
    Address,
    ColumnShape,
    DriftStop,
    Kind,
    Reading,
    ReadOnly,
    TableShape,
)
from yanta.hub.exchange.connectors.databases import Watermark, watching
from yanta.hub.exchange.connectors.files import later
from yanta.hub.exchange.connectors.shapes import KIND_WORDS, schema_of
from yanta.hub.exchange.connectors.web import Caller, json_of
from yanta.kernel.base import Refused

_USUAL_ITEMS = ("items", "data", "results", "rows", "list", "records")
_PAGING = ("none", "page", "offset", "cursor", "link")
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stream:
    """One endpoint: where its rows are and how one gets to the next page."""

    name: str
    path: str
    options: dict[str, str]

    def get(self, name: str, default: str) -> str:
        return self.options.get(name) or default

    @property
    def paging(self) -> str:
        found = self.get("paging", "none")
        if found not in _PAGING:
            raise Refused(f"参数 paging 只能是 {'、'.join(_PAGING)}")
        return found

    @property
    def size(self) -> int:
        return int(self.get("page_size", "100"))


class RestConnector(ReadOnly):
    """`stream.学生 = /api/students` declares a table; `stream.学生.items = data.list` overrides for it alone."""

    title: ClassVar[str] = "REST 接口"

    def __init__(
        self, address: Address, *, known: dict[str, TableShape] | None = None, caller: Caller | None = None
    ) -> None:
        self.address, self.known = address, known or {}
        self.caller = caller or Caller(address)
        self.streams = streams_of(address)

    def tables(self) -> list[TableShape]:
        if not self.streams:
            raise Refused("请用参数 stream.表名 = 路径 说明有哪些数据")
        return [self.shape(name) for name in self.streams]

    def shape(self, table: str) -> TableShape:
        stream = self._stream(table)
        return TableShape(table, self._columns(stream, next(self._pages(stream, {}), [])))

    def _stream(self, table: str) -> Stream:
        if table not in self.streams:
            raise Refused(f"没有约定数据“{table}”")
        return self.streams[table]

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        after: str | None = None,
        by: str | None = None,
    ) -> Reading:
        stream = self._stream(table)
        since = stream.get("since", "")
        pages = self._pages(stream, {since: after} if since and after else {})
        first = next(pages, [])
        shape = TableShape(table, self._columns(stream, first))
        wanted = [shape.column(name) or self._missing(table, name, first) for name in columns or shape.names]
        if by and all(column.name != by for column in wanted):
            wanted.append(shape.column(by) or self._missing(table, by, first))
        made = Reading(schema_of(wanted), iter(()), watermark=after)
        rows = (
            later(batch, _typed(after, by, made.schema), by)
            for batch in self._batches(first, pages, wanted, made)
        )
        made.batches = watching(made, rows, Watermark(shape.column(by) if by else None, after))
        return made

    def _missing(self, table: str, name: str, first: list[Item]) -> ColumnShape:
        kept = self.known[table].column(name) if table in self.known else None
        if kept is None or first:
            raise DriftStop(f"接口“{table}”的答复里没有“{name}”")
        return kept

    def _columns(self, stream: Stream, items: list[Item]) -> tuple[ColumnShape, ...]:
        """From the first page; a column that is empty there keeps the kind it was accepted with."""
        known = self.known.get(stream.name)
        if not items:
            return known.columns if known else ()
        names = list(dict.fromkeys(name for item in items for name in item))
        made = []
        for name in names:
            kind = kind_of_values(item.get(name) for item in items)
            accepted = known.column(name) if known else None
            if accepted and (kind is None or (kind == "integer" and accepted.kind == "number")):
                kind = accepted.kind
            made.append(ColumnShape(name, kind or "text"))
        return tuple(made)

    def _batches(
        self, first: list[Item], pages: Iterator[list[Item]], wanted: list[ColumnShape], made: Reading
    ) -> Iterator[pa.RecordBatch]:
        names = {column.name for column in wanted}
        for items in chain([first] if first else [], pages):
            made.surplus |= {name for item in items for name in item} - names
            yield pa.record_batch([_array(items, column) for column in wanted], schema=made.schema)

    # --- pages -------------------------------------------------------------------------------------

    def _pages(self, stream: Stream, params: dict[str, str]) -> Iterator[list[Item]]:
        """Page after page until one is empty or names no next; a service that repeats itself is refused."""
        where: str | None = stream.path
        ask, place, before = dict(params) | self._start(stream), 0, ""
        while where is not None:
            answer = self.caller.get(where, ask)
            body = json_of(answer)
            items = [flat(item) for item in items_of(body, stream.get("items", ""))]
            if items:
                yield items
            mark = json.dumps(items, ensure_ascii=False, default=str)
            if items and mark == before and stream.paging != "none":
                raise Refused(f"接口“{stream.name}”翻页后给出同一页，分页参数可能不对；已停止，以免重复")
            before, place = mark, place + len(items)
            where, ask = self._next(stream, answer, body, ask, place if items else -1)

    def _start(self, stream: Stream) -> dict[str, str]:
        size = {stream.get("size_param", "page_size"): str(stream.size)}
        if stream.paging == "page":
            return {**size, stream.get("page_param", "page"): stream.get("first_page", "1")}
        if stream.paging == "offset":
            return {
                stream.get("size_param", "limit"): str(stream.size),
                stream.get("offset_param", "offset"): "0",
            }
        return size if stream.paging == "cursor" else {}

    def _next(
        self, stream: Stream, answer: httpx.Response, body: Any, ask: dict[str, str], place: int
    ) -> tuple[str | None, dict[str, str]]:
        """Where and what to ask next; `place` is negative behind an empty page."""
        if stream.paging == "link":
            return answer.links.get("next", {}).get("url"), {}
        if place < 0 or stream.paging == "none":
            return None, ask
        if stream.paging == "cursor":
            return self._after_cursor(stream, body, ask)
        name = (
            stream.get("page_param", "page")
            if stream.paging == "page"
            else stream.get("offset_param", "offset")
        )
        following = int(ask[name]) + 1 if stream.paging == "page" else place
        return stream.path, {**ask, name: str(following)}

    def _after_cursor(
        self, stream: Stream, body: Any, ask: dict[str, str]
    ) -> tuple[str | None, dict[str, str]]:
        name = stream.get("cursor_param", "cursor")
        cursor = within(body, stream.get("cursor", "next_cursor"))
        if cursor in (None, "", False):
            return None, ask
        if str(cursor) == ask.get(name):
            raise Refused(f"接口“{stream.name}”的游标不再前进；已停止，以免重复")
        return stream.path, {**ask, name: str(cursor)}

    def close(self) -> None:
        self.caller.close()


def streams_of(address: Address) -> dict[str, Stream]:
    """Tables by name, with the options of the connection and their own."""
    plain = {k: v for k, v in address.parameters.items() if "." not in k}
    found: dict[str, Stream] = {}
    for name, path in address.parameters.items():
        parts = name.split(".")
        if parts[0] == "stream" and len(parts) == 2:
            own = {k.split(".")[2]: v for k, v in address.parameters.items() if k.startswith(f"{name}.")}
            found[parts[1]] = Stream(parts[1], path, plain | own)
    return found


def within(body: Any, path: str) -> Any:
    """`data.page.items`."""
    for step in filter(None, path.split(".")):
        body = body.get(step) if isinstance(body, dict) else None
    return body


def items_of(body: Any, path: str) -> list[Item]:
    found = within(body, path)
    if not path and isinstance(body, dict):
        found = next((body[name] for name in _USUAL_ITEMS if isinstance(body.get(name), list)), None)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Refused(f"答复里{f'“{path}”处' if path else ''}没有对象的列表，请用参数 items 指明")
    return found


def flat(item: Item, before: str = "") -> Item:
    """Objects within become columns `a.b`; lists stay as JSON text."""
    made: Item = {}
    for name, value in item.items():
        if isinstance(value, dict):
            made |= flat(value, f"{before}{name}.")
        else:
            made[f"{before}{name}"] = (
                json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
            )
    return made


def kind_of_values(values: Iterable[Any]) -> Kind | None:
    """The one kind of all values that are there; text where they differ."""
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return None
    if kinds == {bool}:
        return "flag"
    if kinds == {int}:
        return "integer"
    return "number" if kinds <= {int, float} else "text"


_FITS: dict[str, tuple[type, ...]] = {"flag": (bool,), "integer": (int,), "number": (int, float)}


def _array(items: list[Item], column: ColumnShape) -> pa.Array:
    values = [item.get(column.name) for item in items]
    fitting = _FITS.get(column.kind)
    if fitting is None:
        return pa.array(
            [v if v is None or isinstance(v, str) else json.dumps(v) for v in values], pa.string()
        )
    wrong = next((v for v in values if v is not None and type(v) not in fitting), None)
    if wrong is not None:
        raise DriftStop(
            f"“{column.name}”一向是{KIND_WORDS[column.kind]}，后面的页里出现了 {str(wrong)[:40]!r}；已停止，没有写入"
        )
    return pa.array(values, schema_of([column]).field(0).type)


def _typed(after: str | None, by: str | None, schema: pa.Schema) -> Any:
    """The watermark as a value of its column."""
    if not (after and by):
        return None
    return pa.scalar(after).cast(schema.field(by).type)
