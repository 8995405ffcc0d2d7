"""Runs in processes of their own that are killed; the source is a list that both sides know."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from yanta.kernel.testing.processes import until_alone


def forked(work: Callable[[], None], *, database: dict[str, Any] | None = None) -> int:
    """A child that does the work on connections of its own and leaves without any of the parent's clean-up."""
    for connection in connections.all():
        connection.close()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        os.close(2)
        os.open(os.devnull, os.O_WRONLY)
        if database is not None:
            connections["default"].settings_dict.update(database)
        work()
        code = 0
    finally:
        os._exit(code)


def killed_within(seconds: float, work: Callable[[], None], draw: random.Random) -> bool:
    """Start the work and kill it at a random moment; False when it had ended before."""
    child = forked(work)
    time.sleep(draw.uniform(0, seconds))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    until_alone()
    return os.WIFSIGNALED(status)


def ended(child: int) -> bool:
    """Wait for a child; True when it did its work."""
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0


def kill_cluster(data: Path) -> None:
    """The postmaster and every process of it, at once and without a word."""
    master = int((data / "postmaster.pid").read_text().splitlines()[0])
    family = [master, *_children(master)]
    for process in family:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
    while any(Path(f"/proc/{process}").exists() and _state(process) != "Z" for process in family):
        time.sleep(0.01)


def _children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(entry.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(entry.parent.name))
        except (OSError, IndexError):
            continue
    return found


def _state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def home() -> Path:
    return Path(settings.HOME)
