"""The schema template: what all migrations amount to, restored in a second where they take half a minute.

The template carries the digests of the migrations it was made of. One whose migrations all still stand as they
were is restored and what came later is migrated; any other is not used, so it can be old but never wrong. The
database carries the fingerprint of all migrations once it is up to date.
"""

import gzip
import hashlib
import json
import os
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.state import ProjectState, get_related_models_tuples
from psycopg.conninfo import make_conninfo

from yanta.config import cluster, databases, environment
from yanta.config.databases import address_of

TEMPLATE = environment.PACKAGE / "config" / "schema.sql.gz"
_MARK = "yanta schema "


@cache
def migrations() -> dict[str, str]:
    """Every migration of every installed app, with the digest of its text."""
    return {
        f"{config.label}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for config in sorted(apps.get_app_configs(), key=lambda found: found.label)
        for path in sorted(Path(config.path).glob("migrations/[0-9]*.py"))
    }


@cache
def fingerprint() -> str:
    """Of all migrations together."""
    return hashlib.sha256(json.dumps(migrations()).encode()).hexdigest()


def bring_up_to_date() -> str:
    """Restore the template into an empty database, else migrate; says which of them it did."""
    if is_current():
        return "unchanged"
    if is_empty() and template_is_sound():
        restore_template()
        if template_fits():
            mark_current()
            return "restored"
    migrate()
    mark_current()
    return "migrated"


def migrate() -> None:
    """Django's own `migrate`, which for each step of hundreds would build every related model anew, and theirs.

    In one connected schema that is all of them: minutes where seconds do. The step's model and those that point to
    it are enough for the statements that are run; a dump afterwards is the same, line by line.
    """
    thorough = ProjectState._find_reload_model  # type: ignore[attr-defined]  # not in the stubs
    ProjectState._find_reload_model = _nearest  # type: ignore[attr-defined]  # not in the stubs
    try:
        call_command("migrate", interactive=False, verbosity=0)
    finally:
        ProjectState._find_reload_model = thorough  # type: ignore[attr-defined]  # not in the stubs


def _nearest(
    state: ProjectState, app_label: str, model_name: str, delay: bool = False
) -> set[tuple[str, str]]:
    found = {(app_label, model_name)}
    with suppress(LookupError):  # a model that this step makes
        found |= get_related_models_tuples(state.apps.get_model(app_label, model_name))
    return found


def is_current() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description('public'::regnamespace)")
        return bool(cursor.fetchone()[0] == _MARK + fingerprint())


def is_empty() -> bool:
    return not connection.introspection.table_names()


def mark_current() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON SCHEMA public IS '{_MARK}{fingerprint()}'")


def template_fits() -> bool:
    """Whether it is what all migrations of today amount to."""
    return TEMPLATE.is_file() and _read()[0] == migrations()


def template_is_sound() -> bool:
    """Whether every migration it was made of is still there, unaltered."""
    return TEMPLATE.is_file() and _read()[0].items() <= migrations().items()


def restore_template() -> None:
    """All or nothing, on a connection of its own: a dump changes settings as it goes."""
    _, sql = _read()
    connection.close()
    with psycopg.connect(address_of(settings.DATABASES["default"])) as own, own.transaction():
        own.execute(sql.encode())


def database_for_tests() -> str:
    """The name of an empty, migrated database to copy; made when the migrations have changed."""
    name = f"yanta_tests_{fingerprint()[:12]}"
    server = make_conninfo(databases.address(), dbname="postgres")
    with psycopg.connect(server, autocommit=True) as own:
        # Workers of one test run start together; one makes it, the others wait.
        own.execute("SELECT pg_advisory_lock(hashtext('yanta_tests'))")
        if not own.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            own.execute(f"DROP DATABASE IF EXISTS {name}_draft WITH (FORCE)")
            own.execute(f"CREATE DATABASE {name}_draft TEMPLATE template0")
            _fill(make_conninfo(databases.address(), dbname=f"{name}_draft"))
            own.execute(f"ALTER DATABASE {name}_draft RENAME TO {name}")
    return name


def _fill(address: str) -> None:
    """In a process of its own, for settings know one database."""
    environ = {**os.environ, "YANTA_DATABASE_URL": address}
    subprocess.run([sys.executable, "-m", "yanta.config.cli", "schema", "bring-up"], env=environ, check=True)


def write_template() -> int:
    """Dump this database's schema and the rows that migrations wrote; returns the size in bytes."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        major = int(cursor.fetchone()[0]) // 10_000
    tool = cluster.tool("pg_dump", server_major=major)
    options = ["--no-owner", "--no-privileges", "--inserts", "--no-comments", "--rows-per-insert=500"]
    dump = subprocess.run(
        [tool, *options, "--dbname", address_of(settings.DATABASES["default"])],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PGCLIENTENCODING": "UTF8"},
    ).stdout
    kept = "\n".join(line for line in dump.splitlines() if _is_portable(line))
    TEMPLATE.write_bytes(gzip.compress(f"-- {json.dumps(migrations())}\n{kept}\n".encode(), mtime=0))
    return TEMPLATE.stat().st_size


def _is_portable(line: str) -> bool:
    """Left out: words of psql, comments, and settings that an older server does not know."""
    if line.startswith("SET transaction_timeout"):
        return False
    return bool(line) and not line.startswith(("\\", "--"))


@cache
def _read() -> tuple[dict[str, str], str]:
    """The migrations it was made of, and the statements."""
    text = gzip.decompress(TEMPLATE.read_bytes()).decode()
    head, _, sql = text.partition("\n")
    return json.loads(head.removeprefix("-- ")), sql
