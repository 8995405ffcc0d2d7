"""`yanta serve` and `yanta work`: the two processes of a running installation."""

import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable

import click

from yanta.config import environment
from yanta.config.cli.opening import open_database, open_django

# A browser keeps its connection while it waits: a process must hold a school's, or whoever comes then waits unseen.
BACKLOG, CONNECTIONS, OTHER_FILES = 4096, 16_384, 512


@click.command()
@click.option("--host", default=lambda: environment.text("HOST", "127.0.0.1"), help="Address to listen on.")
@click.option("--port", type=int, default=lambda: environment.number("PORT", 8000), help="Port to listen on.")
@click.option("--workers", type=int, default=lambda: environment.number("WORKERS", 2), help="Web processes.")
@click.option(
    "--threads", type=int, default=lambda: environment.number("THREADS", 2), help="Threads of each."
)
@click.option("--with-work", is_flag=True, help="Do background work in a process beside it.")
def serve(host: str, port: int, workers: int, threads: int, with_work: bool) -> None:
    """Answer the web."""
    refuse_taken_port(host, port)
    open_database()
    answer(host=host, port=port, workers=workers, threads=threads, with_work=with_work)


@click.command()
@click.option("--concurrency", type=int, default=lambda: environment.number("CONCURRENCY", 2))
@click.option("--once", is_flag=True, help="Do what waits, then end.")
def work(concurrency: int, once: bool) -> None:
    """Do background and scheduled work."""
    open_django()
    from yanta.kernel.jobs import worker

    worker.work(concurrency=concurrency, wait=not once)


def refuse_taken_port(host: str, port: int) -> None:
    """Say so at once, rather than after a minute of preparation."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"cannot listen on {host}:{port} ({error.strerror}); choose another port: YANTA_PORT=8080"
            ) from error


def answer(
    *,
    host: str,
    port: int,
    workers: int,
    threads: int,
    with_work: bool,
    when_up: Callable[[], None] | None = None,
) -> None:
    """Serve until told to stop; the worker beside it goes first."""
    from granian import Granian
    from granian.constants import Interfaces

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yanta.config.settings")
    server = Granian(
        "yanta.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backlog=BACKLOG,
        backpressure=_connections(),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_enabled=environment.flag("LOG_SERVER"),
    )
    if when_up:
        server.on_startup(when_up)
    beside = _start_work() if with_work else None
    try:
        server.serve()
    finally:
        if beside:
            _end(beside)


def _connections() -> int:
    """How many a process may hold, after the limit of open files was raised as far as is needed and allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = sys.maxsize if hard == resource.RLIM_INFINITY else hard
    files = max(soft, min(CONNECTIONS + OTHER_FILES, allowed))
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return max(1, min(CONNECTIONS, files - OTHER_FILES))


def _start_work() -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C in the terminal reaches us, and we end the worker in order.
    return subprocess.Popen([sys.executable, "-m", "yanta.config.cli", "work"], start_new_session=True)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
