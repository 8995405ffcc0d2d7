"""Giving person numbers."""

from __future__ import annotations

from django.db import connection

from yanta.kernel.people.rules import person_number

SEQUENCE = "people_person_serial"


def new_person_numbers(count: int) -> list[str]:
    """So many fresh numbers; a number that is not used in the end is lost, never given again."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nextval('{SEQUENCE}') FROM generate_series(1, %s)", [count])
        return [person_number(serial) for (serial,) in cursor.fetchall()]
