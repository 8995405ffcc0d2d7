"""What pipelines say to the graph of data: from columns through pipelines into fields."""

from __future__ import annotations

from yanta.hub.lineage import public as lineage
from yanta.hub.pipelines.documents import MODES, Document
from yanta.hub.pipelines.models import Version


@lineage.provider
def pipelines() -> lineage.Graph:
    """Every published version: its source, the columns it reads, the fields it writes."""
    nodes: list[lineage.Node] = []
    edges: list[lineage.Edge] = []
    published = Version.objects.filter(status=Version.Status.PUBLISHED, pipeline__is_active=True)
    for version in published.select_related("pipeline__owner"):
        one, document = version.pipeline, Document.of(version.document)
        here, source = f"pipeline:{one.code}", f"source:{one.connection}"
        nodes.append(
            lineage.Node(
                "pipeline",
                here,
                one.title,
                f"/pipelines/of/{one.code}/",
                one.owner.name,
                f"第 {version.number} 版",
            )
        )
        for name in document.source_columns:
            column = f"column:{one.connection}/{one.table}/{name}"
            nodes.append(
                lineage.Node(
                    "column", column, name, f"/pipelines/of/{one.code}/mapping/", one.owner.name, one.table
                )
            )
            edges += [lineage.Edge(source, column), lineage.Edge(column, here)]
        edges += [
            lineage.Edge(here, f"field:{one.subject}.{pair.field}", MODES[pair.mode])
            for pair in document.confirmed
        ]
        edges += [
            lineage.Edge(here, f"field:{one.subject}.{match.field}", "匹配") for match in document.matches
        ]
    return nodes, edges
