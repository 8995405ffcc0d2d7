"""From a database address to Django's way of writing it."""

from typing import Any

from psycopg.conninfo import conninfo_to_dict

from yanta.config import environment

_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def settings_for(address: str) -> dict[str, Any]:
    """One entry of `DATABASES` for a libpq address (URL or key=value)."""
    parts = conninfo_to_dict(address)
    named = {_NAMES[key]: str(value) for key, value in parts.items() if key in _NAMES}
    options = {key: value for key, value in parts.items() if key not in _NAMES}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": environment.number("DATABASE_KEEP_SECONDS", 60),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        **named,
    }
