"""Ports that are named now and used later; sessions that a killed program leaves."""

from __future__ import annotations

import socket

import psycopg
import pytest
from django.db import connection

from yanta.kernel.testing.processes import free_port, until_alone


def test_a_port_is_named_once_and_is_none_the_kernel_gives_away() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    assert max(ports) < 32768


def test_a_taken_port_is_passed_over() -> None:
    before = free_port()
    with socket.create_server(("127.0.0.1", before + 1)):
        assert free_port() != before + 1


@pytest.mark.django_db(transaction=True)
def test_somebody_elses_session_is_waited_for() -> None:
    until_alone()
    parts = connection.get_connection_params()
    place = {name: parts[name] for name in ("host", "port", "user", "password", "dbname") if name in parts}
    with psycopg.connect(**place), pytest.raises(AssertionError, match="other sessions"):
        until_alone(within=0.2)
