"""A term's teaching, locked, with rooms and teachers; and a version to place it in."""

import pytest

from yanta.kernel.jobs import Progress
from yanta.kernel.testing.factories import OrgUnitFactory
from yanta.systems.offerings.tests import factories as teaching
from yanta.systems.offerings.tests.conftest import cohort, maker, ready, rooms, season, teacher, term
from yanta.systems.timetables import services
from yanta.systems.timetables.models import Version

# A term of teaching is made as the neighbour's own tests make it.
__all__ = ["cohort", "maker", "ready", "rooms", "season", "teacher", "term"]


@pytest.fixture
def registry(acting, school):
    return acting("clerk", OrgUnitFactory.create(parent=school, code="2010", name="教务处", kind="office"))


@pytest.fixture
def locked(ready):
    return teaching.lock(ready)


@pytest.fixture
def version(locked):
    return Version.objects.create(term=locked.term, name="初排")


@pytest.fixture
def arranged(version):
    services.arrange(version.pk, seconds=0, progress=Progress())
    version.refresh_from_db()
    return version
