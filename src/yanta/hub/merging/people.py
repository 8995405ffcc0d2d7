"""Which population a person belongs to now: the standing that the strongest row gives."""

from __future__ import annotations

import ibis
from ibis import ir

# From the strongest standing down. The office that keeps a role speaks before those that only repeat it:
# someone retired still holds a staff card, a graduate still has a student account.
_STANDINGS: tuple[tuple[str, str], ...] = (
    ("staff_home", "教职工"),
    ("retired_home", "离退休"),
    ("graduate_home", "研究生"),
    ("undergraduate_home", "本科生"),
    ("former", "校友"),
    ("retired", "离退休"),
    ("staff", "教职工"),
    ("graduate", "研究生"),
    ("undergraduate", "本科生"),
    ("finished", "校友"),
    ("graduate_undated", "研究生"),
    ("undergraduate_undated", "本科生"),
    ("other", "其他"),
)
_RANKS = {standing: rank for rank, (standing, _) in enumerate(_STANDINGS)}


def standing_of(t: ir.Table) -> ir.StringValue:
    """What a row says of the person's standing."""
    personnel = t.source == "personnel"
    academic = t.source.isin(["academic", "student_affairs"])
    employed = t.role.isin(["staff", "contract"])
    student = t.role.isin(["undergraduate", "student"])
    # A category without an expiry date is as old as its last change: it never outweighs an expired card.
    dated = t.source.isin(["card", "library"])
    return ibis.cases(
        (personnel & employed & t.is_current, "staff_home"),
        (personnel & t.role.isin(["retired", "rehired"]), "retired_home"),
        ((t.source == "graduate") & t.is_current, "graduate_home"),
        # The office that taught a student who withdrew remains the authority on them.
        (academic & (t.population == "本科生"), "undergraduate_home"),
        (personnel | academic | (t.source == "graduate") | (t.source == "alumni"), "former"),
        (t.role.isin(["retired", "rehired"]), "retired"),
        (employed & t.is_current, "staff"),
        ((t.role == "graduate") & t.is_current, ibis.ifelse(dated, "graduate", "graduate_undated")),
        (student & t.is_current, ibis.ifelse(dated, "undergraduate", "undergraduate_undated")),
        (student | t.role.isin(["graduate", "alumnus", "left"]) | employed, "finished"),
        else_="other",
    )


def with_standing(rows: ir.Table) -> ir.Table:
    """Rows with the rank of their standing."""
    standing = standing_of(rows)
    return rows.mutate(
        standing=ibis.cases(*((standing == key, rank) for key, rank in _RANKS.items()), else_=99)
    )


def populations(rows: ir.Table) -> ir.Table:
    """person_key and population, one line a person."""
    best = rows.group_by("person_key").agg(best=rows.standing.min())
    named = ibis.cases(*((best.best == _RANKS[key], name) for key, name in _STANDINGS), else_="其他")
    return best.select("person_key", population=named)
