"""The kinds of connections: what they are called, what they need, what they can, how they are opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from yanta.hub.exchange.connectors.addresses import safe_folder, safe_host, safe_url
from yanta.hub.exchange.connectors.base import Address, Connector, TableShape
from yanta.hub.exchange.connectors.drops import Ledger
from yanta.kernel.base import Refused

_FILE = ("header", "layout", "encoding")
_DROP = (*_FILE, "settle", "ready", "keep", "table.*")
_REST = (
    "auth", "auth_header", "token_url", "scope", "items", "paging", "page_param", "size_param", "page_size", "first_page",
    "offset_param", "cursor", "cursor_param", "since", "stream.*",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What opening needs beside the address."""

    folders: tuple[Path, ...]
    ledger: Ledger | None = None
    known: dict[str, TableShape] = field(default_factory=dict)


Open = Callable[[Address, Surroundings], Connector]


@dataclass(frozen=True, slots=True)
class ConnectionKind:
    """`reach` is what the address field means: a host, a path, a web address."""

    name: str
    title: str
    reach: str
    open: Open
    settings: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    can_write: bool = False
    can_capture: bool = False
    icon: str = "database"

    def knows(self, setting: str) -> bool:
        return any(
            setting == name
            or (name.endswith(".*") and setting.startswith(name[:-1]) and len(setting) >= len(name))
            for name in self.settings
        )


def _postgres(address: Address, around: Surroundings) -> Connector:
    from yanta.hub.exchange.connectors.postgres import PostgresConnector

    return PostgresConnector(address)


def _mysql(address: Address, around: Surroundings) -> Connector:
    from yanta.hub.exchange.connectors.mysql import MySqlConnector

    return MySqlConnector(address)


def _sqlite(address: Address, around: Surroundings) -> Connector:
    from yanta.hub.exchange.connectors.sqlite import SqliteConnector

    return SqliteConnector(address)


def _oracle(address: Address, around: Surroundings) -> Connector:
    from yanta.hub.exchange.connectors.foreign import OracleConnector

    return OracleConnector(address)


def _sql_server(address: Address, around: Surroundings) -> Connector:
    from yanta.hub.exchange.connectors.foreign import SqlServerConnector

    return SqlServerConnector(address)


def _file(address: Address, around: Surroundings) -> Connector:
    from yanta.hub.exchange.connectors.files import FileConnector

    return FileConnector(address)


def _folder(address: Address, around: Surroundings) -> Connector:
    from yanta.hub.exchange.connectors.drops import DropConnector, LocalPlace

    return DropConnector(address, LocalPlace(Path(address.get("path"))), ledger=around.ledger)


def _sftp(address: Address, around: Surroundings) -> Connector:
    from yanta.hub.exchange.connectors.drops import DropConnector
    from yanta.hub.exchange.connectors.sftp import SftpPlace

    return DropConnector(address, SftpPlace(address), ledger=around.ledger)


def _rest(address: Address, around: Surroundings) -> Connector:
    from yanta.hub.exchange.connectors.rest import RestConnector

    return RestConnector(address, known=around.known)


KINDS: dict[str, ConnectionKind] = {
    kind.name: kind
    for kind in (
        ConnectionKind(
            "postgresql", "PostgreSQL（含人大金仓等兼容库）", "host", _postgres, ("sslmode", "slot"), ("database", "user"),
            can_write=True, can_capture=True,
        ),
        ConnectionKind(
            "mysql", "MySQL / MariaDB", "host", _mysql, ("slot",), ("database", "user"), can_write=True, can_capture=True
        ),
        ConnectionKind("sqlite", "SQLite 文件", "path", _sqlite, can_write=True),
        ConnectionKind("oracle", "Oracle", "host", _oracle, (), ("database", "user")),
        ConnectionKind("sqlserver", "SQL Server", "host", _sql_server, ("driver",), ("database", "user")),
        ConnectionKind("file", "文件（CSV、Excel、定长文本、DBF）", "path", _file, _FILE, can_write=True, icon="file-spreadsheet"),
        ConnectionKind("folder", "目录投放", "path", _folder, _DROP, can_write=True, icon="folder-down"),
        ConnectionKind(
            "sftp", "SFTP 投放", "host", _sftp, (*_DROP, "path", "host_key"), ("user",), can_write=True, icon="folder-share"
        ),
        ConnectionKind("rest", "REST 接口", "url", _rest, _REST, icon="api"),
    )
}  # fmt: skip


def offer(kind: ConnectionKind) -> None:
    """A kind that another package brings; called while the platform starts."""
    KINDS[kind.name] = kind


def kind_named(name: str) -> ConnectionKind:
    if name not in KINDS:
        raise Refused(f"没有“{name}”这种连接", field="kind")
    return KINDS[name]


def checked(address: Address, *, folders: Iterable[Path]) -> Address:
    """The address with its place made safe; Refused for what is missing, unknown or a trap."""
    kind = kind_named(address.kind)
    place = address.get(kind.reach)
    place = _safe(kind.reach, place, tuple(folders))
    for name in kind.needs:
        if not address.get(name):
            raise Refused(
                f"{kind.title}还须填写{'数据库' if name == 'database' else '账号'}", field=_FIELDS[name]
            )
    return Address(kind.name, {**address.parameters, kind.reach: place}, address.secrets)


_FIELDS = {"database": "database", "user": "account"}


def _safe(reach: str, place: str, folders: tuple[Path, ...]) -> str:
    if reach == "path":
        return str(safe_folder(place, folders))
    if reach == "url":
        return safe_url(place)
    if reach == "number":  # of an agreement: it leads where that says, and nowhere else
        return place
    # To MySQL and PostgreSQL a path is a socket of this server.
    return str(safe_folder(place, _SOCKETS)) if place.startswith("/") else safe_host(place)


_SOCKETS = (Path("/run/mysqld"), Path("/run/postgresql"), Path("/var/run/postgresql"))


def opened(address: Address, around: Surroundings) -> Connector:
    """The connector of a checked address; it connects when it is first asked something."""
    safe = checked(address, folders=around.folders)
    return kind_named(safe.kind).open(safe, around)
