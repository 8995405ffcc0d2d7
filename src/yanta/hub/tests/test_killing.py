"""A run that is killed anywhere wrote nothing; the next one does all of it, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from django.db import connection
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from yanta.hub.models import ElementValue, Receipt, Run, SourceRow
from yanta.hub.storing import loading
from yanta.hub.tests import deliveries
from yanta.kernel.people.models import Person
from yanta.kernel.testing.processes import until_alone

pytestmark = pytest.mark.django_db(transaction=True)
POINTS = ["persons.link", "values.store", "records.write_persons", "receipts.sign", "commit"]


def kill_at(point: str) -> int:
    """Load in a process of its own, on this test's database, and have it killed there."""
    parts = connection.get_connection_params()
    names = {"dbname", "user", "password", "host", "port"}
    address = make_conninfo(**{name: value for name, value in parts.items() if name in names})
    environ = {**os.environ, "YANTA_DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "yanta.config.settings"}
    command = [sys.executable, "-W", "ignore", "-m", "yanta.hub.tests.killed", point]
    ended = subprocess.run(command, env=environ, check=False, timeout=120).returncode
    until_alone()
    return ended


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_run_leaves_nothing_and_the_next_does_everything(point: str) -> None:
    assert kill_at(point) == -signal.SIGKILL
    assert not Person.objects.exists()
    assert not SourceRow.objects.exists()
    assert not Receipt.objects.exists()

    with loading.only_run():
        assert loading.bury_the_dead(timezone.now()) == 1
        loaded = deliveries.take(deliveries.lines())

    assert Person.objects.count() == 6
    assert SourceRow.objects.count() == 12
    assert loaded.receipt.document["counts"]["new"] == 12
    values = ElementValue.objects.count()
    with loading.only_run():
        again = deliveries.take(deliveries.lines())
    assert again.receipt.document["counts"]["unchanged"] == 12
    assert ElementValue.objects.count() == values
    assert Run.objects.filter(state="running").count() == 0
