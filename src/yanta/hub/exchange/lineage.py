"""Where data come from: connections, and the columns of their registered tables."""

from __future__ import annotations

from yanta.hub.exchange.connectors.shapes import KIND_WORDS
from yanta.hub.exchange.models import Connection, Table
from yanta.hub.lineage import public as lineage


@lineage.provider
def columns() -> lineage.Graph:
    """Every connection, and every accepted column as something it delivers."""
    nodes: list[lineage.Node] = []
    edges: list[lineage.Edge] = []
    for row in Connection.objects.select_related("owner"):
        link = f"/exchange/connections/{row.pk}/"
        nodes.append(
            lineage.Node(
                "source", f"source:{row.code}", row.title, link, row.owner.name, row.get_kind_display()
            )
        )
    for table in Table.objects.select_related("connection__owner"):
        found = _columns(table)
        nodes += found
        edges += [lineage.Edge(f"source:{table.connection.code}", node.key, "提供") for node in found]
    return nodes, edges


def _columns(table: Table) -> list[lineage.Node]:
    source, link = table.connection.code, f"/exchange/tables/{table.pk}/preview/"
    return [
        lineage.Node(
            "column", f"column:{source}/{table.name}/{column.name}", f"{table.title or table.name} · {column.name}",
            link, table.connection.owner.name, KIND_WORDS[column.kind],
        )
        for column in table.accepted.columns
    ]  # fmt: skip
