"""How often a page asks the database: never more for more rows, never more than recorded.

`queries.json` holds what each page of each noun asked when it was last recorded; the figures only shrink.
`YANTA_RECORD_QUERIES=1 pytest tests/conformance/test_queries.py` writes what has become less, and new nouns.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.conformance.world import World
from yanta.kernel.resource import Resource, resources
from yanta.kernel.testing.factories import OrgUnitFactory

RECORD = Path(__file__).with_name("queries.json")
# A noun that nobody has recorded yet may ask this often.
UNRECORDED = {"list": 12, "record": 14, "form": 16, "api": 8}
FEW, MANY = 2, 12


@pytest.fixture(scope="module")
def recorded() -> Iterator[dict[str, dict[str, int]]]:
    figures: dict[str, dict[str, int]] = json.loads(RECORD.read_text()) if RECORD.is_file() else {}
    before = json.dumps(figures)
    yield figures
    if os.environ.get("YANTA_RECORD_QUERIES") and json.dumps(figures) != before:
        RECORD.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")


@pytest.fixture
def world(resource: Resource, db: None) -> World:
    """With nothing in it: here is counted."""
    return World(resource)


def addresses(world: World, row: Any) -> dict[str, str]:
    pages = {"list": world.url(), "record": world.url(f"{row.pk}/"), "api": world.api("?page_size=500")}
    if "add" in world.resource.verbs:
        pages["form"] = world.url("new/")
    elif "edit" in world.resource.verbs:
        pages["form"] = world.url(f"{row.pk}/edit/")
    return pages


def asked(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code in (200, 409), address
    return len(queries)


def make_rows(world: World, number: int) -> Any:
    """Each in a unit of its own below the probe's, so that nothing is fetched only once; answers the last."""
    units = [OrgUnitFactory(parent=world.here) for _ in range(number)]
    return [world.row(unit) for unit in units][-1]


def test_pages_ask_no_more_for_more_rows_and_no_more_than_recorded(
    world: World, recorded: dict[str, dict[str, int]]
) -> None:
    row = make_rows(world, FEW)
    client = world.client(world.probe(world.here))
    pages = addresses(world, row)
    # The first request of a process fills what is kept in memory.
    for address in pages.values():
        asked(client, address)
    few = {page: asked(client, address) for page, address in pages.items()}

    make_rows(world, MANY - FEW)
    many = {page: asked(client, address) for page, address in pages.items()}

    assert many == few
    limits = recorded.get(world.resource.key, UNRECORDED)
    assert {page: n for page, n in many.items() if n > limits.get(page, UNRECORDED[page])} == {}
    recorded[world.resource.key] = {page: min(n, limits.get(page, n)) for page, n in many.items()}


def test_nothing_is_recorded_of_nouns_that_are_gone(recorded: dict[str, dict[str, int]]) -> None:
    assert set(recorded) <= {one.key for one in resources()}
