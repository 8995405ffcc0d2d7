"""`yanta cluster`: start it to stay, stop it, see it."""

import click

from yanta.config import cluster as launcher
from yanta.config.cli.opening import open_database


@click.group()
def cluster() -> None:
    """The private PostgreSQL cluster."""


@cluster.command()
def start() -> None:
    """Start it, and leave it running when this command ends."""
    open_database()
    (launcher.folder() / "stay").touch()
    click.echo(f"running in {launcher.folder()}")


@cluster.command()
def stop() -> None:
    """Stop it, whoever uses it."""
    (launcher.folder() / "stay").unlink(missing_ok=True)
    launcher.stop()


@cluster.command()
def status() -> None:
    """Say whether it runs and where."""
    click.echo(f"{'running' if launcher.is_running() else 'not running'} in {launcher.folder()}")


@cluster.command()
def address() -> None:
    """Print its address, for psql and its like; contains the password."""
    click.echo(launcher.address())
