"""Servers of the tests' own: a PostgreSQL that decodes its log, a MariaDB that writes one."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pymysql

from yanta.hub.exchange.connectors.base import Address
from yanta.kernel.testing.processes import free_port


def _identity(name: str) -> dict[str, object]:
    """Database servers refuse to be root."""
    if os.geteuid():
        return {}
    user = pwd.getpwnam(name)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def _folder(user: str) -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="yx-"))
    if not os.geteuid():
        shutil.chown(place, user, user)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def postgres_binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


class PostgresServer:
    """A cluster with wal_level = logical on a port of its own."""

    def __init__(self, place: Path, binaries: Path) -> None:
        self.place, self.binaries, self.port = place, binaries, free_port()

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.place} -c wal_level=logical"
            " -c max_replication_slots=20 -c max_wal_senders=4 -c fsync=off -c shared_buffers=16MB"
        )
        self._run(
            "pg_ctl",
            "-D",
            str(self.place / "data"),
            "-w",
            "-l",
            str(self.place / "log"),
            "-o",
            options,
            "start",
        )

    def create(self) -> None:
        self._run(
            "initdb",
            "-D",
            str(self.place / "data"),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        )

    def stop(self, how: str = "fast") -> None:
        self._run("pg_ctl", "-D", str(self.place / "data"), "-m", how, "-w", "stop")

    def _run(self, tool: str, *words: str) -> None:
        subprocess.run(
            [self.binaries / tool, *words], check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
            cwd=self.place, env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"}, **_identity("postgres"),
        )  # fmt: skip

    @property
    def address(self) -> Address:
        return Address(
            "postgresql",
            {"host": "127.0.0.1", "port": str(self.port), "database": "postgres", "user": "postgres"},
        )

    def run(self, *statements: str) -> None:
        where = f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"
        with psycopg.connect(where, autocommit=True) as line:
            for statement in statements:
                line.execute(statement)


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    binaries = postgres_binaries()
    assert binaries is not None
    with _folder("postgres") as place:
        server = PostgresServer(place, binaries)
        server.create()
        server.start()
        try:
            yield server
        finally:
            with suppress(subprocess.CalledProcessError):
                server.stop("immediate")


class MariaServer:
    """A mariadbd with a binary log, ended by its own process."""

    def __init__(self, place: Path) -> None:
        self.place, self.port = place, free_port()
        # A server that starts sweeps its temporary folder; in a shared one, the tables of another server would go too.
        self.environ = {**os.environ, "TMPDIR": str(place)}
        self.process: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", f"--datadir={self.place / 'data'}", "--skip-test-db",
             "--auth-root-authentication-method=normal"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.place, env=self.environ,
            **_identity("mysql"),
        )  # fmt: skip

    def start(self) -> None:
        program = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
        self.process = subprocess.Popen(
            [program, "--no-defaults", f"--datadir={self.place / 'data'}", f"--socket={self.place / 's'}",
             f"--port={self.port}", "--bind-address=127.0.0.1", "--log-bin=log", "--binlog-format=ROW",
             "--binlog-row-metadata=FULL", "--server-id=7", f"--pid-file={self.place / 'pid'}",
             "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=2", "--skip-name-resolve"],
            stdout=subprocess.DEVNULL, stderr=(self.place / "log").open("ab"), cwd=self.place, env=self.environ,
            **_identity("mysql"),
        )  # fmt: skip
        for _ in range(200):
            with suppress(pymysql.err.OperationalError):
                self.run("CREATE DATABASE IF NOT EXISTS legacy CHARACTER SET utf8mb4")
                return
            time.sleep(0.1)
        raise AssertionError((self.place / "log").read_text()[-2000:])

    def stop(self, *, kill: bool = False) -> None:
        if self.process is not None:
            self.process.kill() if kill else self.process.terminate()
            self.process.wait(30)

    @property
    def address(self) -> Address:
        return Address(
            "mysql", {"host": "127.0.0.1", "port": str(self.port), "database": "legacy", "user": "root"}
        )

    def run(self, *statements: str, database: str | None = None) -> None:
        line = pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="root",
            database=database,
            charset="utf8mb4",
            autocommit=True,
        )
        with line, line.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@contextmanager
def maria() -> Iterator[MariaServer]:
    with _folder("mysql") as place:
        server = MariaServer(place)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop(kill=True)


def has_maria() -> bool:
    return bool(shutil.which("mariadb-install-db")) and bool(
        shutil.which("mariadbd") or Path("/usr/sbin/mariadbd").exists()
    )
