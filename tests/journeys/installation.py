"""An installation of its own: database, home folder, demo school, web server and worker, ended afterwards."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from yanta.config import databases

YANTA = (sys.executable, "-m", "yanta.config.cli")
STARTS_WITHIN, ENDS_WITHIN = 90, 30


@dataclass(frozen=True, slots=True)
class Installation:
    """Where it answers, and its command line."""

    address: str
    environ: dict[str, str]

    def yanta(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*YANTA, *arguments], env=self.environ, capture_output=True, text=True, check=False
        )


@contextmanager
def installation(home: Path) -> Iterator[Installation]:
    with databases.scratch_database(f"yanta_journeys_{os.getpid()}") as database:
        environ = {**os.environ, "YANTA_DATABASE_URL": database, "YANTA_HOME": str(home)}
        made = Installation(f"http://127.0.0.1:{free_port()}", environ)
        filled = made.yanta("demo", "--size", "small")
        assert filled.returncode == 0, filled.stdout + filled.stderr
        with serving(made):
            yield made


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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
