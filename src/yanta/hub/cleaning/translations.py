"""Values that need a dictionary: each distinct value is read once in Python and joined back as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
from ibis import ir
from ibis.backends.duckdb import Backend

from yanta.hub.cleaning.dates import read_date
from yanta.hub.cleaning.dorms import bed_code
from yanta.hub.cleaning.names import pinyin_of
from yanta.hub.cleaning.vocabulary import Vocabulary

DATES = ("birth", "entry", "leave", "recorded", "expires", "grade_year")
JOINT = "\x1f"


@dataclass(frozen=True)
class Translation:
    """A dictionary for one column: which values it reads and what it makes of each."""

    name: str
    source: str
    fields: tuple[tuple[str, pa.DataType], ...]
    read: Callable[[str], Sequence[object]]


def translations(vocabulary: Vocabulary) -> tuple[Translation, ...]:
    """One dictionary for each coded element and each date."""
    text = pa.string()
    coded: dict[str, Callable[[str], str | None]] = {
        "sex": vocabulary.sex,
        "ethnic": vocabulary.ethnic,
        "political": vocabulary.political,
        "nationality": vocabulary.nationality,
        "id_type": vocabulary.id_type,
        "native_place": vocabulary.place,
        "org_code": vocabulary.org,
        "org_name": lambda value: unit_of(value, vocabulary),
        "sub_org": vocabulary.org,
        "title": vocabulary.title,
        "major_code": vocabulary.major_code,
        "major_name": vocabulary.major_name,
    }
    simple = [
        Translation(name, f"tidy_{name}", ((f"code_{name}", text),), _one(read))
        for name, read in coded.items()
    ]
    fields = (("day", pa.date32()), ("month", text), ("year", pa.int32()))
    dates = [
        Translation(
            f"date_{name}", f"tidy_{name}", tuple((f"{name}_{part}", kind) for part, kind in fields), _date
        )
        for name in DATES
    ]
    beds = Translation("bed", "bed_text", (("code_bed", text),), lambda value: (_bed(value, vocabulary),))
    pinyin = Translation(
        "pinyin", "name", (("name_pinyin", text),), lambda value: (pinyin_of(value) or None,)
    )
    return (*simple, *dates, beds, pinyin)


def _one(read: Callable[[str], str | None]) -> Callable[[str], Sequence[object]]:
    return lambda value: (read(value),)


def _date(value: str) -> Sequence[object]:
    reading = read_date(value)
    return reading.day, reading.month, reading.year


def _bed(value: str, vocabulary: Vocabulary) -> str | None:
    campus, place, bed = value.split(JOINT)
    return bed_code(place, bed, campus, vocabulary.campuses)


def unit_of(value: str, vocabulary: Vocabulary) -> str | None:
    """A unit, or the unit of a programme where alumni name that instead: whole first, then part by part."""
    parts = [value, *(part for part in value.split("/") if part != value)]
    for part in parts:
        if found := vocabulary.org(part):
            return found
    return next((found for part in parts if (found := vocabulary.org_of_major(part))), None)


def translate(
    backend: Backend, table: ir.Table, dictionaries: Iterable[Translation], *, prefix: str
) -> ir.Table:
    """Join every dictionary to the table; each distinct value is read once."""
    joined, fields = table, []
    for dictionary in dictionaries:
        lookup = _lookup(backend, table[dictionary.source], dictionary, f"{prefix}_{dictionary.name}")
        joined = joined.left_join(lookup, table[dictionary.source] == lookup[f"{dictionary.name}_key"])
        fields += [name for name, _ in dictionary.fields]
    return joined.select(*table.columns, *fields)


def _lookup(backend: Backend, column: ir.StringValue, dictionary: Translation, name: str) -> ir.Table:
    distinct = column.as_table().distinct().to_pyarrow().column(0).drop_null().to_pylist()
    read = [dictionary.read(value) for value in distinct]
    arrays = {f"{dictionary.name}_key": pa.array(distinct, pa.string())}
    for place, (field, kind) in enumerate(dictionary.fields):
        arrays[field] = pa.array([row[place] for row in read], kind)
    return backend.create_table(name, pa.table(arrays), temp=True, overwrite=True)


def divisions_table(backend: Backend, vocabulary: Vocabulary, *, prefix: str) -> ir.Table:
    """Every division that was ever in force, for identity numbers of any year."""
    codes = sorted(vocabulary.places.ever | {"810000", "820000", "830000"})
    return backend.create_table(
        f"{prefix}_divisions", pa.table({"division": codes}), temp=True, overwrite=True
    )
