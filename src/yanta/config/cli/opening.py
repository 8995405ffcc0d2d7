"""What a command does before its work: the database is there, Django is ready."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from yanta.config import cluster, environment

Step = Callable[[int, int, str], None]


def open_database() -> None:
    """Start the private cluster unless the environment names a database."""
    if environment.text("DATABASE_URL"):
        return
    try:
        cluster.ensure()
    except cluster.ClusterError as error:
        raise click.ClickException(str(error)) from error


def open_django(*, database: bool = True) -> None:
    """Everything a command needs that works with models."""
    if database:
        open_database()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yanta.config.settings")
    import django

    django.setup()


@contextmanager
def progress(title: str) -> Iterator[Step]:
    """A bar on a terminal, a line per tenth elsewhere; called with done, total and a text."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[text]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None, text="")

        def step(done: int, total: int, text: str = "") -> None:
            bar.update(task, completed=done, total=total or None, text=text)

        yield step
