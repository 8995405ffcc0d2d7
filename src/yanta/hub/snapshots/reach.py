"""Frozen rows within the rights of now: whose unit one reaches, or whose row is one's own."""

from __future__ import annotations

import ibis

from yanta.hub.subjects import Subject
from yanta.kernel.base import Actor
from yanta.kernel.base.scope import permission_of


def visible(table: ibis.Table, subject: Subject, actor: Actor) -> ibis.Table:
    """The rows of a frozen table that the actor may see; what the unit was then counts, for it was its row then."""
    permission = permission_of(subject.model, "view")
    reach = actor.reach(permission)
    if reach.nothing:
        return table.filter(ibis.literal(value=False))
    if reach.everything or subject.model.org_path is None:
        return table
    parts = [table.unit_path.startswith(path).fill_null(False) for path in reach.paths]
    if reach.own:
        own = list(subject.rows(actor, permission).values_list("pk", flat=True)[:1000])
        parts.append(table.id.isin(own))
    return table.filter(ibis.or_(*parts)) if parts else table.filter(ibis.literal(value=False))


def shown_fields(subject: Subject, wanted: list[str]) -> list[str]:
    """What a list of rows shows: the key, the name, the unit, and what was asked for; never what is sealed."""
    names = [field.name for field in subject.fields]
    first = [subject.key, "name", "department_name"]
    found = [name for name in (*first, *wanted) if name in names and not subject.field(name).is_sealed]
    return list(dict.fromkeys(found))
