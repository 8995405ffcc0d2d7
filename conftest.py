"""Every test runs on PostgreSQL: the one YANTA_DATABASE_URL names, else the private cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from yanta.config import cluster, environment

if TYPE_CHECKING:
    from xdist.scheduler import LoadFileScheduling

# Minutes each. Begun last, one of them would keep one worker busy while the others have nothing left to do.
LONG = ("tests/nodes/", "tests/journeys/", "tests/doors/", "tests/conformance/", "tests/api/")
# Their tests share installations that take half a minute to start: one worker does the whole folder.
ONE_INSTALLATION = ("tests/nodes/", "tests/doors/")


def pytest_configure(config: pytest.Config) -> None:
    if not environment.text("DATABASE_URL"):
        cluster.ensure()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long first; within a file nothing changes."""
    items.sort(
        key=lambda item: next(
            (n for n, folder in enumerate(LONG) if item.nodeid.startswith(folder)), len(LONG)
        )
    )


def pytest_runtest_setup() -> None:
    """A page that the test before asked for in English leaves nothing behind."""
    from django.utils import translation

    translation.deactivate()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """`--dist loadfile --no-loadscope-reorder`, by folders where one installation is shared."""
    from xdist.scheduler import LoadFileScheduling

    class ByInstallation(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            shared = next((folder for folder in ONE_INSTALLATION if nodeid.startswith(folder)), None)
            return shared or super()._split_scope(nodeid)

    return ByInstallation(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Test databases are copies of one that is migrated once: a second instead of half a minute."""
    from django.conf import settings

    from yanta.config import schema

    settings.DATABASES["default"]["TEST"]["TEMPLATE"] = schema.database_for_tests()
