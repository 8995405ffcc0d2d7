"""The template gives what the migrations give, or is not used."""

import gzip
from pathlib import Path

import pytest
from django.db import connection

from yanta.config import schema


@pytest.fixture(autouse=True)
def forgotten() -> None:
    schema._read.cache_clear()


def test_a_template_of_other_migrations_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "schema.sql.gz"
    old.write_bytes(gzip.compress(b"-- other\nSELECT 1;\n"))
    monkeypatch.setattr(schema, "TEMPLATE", old)

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
