"""A connection that the server has ended is found out before a request is lost on it."""

import pytest
from django.db import connection, connections


@pytest.fixture
def opened():
    """Connections of their own, as other threads have them."""
    found = []

    def open_one():
        found.append(connections.create_connection("default"))
        found[-1].ensure_connection()
        return found[-1]

    yield open_one
    for one in found:
        one.close()


@pytest.fixture
def other(opened):
    return opened()


def number_of(wrapper) -> int:
    return wrapper.connection.info.backend_pid


@pytest.mark.django_db
class TestIsUsable:
    def test_asks_the_server_nothing_while_it_is_silent(self, other, monkeypatch):
        monkeypatch.setattr(type(other.connection), "cursor", lambda *_: pytest.fail("asked"))

        assert other.is_usable()

    def test_sees_that_the_server_ended_the_session(self, other):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [number_of(other)])
            assert cursor.fetchone() == (True,)

        assert not other.is_usable()

    def test_asks_where_the_server_spoke_unasked(self, other, opened):
        """A notification that nobody fetched is no farewell."""
        with other.cursor() as cursor:
            cursor.execute("LISTEN spoken")
        with opened().cursor() as cursor:
            cursor.execute("NOTIFY spoken")

        assert other.is_usable()

    def test_is_not_where_nothing_was_opened(self):
        assert not connections.create_connection("default").is_usable()
