"""A school with one building, and a source in memory."""

from __future__ import annotations

import pytest

from yanta.hub.pipelines.tests.factories import ListConnector, room, serve
from yanta.hub.quality.tests.conftest import rule_of  # noqa: F401 - rules are the same there and here
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import Building, Campus


@pytest.fixture
def building(school: OrgUnit) -> Building:
    campus = Campus.objects.create(code="1", name="雁塔校区")
    return Building.objects.create(code="1A", name="一号教学楼", campus=campus, floors=5)


@pytest.fixture
def source(building: Building, monkeypatch: pytest.MonkeyPatch) -> ListConnector:
    """Twelve good rooms."""
    return serve(monkeypatch, ListConnector([room(number) for number in range(101, 113)]))
