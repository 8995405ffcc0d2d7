"""`yanta manage …`: Django's own commands, for developers."""

import os
import sys

import click

from yanta.config.cli.opening import open_database


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Run a Django management command."""
    from django.core.management import execute_from_command_line

    open_database()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yanta.config.settings")
    execute_from_command_line([f"{sys.argv[0]} manage", *arguments])
