from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from yanta.hub.nodes.tests.pair import Line, Side, agreed, joined
from yanta.hub.nodes.tests.people import Campus


@pytest.fixture(autouse=True)
def _settled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests live in one transaction, which the history would wait for."""
    from yanta.hub.subjects import changing

    look = changing._look
    monkeypatch.setattr(changing, "_look", lambda table: (look(table)[0], look(table)[1], look(table)[1]))


@pytest.fixture(autouse=True)
def _asked_by_nobody_yet() -> None:
    """The door counts who asks it, minute by minute; of other tests it should know nothing."""
    cache.clear()


@pytest.fixture
def school_side(tmp_path: Path) -> Side:
    return Side(tmp_path, "4161010001", "school", "甲大学")


@pytest.fixture
def province(tmp_path: Path) -> Side:
    return Side(tmp_path, "610000", "province", "陕西省")


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch, province: Side) -> Line:
    return Line(monkeypatch, province)


@pytest.fixture
def pair(db: None, school_side: Side, province: Side, line: Line) -> tuple[Side, Side]:
    """Joined and let in."""
    joined(school_side, province)
    return school_side, province


@pytest.fixture
def campus(school: Any) -> Campus:
    """A college, a programme, a class; students are added as wanted."""
    return Campus(school)


@pytest.fixture
def reporting(pair: tuple[Side, Side], campus: Campus) -> tuple[Side, Side]:
    """The school reports organisation, classes and students."""
    agreed(pair[0], "organisation", "programme", "admin_class", "student")
    return pair
