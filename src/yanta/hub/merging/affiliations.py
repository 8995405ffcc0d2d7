"""A person's capacities over time: role, unit, number, from and to."""

from __future__ import annotations

import ibis
import pyarrow as pa
from ibis import ir

AFFILIATIONS = pa.schema(
    [
        ("person_key", pa.string()),
        ("role", pa.string()),
        ("org_code", pa.string()),
        ("number", pa.string()),
        ("from_year", pa.int32()),
        ("to_year", pa.int32()),
        ("is_current", pa.bool_()),
        ("source", pa.string()),
        ("row_id", pa.int64()),
    ]
)

# The office that keeps the capacity is believed on it before those that repeat it.
_HOMES = ("personnel", "graduate", "academic", "student_affairs", "admissions", "alumni")


def affiliations(clean: ir.Table, matched: ir.Table) -> ir.Table:
    """One line for each person, role and number, as the best source states it."""
    rows = clean.inner_join(matched.select("row_id", "person_key"), "row_id")
    # A rehiring or contract number is personnel's; elsewhere such numbers belong to the account, not the capacity.
    given = ibis.ifelse(rows.source == "personnel", rows.other_no, ibis.null("string"))
    number = ibis.coalesce(rows.staff_no, rows.grad_no, rows.ug_no, given)
    kind = ibis.cases(
        (rows.grad_no.notnull(), "graduate"),
        (rows.ug_no.notnull(), "undergraduate"),
        ((rows.role == "alumnus") & rows.level.isin(["硕士", "博士"]), "graduate"),
        (rows.role.isin(["student", "alumnus"]), "undergraduate"),
        else_=rows.role,
    )
    rows = rows.mutate(number=number, kind=kind).filter(~kind.isin(["unknown"]))
    rank = ibis.cases(*((rows.source == home, place) for place, home in enumerate(_HOMES)), else_=9)
    window = ibis.window(
        group_by=["person_key", "kind", "number"],
        order_by=[rank, ibis.desc(rows.recorded_on), rows.row_id],
    )
    numbered = rows.filter(rows.number.notnull() | rows.source.isin(_HOMES))
    first = numbered.mutate(place=ibis.row_number().over(window)).filter(ibis._.place == 0)
    return first.select(
        "person_key",
        "org_code",
        "number",
        "is_current",
        "source",
        "row_id",
        role=first.kind,
        from_year=first.entry_year,
        to_year=first.leave_year,
    ).select(*AFFILIATIONS.names)
