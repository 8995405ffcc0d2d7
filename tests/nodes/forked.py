"""A node's processes, ready at once and killed at any moment: `python -m tests.nodes.forked` loads everything and forks.

Orders come as lines of JSON on the standard input: `["start", WORK, …]` answers with the child's process id, `["run",
STEP, …]` with what the step returns. The children end with the parent.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from tests.nodes import ceremony, living


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def serve(port: int) -> None:
    """Answer as the web does."""
    from yanta.config.wsgi import application

    with make_server("127.0.0.1", port, application, WSGIServer, Quiet) as server:
        server.serve_forever(poll_interval=0.05)


def push() -> None:
    """What the worker's clock does, without its pauses; a database that is away is asked again, as by the worker."""
    from django.db import Error, connection
    from django.utils import timezone

    from yanta.hub.nodes import pushing

    pushing.LOOK_EVERY, pushing.FIRST_PAUSE, pushing.LONGEST_PAUSE = (
        timedelta(seconds=s) for s in (0, 0.05, 0.2)
    )
    while True:
        try:
            pushing.push_due(at=timezone.now())
        except Error:
            connection.close()
        time.sleep(0.05)


def hear() -> None:
    """The worker's other beat: what happened is told to whoever listens."""
    from yanta.kernel.events.delivery import deliver_all

    while True:
        deliver_all()
        time.sleep(0.1)


def report() -> None:
    """Push, fetch what was said above, tell it: for tests in which nothing is killed."""
    from django.utils import timezone

    from yanta.hub.nodes import pushing
    from yanta.kernel.events.delivery import deliver_all

    pushing.PULL_EVERY = timedelta(0)
    while True:
        pushing.push_due(at=timezone.now())
        deliver_all()
        time.sleep(0.2)


WORK: dict[str, Callable[..., None]] = {
    "serve": serve,
    "push": push,
    "hear": hear,
    "report": report,
    "live": living.live,
}


def warm_up() -> None:
    """Everything that a first package would load: libraries and code tables, so that a child is ready at once."""
    from django.db import connections
    from django.urls import get_resolver

    from yanta.hub.nodes import contracts

    get_resolver().url_patterns  # noqa: B018 - loaded once, here
    for name in ("duckdb", "ibis.backends.duckdb", "pyarrow.csv", "pyarrow.json"):
        import_module(name)
    ceremony.load()
    for agreed in contracts.offered():
        for name in agreed.fields:
            contracts.allowed(agreed.subject, name)
    connections.close_all()


def child(kind: str, name: str, words: list[Any]) -> None:
    """Work until killed, or one step whose answer is a line; never returns."""
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if kind == "start":
            WORK[name](*words)
        else:
            print(json.dumps({"answer": ceremony.STEPS[name](*words)}), flush=True)
    except BaseException:
        print(json.dumps({"problem": traceback.format_exc()}), flush=True)
    finally:
        os._exit(0)


def main() -> None:
    import django

    django.setup()
    warm_up()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print(json.dumps({"answer": "ready"}), flush=True)
    born: list[int] = []
    try:
        for line in sys.stdin:
            kind, name, *words = json.loads(line)
            number = os.fork()
            if number == 0:
                child(kind, name, words)
            born.append(number)
            if kind == "start":
                print(json.dumps({"answer": number}), flush=True)
    finally:
        for number in born:
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                continue


if __name__ == "__main__":
    main()
