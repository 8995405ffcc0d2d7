"""Two nodes, each with a database server of its own that can be killed, and the processes that work on them."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from yanta.config import databases, schema
from yanta.hub.exchange.tests.servers import PostgresServer
from yanta.hub.pipelines.tests.killing import kill_cluster

CLI = (sys.executable, "-m", "yanta.config.cli")
FORKED = (sys.executable, "-m", "tests.nodes.forked")
ANSWERS_WITHIN = 240
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Installation:
    """One node: its database server, its folder, its name."""

    server: PostgresServer
    home: Path
    code: str
    level: str
    name: str
    port: int = 0

    @property
    def address(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.server.port}/postgres"

    @property
    def environ(self) -> dict[str, str]:
        return {
            **os.environ, "YANTA_DATABASE_URL": self.address, "YANTA_HOME": str(self.home), "YANTA_NODE_CODE": self.code,
            "YANTA_NODE_LEVEL": self.level, "YANTA_NODE_NAME": self.name, "DJANGO_SETTINGS_MODULE": "yanta.config.settings",
            "YANTA_LOG_LEVEL": "CRITICAL",
        }  # fmt: skip

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [*command], env=self.environ, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.address) as connection:
            return connection.execute(query).fetchall()

    def execute(self, statement: str, parameters: list[object] | None = None) -> None:
        with psycopg.connect(self.address) as connection:
            connection.execute(statement, parameters)

    def kill_database(self) -> None:
        """kill -9 of the whole database server; returns when it has recovered and answers."""
        kill_cluster(self.server.place / "data")
        for _ in range(300):
            with contextlib.suppress(subprocess.CalledProcessError):
                return self.server.start()
            time.sleep(0.05)  # the last of the killed still holds the memory
        raise AssertionError((self.server.place / "log").read_text()[-2000:])


def fill_server(server: PostgresServer) -> None:
    """The whole schema, empty, into a fresh database server."""
    template = make_conninfo(databases.address(), dbname=schema.database_for_tests())
    dumped = server.place / "schema.sql"
    with dumped.open("wb") as out:
        subprocess.run([server.binaries / "pg_dump", "--no-owner", "--no-privileges", template], stdout=out, check=True)  # fmt: skip
    own = make_conninfo("", host="127.0.0.1", port=server.port, user="postgres", dbname="postgres")
    subprocess.run([server.binaries / "psql", "-q", "-1", "-d", own, "-f", dumped], stdout=subprocess.DEVNULL, check=True)  # fmt: skip


def copy_server(filled: PostgresServer, empty: PostgresServer) -> None:
    """The second gets what the first has, as files: a second instead of the statements once more."""
    for server in (filled, empty):
        server.stop()
    shutil.rmtree(empty.place / "data")
    subprocess.run(["cp", "-a", filled.place / "data", empty.place / "data"], check=True)
    for server in (filled, empty):
        server.start()


class Station:
    """A node's parent process; its children are started, killed, and there again at once."""

    def __init__(self, node: Installation) -> None:
        self.node, self.children = node, dict[str, int]()
        self.process = subprocess.Popen(
            FORKED, env=node.environ, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._said: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._said.put(line)
        self._said.put(json.dumps({"problem": f"the parent of {self.node.name} is gone"}))

    def answer(self) -> Any:
        """What the process says next; its problem is ours."""
        found = json.loads(self._said.get(timeout=ANSWERS_WITHIN))
        assert "problem" not in found, found["problem"]
        return found["answer"]

    def _order(self, *words: object) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def step(self, name: str, *words: object) -> Any:
        return self._order("run", name, *words)

    def start(self, work: str) -> None:
        words = (self.node.port,) if work == "serve" else ()
        self.children[work] = self._order("start", work, *words)

    def kill(self, work: str) -> None:
        """kill -9, and the work is there again."""
        self.stop(work)
        self.start(work)

    def stop(self, *works: str) -> None:
        """kill -9 of these works, of all without a name; returns when they are gone, and their ports with them."""
        for work in works or tuple(self.children):
            child = self.children.pop(work)
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
                while True:
                    os.kill(child, 0)
                    time.sleep(0.005)

    def end(self) -> None:
        end(self.process)


def wait_until_answered(node: Installation) -> None:
    deadline = time.monotonic() + ANSWERS_WITHIN
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", node.port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("nobody answers")


def until(question: str, node: Installation, *, within: float = ANSWERS_WITHIN) -> float:
    """Seconds until the query finds something."""
    began = time.monotonic()
    while time.monotonic() - began < within:
        if node.rows(question):
            return time.monotonic() - began
        time.sleep(0.05)
    raise AssertionError(f"not within {within} s: {question}")


def end(process: subprocess.Popen[Any]) -> None:
    """In order if it will, else at once."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def station(node: Installation) -> Iterator[Station]:
    made = Station(node)
    try:
        yield made
    finally:
        made.end()
