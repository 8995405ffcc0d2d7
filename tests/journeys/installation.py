"""An installation of its own: a copy of the demo school, web server and worker, ended afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from yanta.config import databases
from yanta.kernel.testing.processes import free_port

YANTA = (sys.executable, "-m", "yanta.config.cli")
STARTS_WITHIN, ENDS_WITHIN = 300, 60  # on a busy machine; who ends before is told of at once


@dataclass(frozen=True, slots=True)
class Installation:
    """Where it answers, and its command line."""

    address: str
    environ: dict[str, str]

    def yanta(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*YANTA, *arguments], env=self.environ, capture_output=True, text=True, check=False
        )


class DemoSchool:
    """Filled once a run, which takes a minute; each file of journeys has a copy of its database and of its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"{conninfo_to_dict(databases.address())['dbname']}_journeys"
        self.address = make_conninfo(databases.address(), dbname=self.name)

    @contextmanager
    def copied(self, home: Path) -> Iterator[str]:
        """The address of a copy; whoever comes while it is being filled waits."""
        with ExitStack() as stack:
            with self._alone() as server:
                if not self.folder.exists():
                    self._fill(server)
                shutil.copytree(self.folder, home, dirs_exist_ok=True)
                copy = databases.scratch_database(f"{self.name}_{os.getpid()}", template=self.name)
                address = stack.enter_context(copy)
            yield address

    def drop(self) -> None:
        with self._alone() as server:
            shutil.rmtree(self.folder, ignore_errors=True)
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(self.name)))

    def _fill(self, server: psycopg.Connection[Any]) -> None:
        for statement in ("DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {} TEMPLATE template0"):
            server.execute(sql.SQL(statement).format(sql.Identifier(self.name)))
        draft = self.folder.with_suffix(".draft")
        filled = Installation("", environ_of(self.address, draft)).yanta("demo", "--size", "small")
        assert filled.returncode == 0, filled.stdout + filled.stderr
        draft.rename(self.folder)

    @contextmanager
    def _alone(self) -> Iterator[psycopg.Connection[Any]]:
        server = make_conninfo(databases.address(), dbname="postgres")
        with psycopg.connect(server, autocommit=True) as line:
            line.execute("SELECT pg_advisory_lock(hashtext(%s))", [self.name])
            yield line


def environ_of(database: str, home: Path) -> dict[str, str]:
    return {**os.environ, "YANTA_DATABASE_URL": database, "YANTA_HOME": str(home)}


@contextmanager
def installation(school: DemoSchool, home: Path) -> Iterator[Installation]:
    with school.copied(home) as database:
        made = Installation(f"http://127.0.0.1:{free_port()}", environ_of(database, home))
        with serving(made):
            yield made


@contextmanager
def serving(made: Installation) -> Iterator[None]:
    """The web and the worker beside it, for as long as this lasts."""
    port = made.address.rpartition(":")[2]
    command = [*YANTA, "serve", "--port", port, "--workers", "1", "--with-work"]
    server = subprocess.Popen(command, env=made.environ)
    try:
        wait_until_answered(f"{made.address}/healthz", server)
        yield
    finally:
        server.terminate()
        try:
            server.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_until_answered(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        assert server.poll() is None, f"the server ended with {server.returncode}"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"{url} does not answer")
