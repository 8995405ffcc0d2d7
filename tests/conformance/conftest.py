"""The registry under test: each check runs for every declared resource."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from tests.conformance.world import World
from yanta.kernel.access import actors, roles
from yanta.kernel.resource import Resource, resources

HERE = Path(__file__).parent


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each check meets the resources it is about: `@pytest.mark.about(verb="add", scoped=True, actions=True)`."""
    if "resource" not in metafunc.fixturenames:
        return
    wanted: dict[str, Any] = {}
    for marker in metafunc.definition.iter_markers("about"):
        wanted |= marker.kwargs
    fitting = [one for one in resources() if _fits(one, **wanted)]
    metafunc.parametrize("resource", fitting, ids=[one.key for one in fitting], scope="module")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All checks of a noun one after the other, for they share what is made once."""
    places = [n for n, item in enumerate(items) if item.path.parent == HERE]
    nouns = {one.key: n for n, one in enumerate(resources())}

    def order(item: pytest.Item) -> tuple[str, int]:
        callspec = getattr(item, "callspec", None)
        noun = callspec.params.get("resource") if callspec else None
        return item.path.name, nouns[noun.key] if noun else -1

    for place, item in zip(places, sorted((items[n] for n in places), key=order), strict=True):
        items[place] = item


def _fits(resource: Resource, *, verb: str = "view", scoped: bool = False, actions: bool = False) -> bool:
    is_scoped = resource.model.org_path is not None
    row_actions = [one for one in resource.actions if not one.on_collection]
    return verb in resource.verbs and (is_scoped or not scoped) and (bool(row_actions) or not actions)


@pytest.fixture(scope="module", autouse=True)
def _probe_role() -> Iterator[None]:
    """A role that may everything, so that only scope can refuse; and one that may nothing."""
    with pytest.MonkeyPatch.context() as patch:
        for code, permissions in (("probe", roles.every_permission()), ("bare", frozenset[str]())):
            patch.setitem(roles.ROLES, code, roles.Role(code, code, "unit"))
            patch.setitem(roles._permissions, code, set(permissions))
        actors._grants.cache_clear()
        yield
    actors._grants.cache_clear()


@pytest.fixture(scope="module")
def furnished(
    resource: Resource, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[World]:
    """Made once for a noun, in a transaction around those of its checks."""
    world = World(resource)
    with django_db_blocker.unblock(), transaction.atomic():
        world.furnish()
        # Else the foreign keys of these rows would be proved again at the end of every check.
        connection.check_constraints()
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(furnished: World, db: None) -> World:
    return furnished
