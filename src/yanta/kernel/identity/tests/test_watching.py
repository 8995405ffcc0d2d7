from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from yanta.kernel.identity import lookup, watching
from yanta.kernel.identity.devices import Device
from yanta.kernel.identity.models import SignIn
from yanta.kernel.identity.tests import factories

pytestmark = pytest.mark.django_db
CHROME = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0"


@pytest.fixture
def account():
    return factories.account()


def came(account, address, *, minutes, agent=CHROME, outcome=SignIn.Outcome.SUCCESS):
    SignIn.objects.create(
        account=account, login=account.username, method="password", outcome=outcome, address=address,
        agent=agent, at=timezone.now() - timedelta(minutes=minutes),
    )  # fmt: skip


def signs(account, address, agent=CHROME):
    return watching.signs_at(account, Device(address, agent), at=timezone.now())


@pytest.mark.parametrize(
    ("known", "now", "is_known"),
    [
        ("10.1.2.3", "10.1.200.4", True),
        ("10.1.2.3", "10.2.2.3", False),
        ("2001:db8:1:2::5", "2001:db8:1:ff::9", True),
        ("2001:db8:1:2::5", "2001:db8:2:2::5", False),
        (None, None, True),
    ],
)
def test_the_neighbourhood_of_a_former_visit_is_known(account, known, now, is_known):
    came(account, known, minutes=90)
    for minutes in range(30, 40):
        came(account, "172.16.0.1", minutes=minutes)

    assert bool(signs(account, now).slight) is not is_known


def test_visits_of_a_kind_are_read_once_the_latest_of_them_first(account):
    for minutes in (50, 20, 40):
        came(account, f"10.1.0.{minutes}", minutes=minutes)
    came(account, "10.2.0.1", minutes=30)
    came(account, "10.1.0.9", minutes=60, agent="curl")
    came(account, "10.9.0.1", minutes=5, outcome=SignIn.Outcome.WRONG_PASSWORD)

    with CaptureQueriesContext(connection) as asked:
        history = watching.history_of(account, Device("10.1.0.1", CHROME), at=timezone.now())

    assert [visit.address for visit in history.visits] == ["10.1.0.20", "10.2.0.1", "10.1.0.9"]
    assert (history.failures, len(asked)) == (1, 1)


def test_who_stands_at_the_door_comes_with_their_history(account):
    device, now = Device("10.1.0.1", CHROME), timezone.now()
    came(account, "10.2.0.1", minutes=30)
    came(account, "10.9.0.1", minutes=5, outcome=SignIn.Outcome.WRONG_PASSWORD)

    with CaptureQueriesContext(connection) as asked:
        found = lookup.at_the_door(account.username, device, at=now)

    assert found.history == watching.history_of(account, device, at=now)
    assert (len(found.history.visits), found.history.failures, len(asked)) == (1, 1, 1)
