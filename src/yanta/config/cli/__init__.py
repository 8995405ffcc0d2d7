"""The `yanta` command: every subcommand is imported when it is called, so help is instant."""

from yanta.config.cli.entry import main

__all__ = ["main"]
