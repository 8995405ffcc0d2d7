"""Every test runs on PostgreSQL: the one YANTA_DATABASE_URL names, else the private cluster."""

from __future__ import annotations

import pytest

from yanta.config import cluster, environment


def pytest_configure(config: pytest.Config) -> None:
    if not environment.text("DATABASE_URL"):
        cluster.ensure()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Test databases are copies of one that is migrated once: a second instead of half a minute."""
    from django.conf import settings

    from yanta.config import schema

    settings.DATABASES["default"]["TEST"]["TEMPLATE"] = schema.database_for_tests()
