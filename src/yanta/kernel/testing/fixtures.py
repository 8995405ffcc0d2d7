"""Pytest fixtures, loaded by `-p yanta.kernel.testing.fixtures` for every test of the project.

Models are imported inside the fixtures: pytest loads this before Django is ready.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from yanta.kernel.base import Actor
    from yanta.kernel.organisation.models import OrgUnit


@pytest.fixture(scope="session", autouse=True)
def _cleared_by_us() -> Iterator[None]:
    """Transactional tests end with what `clearing` does instead of Django's flush."""
    from django.test import TransactionTestCase

    from yanta.kernel.testing import clearing

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: clearing.put_back())
        yield


@pytest.fixture(autouse=True)
def _remembered_before_transactions(request: pytest.FixtureRequest) -> None:
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction")):
        from yanta.kernel.testing import clearing

        request.getfixturevalue("transactional_db")
        clearing.remembered()


@pytest.fixture(autouse=True)
def _home_of_its_own(tmp_path: Path, settings: Any) -> None:
    """No test writes into the installation's folder."""
    settings.HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.YANTA_SIGNING_KEYS = str(tmp_path / "signing-keys")


@pytest.fixture(autouse=True)
def _quiet_code_tables(settings: Any) -> None:
    """No look for other processes' publications in between: query counts must not depend on the clock."""
    settings.CODES_REFRESH_SECONDS = None


class Clock:
    """The time as the test wants it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        """`clock.advance(days=1, minutes=5)`."""
        self.now += timedelta(**parts)

    def set(self, year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> None:
        from django.utils import timezone

        self.now = datetime(year, month, day, hour, minute, tzinfo=timezone.get_current_timezone())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """`django.utils.timezone.now` stands still at 9:00 on 2026-11-20 until it is moved."""
    from django.utils import timezone

    clock = Clock(datetime(2026, 11, 20, 9, tzinfo=timezone.get_current_timezone()))
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@pytest.fixture
def school(db: None) -> OrgUnit:
    """The root of the organisation tree."""
    from yanta.kernel.testing.factories import OrgUnitFactory

    return OrgUnitFactory.create(code="0000", name="雁塔大学", kind="school")


@pytest.fixture
def college(school: OrgUnit) -> OrgUnit:
    from yanta.kernel.testing.factories import OrgUnitFactory

    return OrgUnitFactory.create(parent=school, code="0100", name="信息工程学院")


@pytest.fixture
def other_college(school: OrgUnit) -> OrgUnit:
    from yanta.kernel.testing.factories import OrgUnitFactory

    return OrgUnitFactory.create(parent=school, code="0200", name="艺术学院")


@pytest.fixture
def acting(db: None) -> Callable[..., Actor]:
    """`acting("counsellor", unit)`: a person with an account and this one role, as signed in."""
    return _acting


def _acting(role: str, unit: OrgUnit | None = None, *, name: str = "", person: Any = None) -> Actor:
    from yanta.kernel.access.actors import actor_of
    from yanta.kernel.testing.factories import AccountFactory, PersonFactory, RoleGrantFactory

    given = {"name": name} if name else {}
    person = person or PersonFactory.create(home_unit=unit, **given)
    account = AccountFactory.create(person=person)
    RoleGrantFactory.create(account=account, role=role, org_unit=unit)
    account.refresh_from_db()
    return actor_of(account)


@pytest.fixture
def clerk_of(acting: Callable[..., Actor]) -> Callable[[OrgUnit], Actor]:
    """`clerk_of(unit)`: a clerk whose rights reach that unit and what is below it."""
    return lambda unit: acting("clerk", unit)


@pytest.fixture
def clerk(college: OrgUnit, clerk_of: Callable[[OrgUnit], Actor]) -> Actor:
    """The clerk of the college."""
    return clerk_of(college)


@pytest.fixture
def student_actor(college: OrgUnit, acting: Callable[..., Actor]) -> Actor:
    """A student of the college, signed in."""
    return acting("student", college)


@pytest.fixture
def engineer(acting: Callable[..., Actor]) -> Actor:
    return acting("engineer")


@pytest.fixture
def auditor(acting: Callable[..., Actor]) -> Actor:
    return acting("auditor")


@pytest.fixture
def events_delivered(db: None) -> Iterator[Callable[[], int]]:
    """Delivers what is still waiting when the test ends, so that a failing handler fails the test."""
    from yanta.kernel.testing.happenings import deliver

    yield deliver
    deliver()
