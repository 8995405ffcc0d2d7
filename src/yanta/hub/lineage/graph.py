"""The whole graph of data out of what the packages say, and the part of it around one node."""

from __future__ import annotations

import logging
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.db import transaction

from yanta.hub.lineage.shapes import KINDS, Edge, Node, providers

log = logging.getLogger(__name__)
KEPT_SECONDS = 60
UNKNOWN = "other"
MOST_NODES = 90
Links = Mapping[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Whole:
    """Every node, and the edges both ways: key → (other key, how)."""

    nodes: Mapping[str, Node]
    down: Links
    up: Links
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reached:
    """A node at a distance from where one stands: below it positive, above it negative."""

    node: Node
    distance: int
    how: str
    via: str


@dataclass
class Around:
    """What lies around a node: nodes with their distance, the edges between them, how many were left out."""

    centre: Node
    reached: dict[str, Reached] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    left_out: int = 0


def built(found: Iterable[tuple[Iterable[Node], Iterable[Edge]]], silent: Iterable[str] = ()) -> Whole:
    """Nodes once each, edges once each; an edge to a node that nobody describes gives it a bare one."""
    nodes: dict[str, Node] = {}
    edges: dict[tuple[str, str], str] = {}
    for some_nodes, some_edges in found:
        for node in some_nodes:
            nodes.setdefault(node.key, node if node.kind in KINDS else replace(node, kind=UNKNOWN))
        for edge in some_edges:
            if edge.source_key != edge.target_key:
                edges.setdefault((edge.source_key, edge.target_key), edge.how)
    down: dict[str, list[tuple[str, str]]] = defaultdict(list)
    up: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for (source, target), how in edges.items():
        for key in (source, target):
            nodes.setdefault(key, _bare(key))
        down[source].append((target, how))
        up[target].append((source, how))
    return Whole(nodes, dict(down), dict(up), tuple(silent))


def _bare(key: str) -> Node:
    kind, _, name = key.partition(":")
    return Node(kind if kind in KINDS else UNKNOWN, key, name or key)


_whole: tuple[float, Whole] | None = None


def whole() -> Whole:
    """The graph as of a minute ago at most; a package whose provider fails is named, the others stay."""
    global _whole
    if _whole is None or time.monotonic() - _whole[0] > KEPT_SECONDS:
        _whole = (time.monotonic(), _gathered())
    return _whole[1]


def forget() -> None:
    """Gather anew at the next question."""
    global _whole
    _whole = None


def _gathered() -> Whole:
    found, silent = [], []
    for provider in providers():
        try:
            # A provider whose question fails must not spoil the transaction that others ask in.
            with transaction.atomic():
                nodes, edges = provider()
                found.append((list(nodes), list(edges)))
        except Exception:
            log.exception("lineage of %s", provider.__module__)
            silent.append(provider.__module__)
    return built(found, silent)


def search(graph: Whole, text: str, kind: str = "", most: int = 60) -> list[Node]:
    """Nodes whose title, key, owner or note has every word; where it begins so, first."""
    words = [word for word in text.lower().split() if word]
    found = [
        node
        for node in graph.nodes.values()
        if (not kind or node.kind == kind)
        and all(word in f"{node.title} {node.key} {node.owner} {node.note}".lower() for word in words)
    ]
    first = words[0] if words else ""
    order = list(KINDS)
    return sorted(
        found, key=lambda node: (not node.title.lower().startswith(first), order.index(node.kind), node.title)
    )[:most]


def around(graph: Whole, key: str, *, up: int, down: int, most: int = MOST_NODES) -> Around | None:
    """The nodes within so many steps against and with the flow, nearest first."""
    if key not in graph.nodes:
        return None
    found = Around(graph.nodes[key])
    found.reached[key] = Reached(found.centre, 0, "", "")
    for links, steps, sign in ((graph.up, up, -1), (graph.down, down, 1)):
        for reached in walk(graph, key, links, steps):
            if reached.node.key in found.reached:
                continue
            if len(found.reached) >= most:
                found.left_out += 1
                continue
            found.reached[reached.node.key] = Reached(
                reached.node, sign * reached.distance, reached.how, reached.via
            )
    found.edges = [
        Edge(source, target, how)
        for source in found.reached
        for target, how in graph.down.get(source, ())
        if target in found.reached
    ]
    return found


def walk(graph: Whole, key: str, links: Links, steps: int) -> Iterable[Reached]:
    """Breadth first along the links; each node once, at its least distance."""
    seen, waiting = {key}, deque([(key, 0)])
    while waiting:
        here, distance = waiting.popleft()
        if distance == steps:
            continue
        for other, how in sorted(links.get(here, ())):
            if other not in seen:
                seen.add(other)
                waiting.append((other, distance + 1))
                yield Reached(graph.nodes[other], distance + 1, how, here)


def impact(graph: Whole, key: str) -> list[Reached]:
    """Everything that a change of the node reaches, nearest first, then in the order of the flow."""
    order = list(KINDS)
    found = walk(graph, key, graph.down, len(graph.nodes))
    return sorted(found, key=lambda one: (one.distance, order.index(one.node.kind), one.node.title))
