"""What of a drawing a matter has walked: the flows between what is done, through gateways and events that nobody acts at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from yanta.kernel.workflow.bpmn.reading import Document, elements, tag_of
from yanta.kernel.workflow.bpmn.scope import FLOW_NODES, TASKS

_STOPS = TASKS | {"callActivity"}


@dataclass(frozen=True, slots=True)
class Walked:
    nodes: frozenset[str]
    flows: frozenset[str]


def walked(
    document: Document, *, done: Collection[str], now: Collection[str], is_over: bool = False
) -> Walked:
    """From the start and from every step done, whatever leads to another step done, to where it stands, or to the end."""
    reached = set(done) | set(now)
    flows = [one for one in elements(document.root) if tag_of(one) == "sequenceFlow"]
    tags = {str(one.get("id")): tag_of(one) for one in elements(document.root) if tag_of(one) in FLOW_NODES}
    passed = {node for node, tag in tags.items() if tag == "startEvent"} | set(done)
    leads = _leading(tags, flows, reached, is_over=is_over)
    nodes, taken = set(passed), set()
    waiting = list(passed)
    while waiting:
        node = waiting.pop()
        for flow in flows:
            target = str(flow.get("targetRef"))
            if flow.get("sourceRef") != node or target not in leads:
                continue
            taken.add(str(flow.get("id")))
            if target not in nodes and target not in now and tags.get(target) not in _STOPS:
                waiting.append(target)
            nodes.add(target)
    return Walked(frozenset(nodes), frozenset(taken))


def _leading(tags: dict[str, str], flows: list[object], reached: set[str], *, is_over: bool) -> set[str]:
    """Nodes that are reached, and those between which lead to one."""
    found = set(reached) | {node for node, tag in tags.items() if is_over and tag == "endEvent"}
    changed = True
    while changed:
        changed = False
        for flow in flows:
            source, target = flow.get("sourceRef"), flow.get("targetRef")  # type: ignore[attr-defined]  # lxml has no types
            if target in found and source not in found and tags.get(source) not in _STOPS:
                found.add(source)
                changed = True
    return found
