"""The template gives what the migrations give, or is not used."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from yanta.config import schema


@pytest.fixture(autouse=True)
def forgotten() -> None:
    schema._read.cache_clear()


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], None]:
    """Puts a template of these migrations in place."""

    def put(migrations: dict[str, str]) -> None:
        old = tmp_path / "schema.sql.gz"
        old.write_bytes(gzip.compress(f"-- {json.dumps(migrations)}\nSELECT 1;\n".encode()))
        monkeypatch.setattr(schema, "TEMPLATE", old)

    return put


def test_a_template_whose_migrations_were_altered_is_not_used(template) -> None:
    first, *rest = schema.migrations()
    template({**dict.fromkeys(rest, ""), first: "altered"})

    assert not schema.template_is_sound()


def test_an_older_template_is_restored_and_what_came_later_is_migrated(template) -> None:
    older = dict(list(schema.migrations().items())[:-1])
    template(older)

    assert schema.template_is_sound()
    assert not schema.template_fits()


@pytest.mark.django_db
def test_the_mark_follows_the_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    schema.mark_current()
    assert schema.is_current()

    monkeypatch.setattr(schema, "fingerprint", lambda: "newer")

    assert not schema.is_current()


@pytest.mark.django_db
def test_nothing_is_left_to_migrate_in_a_copied_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        assert cursor.fetchone()[0] > 50
