"""`yanta audit verify`."""

import sys

import click

from yanta.config.cli.opening import open_django, progress


@click.group()
def audit() -> None:
    """The audit chain."""


@audit.command()
def verify() -> None:
    """Recompute every seal from the first entry on; exit status 1 when the chain is broken."""
    open_django()
    from yanta.kernel.audit import verification

    with progress("核对审计链") as step:
        verdict = verification.verify(step)
    click.echo(str(verdict))
    sys.exit(0 if verdict.sound else 1)
