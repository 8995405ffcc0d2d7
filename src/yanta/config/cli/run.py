"""`yanta run`: from nothing to a school one can sign in to."""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import click

from yanta.config import environment
from yanta.config.cli import serve
from yanta.config.cli.opening import open_database, open_django, progress


@click.command()
@click.option(
    "--size", type=click.Choice(["small", "university"]), default="small", help="Of the demo school."
)
@click.option("--without-demo", is_flag=True, help="Start with empty tables.")
def run(size: str, without_demo: bool) -> None:
    """Prepare everything, serve, and say where and as whom to sign in."""
    host, port = environment.text("HOST", "127.0.0.1"), environment.number("PORT", 8000)
    serve.refuse_taken_port(host, port)
    with _step("Database"):
        open_database()
    open_django()
    _prepare(size=size, without_demo=without_demo)
    lines = announcement(f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}/")  # noqa: S104 - compared
    serve.answer(
        host=host,
        port=port,
        workers=environment.number("WORKERS", 2),
        threads=environment.number("THREADS", 2),
        with_work=True,
        when_up=lambda: _announce_when_answering(port, lines),
    )


def _prepare(*, size: str, without_demo: bool) -> None:
    from yanta.config.cli import prepare

    with _step("Schema and code tables"):
        prepare.bring_up_to_date()
    if not without_demo and prepare.is_without_school():
        with _step("Demo school"), progress("演示学校") as step:
            prepare.build_school(size, step)


@contextmanager
def _step(title: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    click.echo(f"{title:<24}{time.monotonic() - began:6.1f} s")


def _announce_when_answering(port: int, lines: list[str]) -> None:
    """The word is given when the first page is really answered, not when the door is being built."""
    threading.Thread(target=_announce, args=(port, lines), daemon=True).start()


def _announce(port: int, lines: list[str]) -> None:
    while not _answers(f"http://127.0.0.1:{port}/healthz"):
        time.sleep(0.1)
    click.echo("\n".join(lines))


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def announcement(address: str) -> list[str]:
    """Where to go, and as whom where there is the demo school."""
    from django.db import connections

    from yanta.config.demo.accounts import PASSWORD, guests
    from yanta.kernel.identity.models import Account

    there = set(Account.objects.values_list("username", flat=True).filter(username__in=dict(guests())))
    # The web processes open connections of their own.
    connections.close_all()
    lines = [f"  {name:<12} {PASSWORD}   {title}" for name, title in guests() if name in there]
    return [
        "",
        f"  Yanta 雁塔   {address}",
        "",
        *lines,
        "",
        "  Ctrl-C stops everything. 按 Ctrl-C 停止。",
        "",
    ]
