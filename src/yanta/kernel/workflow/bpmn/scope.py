"""One process or sub-process while it is made ready: its nodes and flows, and the few ways in which they are changed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from lxml import etree  # type: ignore[import-untyped]  # brings no types

from yanta.kernel.workflow.bpmn.reading import MODEL, Node, tag_of

TASKS = {
    "task",
    "manualTask",
    "userTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "businessRuleTask",
    "scriptTask",
}
CONTAINERS = {"subProcess", "transaction", "adHocSubProcess"}
ACTIVITIES = TASKS | CONTAINERS | {"callActivity"}
GATEWAYS = {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
EVENTS = {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS
DEFINITION = "EventDefinition"


class Scope:
    """Nodes by id in the order drawn, and the flows between them."""

    def __init__(self, container: Node, ids: Iterator[str]) -> None:
        self.container = container
        self._ids = ids

    @property
    def nodes(self) -> list[Node]:
        return [node for node in self.container if tag_of(node) in FLOW_NODES]

    @property
    def flows(self) -> list[Node]:
        return [node for node in self.container if tag_of(node) == "sequenceFlow"]

    @property
    def by_id(self) -> dict[str, Node]:
        return {str(node.get("id")): node for node in self.nodes}

    def outgoing(self, node: Node) -> list[Node]:
        return [flow for flow in self.flows if flow.get("sourceRef") == node.get("id")]

    def incoming(self, node: Node) -> list[Node]:
        return [flow for flow in self.flows if flow.get("targetRef") == node.get("id")]

    def remove(self, node: Node) -> None:
        """The node, and the flows that would hang in the air."""
        for flow in (*self.outgoing(node), *self.incoming(node)):
            self.container.remove(flow)
        self.container.remove(node)

    def add(self, tag: str, node_id: str = "", **attributes: str) -> Node:
        return etree.SubElement(self.container, named(tag), id=node_id or next(self._ids), **attributes)

    def connect(self, source: Node, target: Node) -> Node:
        ends = {"sourceRef": str(source.get("id")), "targetRef": str(target.get("id"))}
        return self.add("sequenceFlow", **ends)


def named(tag: str) -> str:
    return f"{{{MODEL}}}{tag}"


def retag(node: Node, tag: str) -> None:
    node.tag = named(tag)


def definitions_of(node: Node) -> list[Node]:
    """What kind of event: `messageEventDefinition`, `timerEventDefinition` …"""
    return [child for child in node if tag_of(child).endswith(DEFINITION)]


def kind_of(definition: Node) -> str:
    return tag_of(definition).removesuffix(DEFINITION)


def children(node: Node, tag: str) -> list[Node]:
    return [child for child in node if tag_of(child) == tag]


def text_of(node: Node | None) -> str:
    return "".join(str(part) for part in node.itertext()).strip() if node is not None else ""


def fresh_ids(taken: set[str]) -> Iterator[str]:
    """Ids for what had none: `yanta_1`, `yanta_2` …, the same for the same file."""
    return (one for number in count(1) if (one := f"yanta_{number}") not in taken)
