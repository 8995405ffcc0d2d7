"""A part of the graph laid out in columns, from source to use, as boxes and curves for an SVG."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from yanta.hub.lineage.graph import Around
from yanta.hub.lineage.shapes import KINDS, Edge, Node

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 196, 46, 72, 12, 12
SWEEPS = 4
TITLE_CHARS = 15


@dataclass(frozen=True, slots=True)
class Box:
    node: Node
    x: int
    y: int
    distance: int

    @property
    def title(self) -> str:
        text = self.node.title
        return text if len(text) <= TITLE_CHARS else f"{text[: TITLE_CHARS - 1]}…"

    @property
    def kind_title(self) -> str:
        return KINDS.get(self.node.kind, self.node.kind)


@dataclass(frozen=True, slots=True)
class Curve:
    path: str
    how: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Drawing:
    boxes: list[Box]
    curves: list[Curve]
    width: int
    height: int


def drawn(found: Around) -> Drawing:
    """Columns by distance; within a column each box near what it is linked with."""
    columns: dict[int, list[str]] = defaultdict(list)
    for key, reached in found.reached.items():
        columns[reached.distance].append(key)
    places = _settled(columns, found.edges)
    tallest = max(len(keys) for keys in columns.values())
    boxes = {}
    for at, distance in enumerate(sorted(columns)):
        free = (tallest - len(columns[distance])) * (HEIGHT + GAP_Y) // 2
        for key in columns[distance]:
            x = MARGIN + at * (WIDTH + GAP_X)
            y = MARGIN + free + places[key] * (HEIGHT + GAP_Y)
            boxes[key] = Box(found.reached[key].node, x, y, distance)
    curves = [_curve(edge, boxes[edge.source_key], boxes[edge.target_key]) for edge in found.edges]
    width = 2 * MARGIN + len(columns) * (WIDTH + GAP_X) - GAP_X
    return Drawing(list(boxes.values()), curves, width, 2 * MARGIN + tallest * (HEIGHT + GAP_Y) - GAP_Y)


def _settled(columns: Mapping[int, list[str]], edges: list[Edge]) -> dict[str, int]:
    """Places within columns after some sweeps towards the middle of one's neighbours."""
    linked: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        linked[edge.source_key].append(edge.target_key)
        linked[edge.target_key].append(edge.source_key)
    places = {key: place for keys in columns.values() for place, key in enumerate(keys)}
    for _ in range(SWEEPS):
        for keys in columns.values():
            keys.sort(key=lambda key: _middle(key, linked, places))
            places.update({key: place for place, key in enumerate(keys)})
    return places


def _middle(key: str, linked: Mapping[str, list[str]], places: Mapping[str, int]) -> float:
    others = linked.get(key, ())
    return sum(places[other] for other in others) / len(others) if others else places[key]


def _curve(edge: Edge, source: Box, target: Box) -> Curve:
    """From the right side of the source to the left side of the target; back edges bow below."""
    x1, y1, x2, y2 = source.x + WIDTH, source.y + HEIGHT // 2, target.x, target.y + HEIGHT // 2
    if source.x >= target.x:
        x1, x2 = source.x + WIDTH // 2, target.x + WIDTH // 2
        bow = max(source.y, target.y) + HEIGHT + 26
        path = f"M{x1},{source.y + HEIGHT} C{x1},{bow} {x2},{bow} {x2},{target.y + HEIGHT}"
    else:
        bend = max(24, (x2 - x1) // 2)
        path = f"M{x1},{y1} C{x1 + bend},{y1} {x2 - bend},{y2} {x2},{y2}"
    return Curve(path, edge.how, edge.source_key, edge.target_key)
