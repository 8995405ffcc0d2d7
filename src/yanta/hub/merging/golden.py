"""The golden record: for each person and element the value of the first authority that has one."""

from __future__ import annotations

import ibis
import pyarrow as pa
from ibis import ir
from ibis.backends.duckdb import Backend

from yanta.hub.merging.authority import Authority
from yanta.hub.merging.people import populations, with_standing

GOLDEN = pa.schema(
    [
        ("person_key", pa.string()),
        ("element", pa.string()),
        ("value", pa.string()),
        ("row_id", pa.int64()),
        ("source", pa.string()),
        ("rank", pa.int32()),
        ("basis", pa.string()),
    ]
)

# Numbers given for a time (rehiring, contract) stand in other_no and so never become a staff number.
_COLUMNS = {
    "birth_date": "birth_on",
}


def rules_table(backend: Backend, authority: Authority, *, name: str = "authority") -> ir.Table:
    """The authority table for joining."""
    rules = authority.rules
    table = pa.table(
        {
            "element": [rule.element for rule in rules],
            "population": [rule.population for rule in rules],
            "source": [rule.source for rule in rules],
            "rank": pa.array([rule.rank for rule in rules], pa.int32()),
        }
    )
    return backend.create_table(name, table, temp=True, overwrite=True)


def _stated(rows: ir.Table, element: str) -> ir.StringValue:
    """The element's value where the row may speak for it; null where it may not."""
    column = rows[_COLUMNS.get(element, element)]
    none = ibis.null("string")
    if element == "name":
        return ibis.ifelse(rows.name_lossy, none, column)
    if element in ("id_no", "id_type"):
        sound = rows.id_valid if element == "id_no" else rows.id_no.notnull() | rows.id_type.notnull()
        return ibis.ifelse(sound, column, none)
    return column.cast("string")


def stated_values(rows: ir.Table, elements: tuple[str, ...]) -> ir.Table:
    """Row, element and value, long."""
    known = [element for element in elements if _COLUMNS.get(element, element) in rows.columns]
    pairs = [ibis.struct({"element": element, "value": _stated(rows, element)}) for element in known]
    long = rows.select(
        "row_id", "person_key", "source", "row_population", "standing", "recency", pair=ibis.array(pairs)
    ).unnest("pair")
    return long.mutate(element=long.pair["element"], value=long.pair["value"]).drop("pair").drop_null("value")


def golden_values(backend: Backend, clean: ir.Table, matched: ir.Table, authority: Authority) -> ir.Table:
    """GOLDEN: best rank first; within a source the row of the person's own standing, then the latest."""
    rows = with_standing(clean.inner_join(matched.select("row_id", "person_key"), "row_id"))
    people = populations(rows).rename(person_population="population")
    rows = rows.mutate(row_population=rows.population, recency=_recency(rows))
    ranked = rows.inner_join(people, "person_key")
    long = stated_values(rows, authority.elements).inner_join(
        ranked.select("row_id", "person_population"), "row_id"
    )
    rules = rules_table(backend, authority)
    candidates = long.inner_join(
        rules,
        [
            long.element == rules.element,
            long.person_population == rules.population,
            long.source == rules.source,
        ],
    ).select(*long.columns, "rank")
    own = candidates.row_population == candidates.person_population
    window = ibis.window(
        group_by=["person_key", "element"],
        order_by=[
            candidates["rank"],
            ibis.desc(own),
            candidates.standing,
            ibis.desc(candidates.recency),
            ibis.desc(candidates.row_id),
        ],
    )
    best = candidates.mutate(place=ibis.row_number().over(window)).filter(ibis._.place == 0)
    return _as_golden(best)


def _recency(rows: ir.Table) -> ir.DateValue:
    """When the row was last true: its record date, else the day or year the capacity began."""
    year = (ibis.coalesce(rows.entry_year, rows.grade_year).cast("string") + "-01-01").try_cast("date")
    return ibis.coalesce(rows.recorded_on, rows.entry_on, year, ibis.date(1900, 1, 1))


def _as_golden(best: ir.Table) -> ir.Table:
    """Basis: the first authority itself, or the rank it fell back to."""
    return best.select(
        "person_key",
        "element",
        "value",
        "row_id",
        "source",
        rank=best["rank"].cast("int32"),
        basis=ibis.ifelse(best["rank"] == 1, "authority", "fallback"),
    )
