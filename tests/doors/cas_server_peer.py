"""django-cas-server in an environment of its own: it wants libraries that nobody here needs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.doors.apache import NotToBeHad
from tests.doors.campus import running
from yanta.kernel.testing.processes import free_port

WANTED = "django-cas-server==3.1.0"
HOME = Path.home() / ".cache" / "yanta-peers" / "cas-server"


def interpreter() -> Path:
    """The environment's Python; made with the first call, by pip."""
    python = HOME / "bin" / "python"
    if (HOME / "made").is_file():
        return python
    for command in (
        [sys.executable, "-m", "venv", str(HOME)],
        [str(python), "-m", "pip", "install", "-q", WANTED],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotToBeHad((done.stderr or done.stdout).strip()[-300:])
    (HOME / "made").touch()
    return python


@contextmanager
def cas_server(folder: Path, *, services: str) -> Iterator[str]:
    """Its address; it gives tickets to addresses that fit `services`, a regular expression."""
    address = f"http://127.0.0.1:{free_port()}"
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("YANTA_", "DJANGO_", "PYTHON"))}  # fmt: skip
    script = str(Path(__file__).with_name("cas_server_site.py"))
    command = [str(interpreter()), script, address.rpartition(":")[2]]
    with running(
        command, {**environ, "PEER_FOLDER": str(folder), "PEER_SERVICES": services}, f"{address}/open"
    ):
        yield address
