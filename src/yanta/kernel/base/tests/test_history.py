"""A bulk update after a small one in the same session must not take the square of its rows."""

import pytest
from django.apps import apps
from django.db import connection

from yanta.kernel.base import history

JOINING = """SELECT proname, proconfig FROM pg_proc
    WHERE proname LIKE 'pgtrigger\\_update\\_%%' AND prosrc LIKE '%%old_values JOIN new_values%%'"""


@pytest.mark.django_db
class TestHistoryTriggers:
    def test_every_history_of_updates_joins_by_hash(self):
        history.plan_steadily(using="default")

        with connection.cursor() as cursor:
            cursor.execute(JOINING, [])
            found = dict(cursor.fetchall())

        tracked = [
            model for model in apps.get_models() if getattr(model, "history", False) and model._meta.managed
        ]
        assert len(found) >= len(tracked) > 0
        assert [name for name, kept in found.items() if "enable_nestloop=off" not in (kept or [])] == []

    def test_a_new_database_has_it_without_being_told(self):
        with connection.cursor() as cursor:
            cursor.execute(JOINING, [])
            assert [name for name, kept in cursor.fetchall() if not kept] == []
