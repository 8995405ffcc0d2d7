"""From merged values to the person's record and roles, for those persons of whom something changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from yanta.hub.elements import PERSON_FIELDS
from yanta.hub.storing.staging import execute, fetch, stage
from yanta.kernel.base import ciphers
from yanta.kernel.people.models import Person

SEALED = ("id_number", "phone", "bank_account")
PLAIN = ("name", "former_name", "latin_name", "sex", "id_type", "nationality", "ethnic", "political_status",
         "native_place", "email")  # fmt: skip
_COLUMNS = [*PLAIN, "birth_on", *SEALED, *(f"{name}_index" for name in SEALED), "home_unit_id"]
_TYPES = {
    "birth_on": "date",
    "home_unit_id": "bigint",
    **dict.fromkeys([*SEALED, *(f"{n}_index" for n in SEALED)], "bytea"),
}


def write_persons(touched: Iterable[int]) -> int:
    """Bring the records of persons whose values changed in line; answers how many differed."""
    people = sorted(touched)
    if not people:
        return 0
    units = dict(fetch("SELECT code, id FROM organisation_orgunit"))
    columns = ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in _COLUMNS)
    stage("run_person", f"id bigint, {columns}", _staged(people, _values_of(people), units))
    assignments = ", ".join(f"{name} = n.{name}" for name in _COLUMNS)
    compared = [name for name in _COLUMNS if name not in SEALED]
    before, after = (", ".join(f"{side}.{name}" for name in compared) for side in "pn")
    return execute(
        f"""UPDATE people_person p SET {assignments}, updated_at = now() FROM run_person n
        WHERE p.id = n.id AND ({before}) IS DISTINCT FROM ({after})"""
    )


def _values_of(people: list[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = defaultdict(dict)
    rows = fetch(
        "SELECT person_id, element, value, sealed FROM hub_elementvalue WHERE person_id = ANY(%s) AND element = ANY(%s)",
        [people, list(PERSON_FIELDS)],
    )
    for person, element, value, sealed in rows:
        found[person][PERSON_FIELDS[element]] = ciphers.unseal(bytes(sealed)) if sealed else value
    return found


def _staged(
    people: list[int], values: Mapping[int, dict[str, str]], units: Mapping[str, int]
) -> Iterable[list[Any]]:
    limits = {name: getattr(Person._meta.get_field(name), "max_length", None) for name in PLAIN}
    for person in people:
        mine = values.get(person, {})
        plain = [mine.get(name, "")[: limits[name]] for name in PLAIN]
        secrets = [mine.get(name) for name in SEALED]
        yield [
            person, *plain, mine.get("birth_on"),
            *(ciphers.seal(text) if text else None for text in secrets),
            *(ciphers.blind_index(text) if text else None for text in secrets),
            units.get(mine.get("home_unit", "")),
        ]  # fmt: skip
