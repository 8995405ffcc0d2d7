"""Queries phrased once: the same answer as Django's own, with every value in its place."""

from datetime import timedelta

import pytest
from django.db import connection, models, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from yanta.kernel.base import fixed
from yanta.kernel.base.fixed import Fixed, Given
from yanta.kernel.identity.models import Account, Session
from yanta.kernel.people.models import Person

pytestmark = pytest.mark.django_db
_OF = Fixed(
    lambda: (
        Session.objects.select_related("account__person")
        .defer("account__person__phone")
        .filter(account__username=Given("name", models.CharField()), data__kind="test")
        .order_by("key_digest")
    )
)


@pytest.fixture
def account() -> Account:
    person = Person.objects.create(number="F00000001", name="雁小塔", phone="13800000001")
    return Account.objects.create(username="fixed", name="雁小塔", person=person, state="active")


def _session(account: Account, digest: str) -> Session:
    now = timezone.now()
    end = now + timedelta(hours=1)
    return Session.objects.create(
        key_digest=digest, account=account, data={"kind": "test"}, seen_at=now, expires_at=end, ends_at=end
    )


class TestFixed:
    def test_answers_like_the_queryset_it_was_made_from(self, account):
        rows = [_session(account, "a"), _session(account, "b")]

        found = _OF.all(name="fixed")

        assert found == rows
        assert [row.expires_at for row in found] == [row.expires_at for row in rows]
        assert found[0].data == {"kind": "test"}

    def test_brings_what_was_selected_with_it_in_one_question(self, account):
        _session(account, "a")

        with CaptureQueriesContext(
            connection,
        ) as asked:
            found = _OF.first(name="fixed")
            assert found.account.person.name == "雁小塔"

        assert len(asked) == 1
        assert found.account.person.phone == "13800000001"  # left out above, fetched when it is read

    def test_takes_each_value_anew(self, account):
        _session(account, "a")

        assert _OF.first(name="somebody else") is None
        assert _OF.first(name="fixed") is not None

    def test_treats_a_value_as_a_value(self, account):
        _session(account, "a")

        assert _OF.all(name="' OR true --") == []


class TestCursor:
    def test_has_the_statement_planned_once(self, account):
        for number in range(3):
            with fixed.cursor() as cursor:
                cursor.execute("SELECT %s::int + 20261122", [number])
                assert cursor.fetchone() == (20261122 + number,)

        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%+ 20261122'")
            assert cursor.fetchone() == (1,)

    def test_fails_in_djangos_words(self, account):
        with pytest.raises(IntegrityError), transaction.atomic(), fixed.cursor() as cursor:
            cursor.execute("INSERT INTO identity_lockout (key) VALUES (%s)", ["x"])
