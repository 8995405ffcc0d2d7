"""A term's teaching, locked, with rooms and teachers; and a version to place it in."""

from importlib import import_module

import pytest

from yanta.kernel.jobs import Progress
from yanta.kernel.testing.factories import OrgUnitFactory
from yanta.systems.timetables import services
from yanta.systems.timetables.models import Version

# A term of teaching is made as the neighbour's own tests make it.
Season = import_module("yanta.systems.offerings.models").Season
made = import_module("yanta.systems.offerings.tests.conftest")
cohort, maker, ready, rooms, season, teacher, term = (
    getattr(made, name) for name in ("cohort", "maker", "ready", "rooms", "season", "teacher", "term")
)


@pytest.fixture
def registry(acting, school):
    return acting("clerk", OrgUnitFactory.create(parent=school, code="2010", name="教务处", kind="office"))


@pytest.fixture
def locked(ready):
    Season.objects.filter(pk=ready.pk).update(status="locked")
    return ready


@pytest.fixture
def version(locked):
    return Version.objects.create(term=locked.term, name="初排")


@pytest.fixture
def arranged(version):
    services.arrange(version.pk, seconds=0, progress=Progress())
    version.refresh_from_db()
    return version
