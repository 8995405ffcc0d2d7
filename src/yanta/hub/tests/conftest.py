"""A school with the departments that deliver, and a first delivery taken in."""

from __future__ import annotations

import pytest

from yanta.hub.storing.loading import Loaded
from yanta.hub.tests import deliveries
from yanta.kernel.organisation.models import OrgUnit


@pytest.fixture
def departments(school: OrgUnit) -> dict[str, OrgUnit]:
    from yanta.kernel.testing.factories import OrgUnitFactory

    named = {"20500": "教务处", "21200": "财务处", "10100": "机电工程学院", "10200": "材料学院"}
    return {name: OrgUnitFactory(parent=school, code=code, name=name) for code, name in named.items()}


@pytest.fixture
def delivered(departments: dict[str, OrgUnit]) -> Loaded:
    """Six people in two departments' rows, loaded."""
    return deliveries.take(deliveries.lines())
