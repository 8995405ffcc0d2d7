"""The private PostgreSQL cluster under the home folder, for installations that bring no database."""

from pathlib import Path

from yanta.config import environment

NAME = "yanta"
_LONGEST_SOCKET_PATH = 107


def folder() -> Path:
    """Where the cluster lives."""
    return environment.home() / "cluster"


def address() -> str:
    """The libpq address of the private cluster, started or not."""
    password = environment.kept_secret("database-password")
    return f"host={folder() / 'run'} dbname={NAME} user={NAME} password={password}"
