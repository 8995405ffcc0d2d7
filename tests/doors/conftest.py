"""One served installation for all doors, and Apache where it can be had."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.doors.apache import Apache, NotToBeHad, apache_in
from tests.doors.campus import Browser, Campus, campus


@pytest.fixture(scope="session")
def school(tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings: None) -> Iterator[Campus]:
    with campus(tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture(scope="session")
def kit(school: Campus) -> dict[str, Any]:
    """One test client of each protocol, as anybody gets them from the command line."""
    told: dict[str, Any] = json.loads(school.yanta("sso", "testkit", "--json"))
    return told


@pytest.fixture
def browser() -> Iterator[Browser]:
    one = Browser()
    yield one
    one.http.close()


@pytest.fixture(scope="session")
def apache() -> Apache:
    """Apache with both modules: the system's, or the distribution's packages unpacked into a folder of the cache."""
    try:
        return apache_in(Path.home() / ".cache" / "yanta-peers" / "apache")
    except NotToBeHad as reason:
        pytest.skip(f"Apache with mod_auth_cas and mod_auth_openidc is not to be had here: {reason}")
