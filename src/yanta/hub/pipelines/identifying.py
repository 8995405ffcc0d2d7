"""Rows that no exact rule can place, before the hub's own matcher: one person, doubtful ones, or nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import ibis
import pyarrow as pa
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Mod

from yanta.hub.cleaning import identity, names
from yanta.hub.matching import match as match_rows
from yanta.hub.matching.settings import Settings
from yanta.kernel.base import ciphers
from yanta.kernel.people.models import Person

# Others beside those that share a fact, so that the matcher can tell how rare a value is.
BACKGROUND = 3_000
SETTINGS = Settings(keep_assigned=True, threads=2, memory_limit="1GB")
FACTS = ("name", "birth_on", "id_number", "phone")
_RAW = pa.schema([
    ("row_id", pa.int64()), ("source", pa.string()), ("name", pa.string()), ("former_name", pa.string()), ("latin_name", pa.string()),
    ("sex", pa.string()), ("birth_on", pa.date32()), ("id_no", pa.string()), ("phone", pa.string()), ("name_pinyin", pa.string()),
])  # fmt: skip
Facts = dict[str, str | None]


@dataclass(slots=True)
class Answer:
    """By row: the person it is, as (id, number); or the persons that it might be, the likeliest first."""

    known: dict[int, tuple[int, str]] = field(default_factory=dict)
    doubtful: dict[int, list[dict[str, Any]]] = field(default_factory=dict)


def judged(told: dict[int, Facts]) -> Answer:
    """What the matcher says to rows, told by their places, given everybody who shares a fact with one of them."""
    people = list(_people(told.values()))
    if not people:
        return Answer()
    numbers = {person["pk"]: person["number"] for person in people}
    # Persons go by their ids, rows by numbers that no person has.
    first = max(numbers) + 1
    rows = {first + turn: place for turn, place in enumerate(told)}
    clean = _clean([
        *(_of_person(person) for person in people), *(_of_row(number, told[place]) for number, place in rows.items())
    ])  # fmt: skip
    result = match_rows(clean, settings=SETTINGS, assigned={pk: f"P{pk}" for pk in numbers})
    answer = Answer()
    for found in result.clusters.to_pylist():
        place, key = rows.get(found["row_id"]), found["person_key"]
        if place is not None and key.startswith("P") and key[1:].isdecimal() and int(key[1:]) in numbers:
            answer.known[place] = (int(key[1:]), numbers[int(key[1:])])
    for pair in result.doubtful.to_pylist():
        _doubt(answer, rows, numbers, pair)
    return answer


def _doubt(answer: Answer, rows: dict[int, int], numbers: dict[int, str], pair: dict[str, Any]) -> None:
    for row, other in ((pair["left"], pair["right"]), (pair["right"], pair["left"])):
        if row in rows and other in numbers and rows[row] not in answer.known:
            said = {"person": other, "probability": round(pair["probability"], 4), "why": pair["reasons"]}
            answer.doubtful.setdefault(rows[row], []).append(said)


def _people(told: Iterable[Facts]) -> QuerySet[Person, dict[str, Any]]:
    asked = {fact: sorted({str(one[fact]) for one in told if one.get(fact)}) for fact in FACTS}
    near = (
        Q(name__in=asked["name"])
        | Q(former_name__in=asked["name"])
        | Q(birth_on__in=_days(asked["birth_on"]))
    )
    for fact in ("id_number", "phone"):
        near |= Q(**{f"{fact}_index__in": ciphers.blind_index_many(asked[fact])})
    kept = Person.objects.filter(merged_into=None)
    step = max(1, kept.count() // BACKGROUND)
    chosen = kept.annotate(turn=Mod(F("pk"), Value(step))).filter(near | Q(turn=0)).order_by("pk")
    return chosen.values(
        "pk", "number", "name", "former_name", "latin_name", "sex", "birth_on", "id_number", "phone"
    )


def _days(written: Iterable[str]) -> list[date]:
    return [day for text in written if (day := _day(text)) is not None]


def _day(written: str | None) -> date | None:
    try:
        return date.fromisoformat(written or "")
    except ValueError:
        return None


def _of_person(person: dict[str, Any]) -> dict[str, Any]:
    kept = {
        name: person[name] or None
        for name in ("name", "former_name", "latin_name", "sex", "birth_on", "phone")
    }
    return {**kept, "row_id": person["pk"], "source": "personnel", "id_no": person["id_number"] or None}


def _of_row(number: int, facts: Facts) -> dict[str, Any]:
    return {
        "row_id": number, "source": "other", "name": facts.get("name"), "birth_on": _day(facts.get("birth_on")),
        "id_no": facts.get("id_number"), "phone": facts.get("phone"),
    }  # fmt: skip


def _clean(rows: list[dict[str, Any]]) -> pa.Table:
    """As the matcher reads them; what can be drawn from names and numbers is drawn the way the intake does."""
    for row in rows:
        row["name_pinyin"] = names.pinyin_of(row["name"] or "") or None
    backend = ibis.duckdb.connect(threads=2)
    try:
        raw = backend.create_table("told", pa.Table.from_pylist(rows, schema=_RAW))
        number = raw.id_no.upper()
        valid = identity.is_mainland(number) & identity.fault_in(number, ibis.literal(True)).isnull()
        return backend.to_pyarrow(raw.mutate(
            name_key=names.name_key(raw.name), name_lossy=names.name_is_lossy(raw.name), id_no=number,
            id_valid=valid.fill_null(False), id_birth_on=identity.birth_in(number), id_sex=identity.sex_in(number),
            birth_month=raw.birth_on.strftime("%Y-%m"),
        ))  # fmt: skip
    finally:
        backend.disconnect()
