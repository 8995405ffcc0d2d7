"""The registry under test: each check runs for every declared resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.world import World
from yanta.kernel.access import actors, roles
from yanta.kernel.resource import Resource, resource_of, resources


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each check meets the resources it is about: `@pytest.mark.about(verb="add", scoped=True, actions=True)`."""
    if "resource_key" not in metafunc.fixturenames:
        return
    wanted: dict[str, Any] = {}
    for marker in metafunc.definition.iter_markers("about"):
        wanted |= marker.kwargs
    metafunc.parametrize("resource_key", [one.key for one in resources() if _fits(one, **wanted)])


def _fits(resource: Resource, *, verb: str = "view", scoped: bool = False, actions: bool = False) -> bool:
    is_scoped = resource.model.org_path is not None
    row_actions = [one for one in resource.actions if not one.on_collection]
    return verb in resource.verbs and (is_scoped or not scoped) and (bool(row_actions) or not actions)


@pytest.fixture(autouse=True)
def _probe_role(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A role that may everything, so that only scope can refuse; and one that may nothing."""
    for code, permissions in (("probe", roles.every_permission()), ("bare", frozenset[str]())):
        monkeypatch.setitem(roles.ROLES, code, roles.Role(code, code, "unit"))
        monkeypatch.setitem(roles._permissions, code, set(permissions))
    actors._grants.cache_clear()
    yield
    actors._grants.cache_clear()


@pytest.fixture
def world(resource_key: str, db: None) -> World:
    resource = resource_of(resource_key)
    assert resource is not None
    return World(resource)
