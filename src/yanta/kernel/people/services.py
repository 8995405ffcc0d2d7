"""Person numbers, and the sound of names."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from pypinyin import lazy_pinyin

from yanta.kernel.people.models import Person
from yanta.kernel.people.rules import person_number

SEQUENCE = "people_person_serial"


def new_person_numbers(count: int) -> list[str]:
    """So many fresh numbers; a number that is not used in the end is lost, never given again."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nextval('{SEQUENCE}') FROM generate_series(1, %s)", [count])
        return [person_number(serial) for (serial,) in cursor.fetchall()]


def name_sounds(people: Iterable[int]) -> int:
    """Write how these people's names sound, to sort and search by; answers how many had changed."""
    named = list(Person.objects.filter(pk__in=list(people)).values_list("pk", "name"))
    sounds = [" ".join(lazy_pinyin(name))[:80] for _, name in named]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE people_person p SET sort_name = d.sound FROM unnest(%s::bigint[], %s::text[]) AS d (id, sound) "
            "WHERE p.id = d.id AND p.sort_name <> d.sound",
            [[key for key, _ in named], sounds],
        )
        return int(cursor.rowcount)
