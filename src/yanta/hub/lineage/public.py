"""What other packages say to the graph of data and ask of it.

```python
from yanta.hub.lineage import public as lineage


@lineage.provider
def datasets() -> lineage.Graph:
    nodes = [lineage.Node("dataset", f"dataset:{one.code}", one.title, link=f"/sharing/dataset/{one.pk}/")]
    edges = [lineage.Edge("field:student.number", f"dataset:{one.code}", "共享")]
    return nodes, edges


@lineage.tracer("dataset")
def rows(key: str, actor: Actor) -> lineage.Traced | None: ...  # the rows behind a figure, as the actor may see them
```
"""

from yanta.hub.lineage.asof import as_of, difference
from yanta.hub.lineage.graph import impact, whole
from yanta.hub.lineage.shapes import KINDS, Edge, Graph, Node, Traced, provider, tracer

__all__ = [
    "KINDS", "Edge", "Graph", "Node", "Traced", "as_of", "difference", "impact", "provider", "tracer", "whole",
]  # fmt: skip
