"""Middle tables (中间库): one side writes rows, the other marks them done or failed, in the same table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from yanta.hub.exchange.connectors.base import TableShape
from yanta.hub.exchange.connectors.databases import SqlConnector, text_of
from yanta.kernel.base import Refused

BATCH = 500
MESSAGE = 200
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of the vendor's table mean what, and which values of the status column say what."""

    key: str
    status: str
    message: str = ""
    handled_at: str = ""
    pending: str = "0"
    done: str = "1"
    failed: str = "2"

    def check(self, shape: TableShape) -> None:
        for name in filter(None, (self.key, self.status, self.message, self.handled_at)):
            if shape.column(name) is None:
                raise Refused(f"中间表“{shape.name}”没有列“{name}”")
        if len({self.pending, self.done, self.failed}) < 3:
            raise Refused("待处理、已处理、失败三种状态的取值不能相同")

    @property
    def own(self) -> frozenset[str]:
        """What belongs to the protocol and not to the data."""
        return frozenset(filter(None, (self.status, self.message, self.handled_at)))


@dataclass(frozen=True, slots=True)
class Taken:
    """A pending row as it was read; `digest` tells whether the vendor changed it since."""

    key: str
    digest: str
    row: Row


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a row; without a digest it is answered however it looks now."""

    key: str
    ok: bool
    message: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What the other side made of a row of ours."""

    key: str
    ok: bool
    message: str


class MiddleTable:
    """Works on any of our SQL connectors whose driver knows `%s`."""

    def __init__(self, connector: SqlConnector, table: str, columns: Columns) -> None:
        self.connector, self.table, self.columns = connector, table, columns
        self.shape = connector.shape(table)
        columns.check(self.shape)
        self.names = [name for name in self.shape.names if name not in columns.own]

    # --- the vendor writes, we take ------------------------------------------------------------------

    def pending(self, *, limit: int = BATCH, after: str | None = None) -> list[Taken]:
        """The next pending rows by key."""
        c, quote = self.columns, self.connector.quote
        where, values = f"{quote(c.status)} = %s", [c.pending]
        if after is not None:
            where, values = f"{where} AND {quote(c.key)} > %s", [*values, after]
        statement = f"SELECT {self._listed()} FROM {self._name()} WHERE {where} ORDER BY {quote(c.key)} LIMIT {int(limit)}"
        with self._cursor() as cursor:
            cursor.execute(statement, values)
            return [self._taken(row) for row in cursor.fetchall()]

    def answer(self, answers: Sequence[Answer], *, at: datetime) -> list[Answer]:
        """Write outcomes back; answers those that could not be: the row is gone, or was changed and waits anew."""
        left = []
        for start in range(0, len(answers), BATCH):
            left += self._answered(answers[start : start + BATCH], at)
        return left

    def _answered(self, answers: Sequence[Answer], at: datetime) -> list[Answer]:
        c, quote = self.columns, self.connector.quote
        marks = ", ".join(["%s"] * len(answers))
        sets = [f"{quote(name)} = %s" for name in (c.status, c.message, c.handled_at) if name]
        update = f"UPDATE {self._name()} SET {', '.join(sets)} WHERE {quote(c.key)} = %s"
        with self._cursor() as cursor:
            cursor.execute(
                f"SELECT {self._listed()}, {quote(c.status)} FROM {self._name()} WHERE {quote(c.key)} IN ({marks})"
                " FOR UPDATE",
                [answer.key for answer in answers],
            )
            found = [(self._taken(values), text_of(status)) for *values, status in cursor.fetchall()]
            present = {taken.key: (taken, status) for taken, status in found}
            left = []
            for answer in answers:
                taken, status = present.get(answer.key, (None, ""))
                is_same = taken is not None and (not answer.digest or taken.digest == answer.digest)
                if is_same and status == c.pending:
                    cursor.execute(update, [*self._marks(answer, at), answer.key])
                elif not is_same or status != (c.done if answer.ok else c.failed):
                    # Marked already is what a crash between their commit and ours leaves: that is settled.
                    left.append(answer)
        return left

    def _marks(self, answer: Answer, at: datetime) -> list[Any]:
        c = self.columns
        marks: list[Any] = [c.done if answer.ok else c.failed]
        if c.message:
            marks.append(answer.message[:MESSAGE])
        if c.handled_at:
            marks.append(at)
        return marks

    # --- we write, the vendor marks ------------------------------------------------------------------

    def put(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
        """New rows pending, changed ones pending again, equal ones left alone: what became of each key."""
        done: dict[str, str] = {}
        found = iter(rows)
        while batch := list(islice(found, BATCH)):
            done |= self._put(batch)
        return done

    def _put(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        c, quote = self.columns, self.connector.quote
        keys = [row[c.key] for row in rows]
        with self._cursor() as cursor:
            cursor.execute(
                f"SELECT {self._listed()} FROM {self._name()} WHERE {quote(c.key)} IN ({', '.join(['%s'] * len(keys))})"
                " FOR UPDATE",
                keys,
            )
            present = {taken.key: taken for taken in (self._taken(row) for row in cursor.fetchall())}
            return {
                text_of(row[c.key]): self._put_one(cursor, row, present.get(text_of(row[c.key])))
                for row in rows
            }

    def _put_one(self, cursor: Any, row: Mapping[str, Any], present: Taken | None) -> str:
        """A changed row is new to the vendor: what was said about the old one goes."""
        c, quote = self.columns, self.connector.quote
        names = [name for name in self.names if name in row]
        if present is not None and all(_same(row[name], present.row[name]) for name in names):
            return "unchanged"
        values = {**{name: row[name] for name in names}, c.status: c.pending}
        if present is None:
            listed, marks = ", ".join(map(quote, values)), ", ".join(["%s"] * len(values))
            cursor.execute(f"INSERT INTO {self._name()} ({listed}) VALUES ({marks})", list(values.values()))
            return "new"
        values |= dict.fromkeys(filter(None, (c.message, c.handled_at)))
        sets = ", ".join(f"{quote(name)} = %s" for name in values)
        cursor.execute(
            f"UPDATE {self._name()} SET {sets} WHERE {quote(c.key)} = %s", [*values.values(), row[c.key]]
        )
        return "changed"

    def results(self, keys: Sequence[str]) -> list[Result]:
        """What the other side has marked among these rows."""
        c, quote = self.columns, self.connector.quote
        found: list[Result] = []
        for start in range(0, len(keys), BATCH):
            part = keys[start : start + BATCH]
            said = quote(c.message) if c.message else "NULL"
            with self._cursor() as cursor:
                cursor.execute(
                    f"SELECT {quote(c.key)}, {quote(c.status)}, {said} FROM {self._name()}"
                    f" WHERE {quote(c.key)} IN ({', '.join(['%s'] * len(part))}) AND {quote(c.status)} IN (%s, %s)",
                    [*part, c.done, c.failed],
                )
                found += [Result(text_of(k), text_of(s) == c.done, m or "") for k, s, m in cursor.fetchall()]
        return found

    # --- ---------------------------------------------------------------------------------------------

    def _name(self) -> str:
        return self.connector.place(self.table).replace("%", "%%")

    def _listed(self) -> str:
        return ", ".join(self.connector.quote(name) for name in self.names).replace("%", "%%")

    def _taken(self, values: Sequence[Any]) -> Taken:
        row = dict(zip(self.names, values, strict=True))
        text = "\x1f".join("" if value is None else text_of(value) for value in values)
        return Taken(text_of(row[self.columns.key]), hashlib.sha256(text.encode()).hexdigest()[:32], row)

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        """One transaction."""
        with self.connector.speaking(), self.connector.native() as line:
            if hasattr(line, "autocommit") and callable(line.autocommit):
                line.autocommit(False)
            with line.cursor() as cursor:
                yield cursor
            line.commit()


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return text_of(one) == text_of(other)
