"""A school with the departments that deliver, and a first delivery taken in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from yanta.hub.models import Run
from yanta.hub.services import runs
from yanta.hub.tests import rosters
from yanta.kernel.base import Actor
from yanta.kernel.organisation.models import OrgUnit


@pytest.fixture
def departments(school: OrgUnit) -> dict[str, OrgUnit]:
    from yanta.kernel.testing.factories import OrgUnitFactory

    named = {"20500": "教务处", "21200": "财务处", "10100": "机电工程学院", "10200": "材料学院"}
    return {name: OrgUnitFactory(parent=school, code=code, name=name) for code, name in named.items()}


Intake = Callable[[Path], Run]


@pytest.fixture
def take_in(departments: dict[str, OrgUnit]) -> Intake:
    return lambda folder: runs.intake(folder, actor=Actor.system("hub"), accept_mapping=True)


@pytest.fixture
def delivered(tmp_path: Path, take_in: Intake) -> Path:
    """The folder of a delivery that was taken in."""
    folder = rosters.write_both(tmp_path / "delivery")
    take_in(folder)
    return folder
