"""How the region stands after a package: figures of the node counted anew, one person in two schools found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from yanta.hub.nodes import feedback
from yanta.hub.nodes.contracts import Contract
from yanta.hub.nodes.models import Figure, HeldRow, Node, SharedPerson


def count_anew(node_id: int, agreed: Contract) -> None:
    """Totals and dimensions of one node's subject: one school is scanned, never the province."""
    Figure.objects.filter(node_id=node_id, subject=agreed.subject).delete()
    field, codes = agreed.present
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            [node_id, agreed.subject, agreed.measure, ["", *agreed.dimensions], node_id, agreed.subject,
             list(codes), field, field, list(codes)],
        )  # fmt: skip
    held = HeldRow.objects.filter(node_id=node_id, subject=agreed.subject, state=HeldRow.State.OPEN).count()
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [node_id, agreed.subject, held, node_id, agreed.subject])


# One pass for all dimensions; who has left counts in the dimension that says so, and in no other.
_COUNT = """
INSERT INTO nodes_figure (node_id, subject, dimension, value, rows, amount)
SELECT %s, %s, d.dimension, coalesce(left(r.data ->> d.dimension, 60), ''), count(*),
    coalesce(sum(CASE WHEN r.data ->> m.name ~ '^[0-9]{1,15}([.][0-9]+)?$' THEN (r.data ->> m.name)::numeric END), 0)
FROM (SELECT %s::text AS name) m, unnest(%s::text[]) AS d (dimension), nodes_regionalrow r
WHERE r.node_id = %s AND r.subject = %s
  AND (cardinality(%s::text[]) = 0 OR d.dimension = %s OR r.data ->> %s = ANY(%s)) GROUP BY 3, 4"""
_ROWS = """
UPDATE nodes_holding SET rows = (
    SELECT count(*) FROM nodes_regionalrow WHERE node_id = %s AND subject = %s
), held = %s WHERE node_id = %s AND subject = %s"""


def find_shared(node_id: int, agreed: Contract, *, at: datetime) -> None:
    """Who of this node is now also elsewhere, and who no longer is; both schools are told."""
    if not agreed.identity:
        return
    open_ = SharedPerson.objects.filter(subject=agreed.subject, state=SharedPerson.State.OPEN)
    known = {bytes(one.identity): one for one in open_ if any(p["node"] == node_id for p in one.places)}
    field, codes = agreed.present
    with connection.cursor() as cursor:
        cursor.execute(_SHARED, [agreed.subject, list(known), field, list(codes)])
        found = {bytes(identity): orjson.loads(places) for identity, places in cursor.fetchall()}
    for identity, places in found.items():
        _note(agreed.subject, identity, places, at)
    for identity, one in known.items():
        if identity not in found:
            _gone(one, at)


_SHARED = """
SELECT r.identity, jsonb_agg(jsonb_build_object('node', r.node_id, 'key', r.key, 'name', r.data ->> 'name') ORDER BY r.node_id, r.key)::text
FROM nodes_regionalrow r
WHERE r.subject = %s AND r.identity IN (
    SELECT identity FROM nodes_stage WHERE identity IS NOT NULL UNION SELECT unnest(%s::bytea[])
) AND r.data ->> %s = ANY(%s)
GROUP BY r.identity HAVING count(DISTINCT r.node_id) > 1"""


def _note(subject: str, identity: bytes, places: list[dict[str, Any]], at: datetime) -> None:
    names = Node.objects.in_bulk([place["node"] for place in places])
    told = [{**place, "school": names[place["node"]].name} for place in places]
    where = "、".join(dict.fromkeys(place["school"] for place in told))
    one, is_new = SharedPerson.objects.get_or_create(
        subject=subject, identity=identity,
        defaults={"name": places[0]["name"] or "", "places": told, "where": where[:300], "found_at": at},
    )  # fmt: skip
    if not is_new and one.places == told and one.state != SharedPerson.State.GONE:
        return
    one.places, one.where = told, where[:300]
    if one.state == SharedPerson.State.GONE:
        one.state, one.ended_at, one.found_at = SharedPerson.State.OPEN, None, at
    one.save()
    for place in told:
        others = "、".join(f"{p['school']}（{p['key']}）" for p in told if p["node"] != place["node"])
        feedback.tell_shared(place["node"], subject, place["key"], f"证件号同时见于{others}，请核实", at=at)


def _gone(one: SharedPerson, at: datetime) -> None:
    one.state, one.ended_at = SharedPerson.State.GONE, at
    one.save()
    for place in one.places:
        feedback.tell_closed(
            place["node"], one.subject, [place["key"]], "已不再跨校重复", at=at, kind="shared"
        )
