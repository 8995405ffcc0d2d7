"""The departments that deliver."""

from yanta.hub.tests.conftest import departments  # noqa: F401 - a fixture
