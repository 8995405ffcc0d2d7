"""Oracle and SQL Server through their Ibis backends; the drivers are the school's to install."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from importlib import import_module
from typing import Any, ClassVar

import ibis
import ibis.expr.types as ir

from yanta.hub.exchange.connectors.base import BATCH, Address, ColumnShape, Reading, ReadOnly, TableShape
from yanta.hub.exchange.connectors.databases import Speaking, Watermark, watched
from yanta.hub.exchange.connectors.shapes import kind_of
from yanta.kernel.base import Refused

_KINDS = {
    "text": "string", "integer": "int64", "decimal": "decimal(38, 10)", "number": "float64", "date": "date",
    "instant": "timestamp", "time": "time", "flag": "boolean", "binary": "binary",
}  # fmt: skip


class ForeignConnector(ReadOnly):
    """Reads only; the SQL is compiled by Ibis, the same whether or not the driver is here."""

    dialect: ClassVar[str]
    driver: ClassVar[str]
    package: ClassVar[str]

    def __init__(self, address: Address) -> None:
        self.address = address
        self._backend: Any = None

    def parameters(self) -> dict[str, Any]:
        raise Refused(f"{self.title}没有连接参数")

    def backend(self) -> Any:
        if self._backend is None:
            try:
                import_module(self.driver)
            except ImportError as missing:
                raise Refused(
                    f"本机没有 {self.title} 的驱动：请在运行环境中安装软件包 {self.package}，重启后再测试连接"
                ) from missing
            with self._speaking():
                self._backend = getattr(ibis, self.dialect).connect(**self.parameters())
        return self._backend

    def _speaking(self) -> Speaking:
        return Speaking(self.title, *self.address.secrets.values())

    def tables(self) -> list[TableShape]:
        backend = self.backend()
        with self._speaking():
            return [self._shape(name, backend.table(name)) for name in backend.list_tables()]

    def shape(self, table: str) -> TableShape:
        backend = self.backend()
        with self._speaking():
            return self._shape(table, backend.table(table))

    @staticmethod
    def _shape(name: str, table: ir.Table) -> TableShape:
        schema = table.schema()
        columns = (
            ColumnShape(column, kind_of(kind.to_pyarrow()), bool(kind.nullable))
            for column, kind in schema.items()
        )
        return TableShape(name, tuple(columns))

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        after: str | None = None,
        by: str | None = None,
    ) -> Reading:
        backend = self.backend()
        with self._speaking():
            source = backend.table(table)
            shape = self._shape(table, source)
            asked = asked_for(source, shape, columns, after=after, by=by)
            reader = asked.to_pyarrow_batches(chunk_size=BATCH)
        return watched(reader.schema, iter(reader), Watermark(shape.column(by) if by else None, after))

    def statement(
        self,
        shape: TableShape,
        columns: Sequence[str] | None = None,
        *,
        after: str | None = None,
        by: str | None = None,
    ) -> str:
        """The SQL that a read runs over there."""
        source = ibis.table({c.name: _KINDS[c.kind] for c in shape.columns}, name=shape.name)
        return str(ibis.to_sql(asked_for(source, shape, columns, after=after, by=by), dialect=self.dialect))


def asked_for(
    source: ir.Table, shape: TableShape, columns: Sequence[str] | None, *, after: str | None, by: str | None
) -> ir.Table:
    """Ties with the watermark and rows without one are asked for again."""
    wanted = list(columns or shape.names)
    if by and by not in wanted:
        wanted.append(by)
    if unknown := [name for name in wanted if shape.column(name) is None]:
        raise Refused(f"表“{shape.name}”没有列“{'、'.join(unknown)}”")
    if by and after:
        marked = source[by]
        source = source.filter((marked >= _value(after, marked.type())) | marked.isnull())
    return source.select(*wanted)


def _value(text: str, kind: Any) -> Any:
    """A literal that no setting of the server reads differently."""
    try:
        if kind.is_timestamp():
            return ibis.literal(datetime.fromisoformat(text))
        if kind.is_date():
            return ibis.literal(date.fromisoformat(text))
        if kind.is_integer():
            return ibis.literal(int(text))
        return ibis.literal(Decimal(text) if kind.is_numeric() else text)
    except (ValueError, InvalidOperation) as wrong:
        raise Refused(f"水位“{text}”与列的类型不符") from wrong


class OracleConnector(ForeignConnector):
    title = "Oracle"
    dialect, driver, package = "oracle", "oracledb", "oracledb"

    def parameters(self) -> dict[str, Any]:
        at = self.address
        return {
            "host": at.get("host"), "port": at.number("port", 1521), "service_name": at.get("database"),
            "user": at.get("user"), "password": at.secret("password"),
        }  # fmt: skip


class SqlServerConnector(ForeignConnector):
    title = "SQL Server"
    dialect, driver, package = "mssql", "pyodbc", "pyodbc（以及系统的 ODBC Driver 18 for SQL Server）"

    def parameters(self) -> dict[str, Any]:
        at = self.address
        return {
            "host": at.get("host"), "port": at.number("port", 1433), "database": at.get("database"),
            "user": at.get("user"), "password": at.secret("password"),
            "driver": at.get("driver", "ODBC Driver 18 for SQL Server"),
        }  # fmt: skip
