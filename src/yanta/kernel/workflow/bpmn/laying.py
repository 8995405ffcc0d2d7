"""A drawing for files that have none: left to right by distance from the start, so that every process can be shown."""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy
from math import ceil

from lxml import etree  # type: ignore[import-untyped]  # brings no types

from yanta.kernel.workflow.bpmn.reading import DI, Document, Node, drawn_ids, tag_of
from yanta.kernel.workflow.bpmn.scope import EVENTS, GATEWAYS, Scope, fresh_ids

_DC = "http://www.omg.org/spec/DD/20100524/DC"
_LINE = "http://www.omg.org/spec/DD/20100524/DI"
# Pixels: the width of a label, what a letter and a line take of it.
_LABEL, _LETTER, _LINE_HEIGHT = 90, 6.5, 14
_STEP, _ROW, _LEFT, _TOP = 160, 120, 60, 60
Box = tuple[int, int, int, int]


def with_drawing(document: Document) -> bytes:
    """The file, with a drawing laid out where it brought none."""
    if drawn_ids(document.root):
        return document.written()
    root = deepcopy(document.root)
    processes = [one for one in root if tag_of(one) == "process"]
    if not processes:
        return document.written()
    diagram = etree.SubElement(
        root, f"{{{DI}}}BPMNDiagram", {"id": "drawn"}, nsmap={"bpmndi": DI, "dc": _DC, "di": _LINE}
    )
    plane = etree.SubElement(
        diagram, f"{{{DI}}}BPMNPlane", {"id": "plane", "bpmnElement": str(processes[0].get("id"))}
    )
    _lay(plane, processes[0])
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def give_room(label: Node, name: str) -> None:
    """The place of a label was measured for the name in the file; in it, a longer one would break letter by letter.

    What stood above its node grows upwards; names on flows are left to whoever draws.
    """
    element = label.getparent()
    place, node = label.find(f"{{{_DC}}}Bounds"), element.find(f"{{{_DC}}}Bounds")
    if place is None or node is None:
        element.remove(label)
        return
    x, y, width, height = (float(place.get(side)) for side in ("x", "y", "width", "height"))
    lines = ceil(len(name) * _LETTER / _LABEL)
    place.set("x", f"{x + (width - _LABEL) / 2:g}")
    place.set("width", f"{_LABEL}")
    if y < float(node.get("y")):
        place.set("y", f"{y + height - lines * _LINE_HEIGHT:g}")


def _lay(plane: Node, process: Node) -> None:
    scope = Scope(process, fresh_ids(set()))
    boxes = _boxes(scope)
    for node_id, box in boxes.items():
        shape = etree.SubElement(plane, f"{{{DI}}}BPMNShape", {"id": f"{node_id}_di", "bpmnElement": node_id})
        x, y, width, height = box
        etree.SubElement(
            shape, f"{{{_DC}}}Bounds", {"x": str(x), "y": str(y), "width": str(width), "height": str(height)}
        )
    for flow in scope.flows:
        source, target = boxes.get(str(flow.get("sourceRef"))), boxes.get(str(flow.get("targetRef")))
        if source and target:
            _edge(plane, str(flow.get("id")), source, target)


def _boxes(scope: Scope) -> dict[str, Box]:
    columns: dict[int, list[Node]] = defaultdict(list)
    ranks = _ranks(scope)
    placed: dict[str, Box] = {}
    for node in scope.nodes:
        if tag_of(node) != "boundaryEvent":
            columns[ranks[str(node.get("id"))]].append(node)
    for column, nodes in columns.items():
        for row, node in enumerate(nodes):
            width, height = _size(node)
            middle = _LEFT + column * _STEP + 50, _TOP + row * _ROW + 40
            placed[str(node.get("id"))] = (middle[0] - width // 2, middle[1] - height // 2, width, height)
    for number, node in enumerate(one for one in scope.nodes if tag_of(one) == "boundaryEvent"):
        host = placed.get(str(node.get("attachedToRef")), (_LEFT, _TOP, 100, 80))
        placed[str(node.get("id"))] = (host[0] + 20 + 40 * (number % 2), host[1] + host[3] - 18, 36, 36)
    return placed


def _ranks(scope: Scope) -> dict[str, int]:
    """The longest way from a start, going round no circle."""
    ranks = {str(node.get("id")): 0 for node in scope.nodes}
    ahead: dict[str, list[str]] = defaultdict(list)
    for flow in scope.flows:
        ahead[str(flow.get("sourceRef"))].append(str(flow.get("targetRef")))
    for node in scope.nodes:
        if tag_of(node) == "boundaryEvent":
            ahead[str(node.get("attachedToRef"))] += ahead[str(node.get("id"))]
    starts = [str(node.get("id")) for node in scope.nodes if tag_of(node) == "startEvent"] or list(ranks)[:1]
    waiting = [(start, 0, frozenset[str]()) for start in starts]
    visits = 0
    while waiting and visits < 20_000:
        node, rank, path = waiting.pop()
        visits += 1
        if node not in ranks or node in path or (rank and rank <= ranks[node]):
            continue
        ranks[node] = rank
        waiting += [(target, rank + 1, path | {node}) for target in ahead[node]]
    return ranks


def _size(node: Node) -> tuple[int, int]:
    if tag_of(node) in EVENTS:
        return 36, 36
    return (50, 50) if tag_of(node) in GATEWAYS else (100, 80)


def _edge(plane: Node, flow_id: str, source: Box, target: Box) -> None:
    edge = etree.SubElement(plane, f"{{{DI}}}BPMNEdge", {"id": f"{flow_id}_di", "bpmnElement": flow_id})
    for x, y in _points(source, target):
        etree.SubElement(edge, f"{{{_LINE}}}waypoint", {"x": str(x), "y": str(y)})


def _points(source: Box, target: Box) -> list[tuple[int, int]]:
    """Straight to the right, bent between the columns, or round below when it leads back."""
    start = source[0] + source[2], source[1] + source[3] // 2
    end = target[0], target[1] + target[3] // 2
    if end[0] <= start[0]:
        below = max(source[1] + source[3], target[1] + target[3]) + 30
        left, right = source[0] + source[2] // 2, target[0] + target[2] // 2
        return [(left, source[1] + source[3]), (left, below), (right, below), (right, target[1] + target[3])]
    if start[1] == end[1] and end[0] - start[0] <= _STEP:
        return [start, end]
    middle = end[0] - 24
    return [start, (middle, start[1]), (middle, end[1]), end]
