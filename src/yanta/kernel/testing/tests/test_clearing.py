"""What a test that commits leaves to the next one: nothing, and all that the migrations wrote."""

from __future__ import annotations

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.testing.factories import AccountFactory, OrgUnitFactory


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_each_starts_as_after_the_migrations_with_every_guard_on(turn: int) -> None:
    assert not OrgUnit.objects.exists()
    assert ContentType.objects.filter(app_label="organisation", model="orgunit").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'")
        assert cursor.fetchone() == (0,)

    OrgUnitFactory.create(name="留下的")
    AccountFactory.create()  # which no trigger lets anybody delete
    ContentType.objects.filter(app_label="organisation").delete()
