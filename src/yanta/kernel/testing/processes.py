"""Programs that tests start and end: the ports they listen at, the database sessions they leave behind."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from itertools import count

from django.db import connection

# Below what the kernel gives to outgoing connections (32768 and above, net.ipv4.ip_local_port_range): a port that is
# named now and listened at a minute later is still free. Each worker of a test run has a range of its own.
_WIDTH = 1500
_FIRST = 12000 + _WIDTH * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw9")[2:]) % 10)
_steps = count(os.getpid())


def free_port() -> int:
    """A port of 127.0.0.1 at which nothing listens and which is not named twice."""
    for _ in range(_WIDTH):
        port = _FIRST + next(_steps) % _WIDTH
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError(f"no free port from {_FIRST} on")


def until_alone(*, within: float = 30) -> None:
    """Return when the database has let go of the sessions of killed programs, and of the locks they held."""
    deadline = time.monotonic() + within
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(others)
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.02)
    raise AssertionError(f"other sessions are still on this database after {within} s")
