"""Gateways made ready: every branch has a condition, is the default, or is chosen by the person who acts before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree  # type: ignore[import-untyped]  # brings no types

from yanta.kernel.workflow.bpmn.conditions import condition
from yanta.kernel.workflow.bpmn.findings import Findings
from yanta.kernel.workflow.bpmn.reading import Node, label, tag_of
from yanta.kernel.workflow.bpmn.scope import GATEWAYS, Scope, children, definitions_of, named, retag, text_of
from yanta.kernel.workflow.conditions import NotACondition

CHOSEN = "chosen_flows"  # the name under which the engine offers the ids of the flows that a person chose
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


@dataclass(frozen=True, slots=True)
class Choice:
    """A way out of a gateway that somebody chooses: `"flow_id" in chosen_flows`."""

    flow_id: str
    name: str


def prepare_gateways(scope: Scope, findings: Findings) -> Iterator[tuple[str, tuple[Choice, ...]]]:
    """Splits that were drawn without a gateway get one; returns what people choose, by gateway."""
    for node in scope.nodes:
        if tag_of(node) not in GATEWAYS and len(scope.outgoing(node)) > 1:
            _split(scope, node, findings)
    for node in scope.nodes:
        tag = tag_of(node)
        if tag in ("exclusiveGateway", "inclusiveGateway"):
            choices = _conditions(scope, node, findings)
            if choices:
                yield str(node.get("id")), choices
        elif tag == "eventBasedGateway":
            _awaited(scope, node, findings)
        elif tag == "complexGateway":
            findings.error("不支持复杂网关，请改用排他、并行或包容网关", node)


def written_condition(flow: Node) -> str:
    return " ".join(text_of(one) for one in children(flow, "conditionExpression")).strip()


def _split(scope: Scope, node: Node, findings: Findings) -> None:
    """Several flows out of a step: all of them, or those whose condition holds."""
    flows = scope.outgoing(node)
    is_open = tag_of(node) not in (
        "startEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
    )
    has_conditions = is_open and (node.get("default") or any(map(_has_condition, flows)))
    tag = "inclusiveGateway" if has_conditions else "parallelGateway"
    gateway = scope.add(tag, f"{node.get('id')}.split", name=label(node))
    findings.note("从这一步直接画出几条线：" + ("按条件分别走" if has_conditions else "几条同时走"), node)
    for flow in flows:
        flow.set("sourceRef", str(gateway.get("id")))
        if has_conditions and not _has_condition(flow) and flow.get("id") != node.get("default"):
            _write_condition(flow, "True")
    if has_conditions and node.get("default"):
        gateway.set("default", str(node.get("default")))
    node.attrib.pop("default", None)
    scope.connect(node, gateway)


def _has_condition(flow: Node) -> bool:
    return bool(children(flow, "conditionExpression"))


def _conditions(scope: Scope, node: Node, findings: Findings) -> tuple[Choice, ...]:
    flows = scope.outgoing(node)
    if len(flows) < 2:
        for flow in flows:
            _drop_condition(flow)
        return ()
    _settle_default(node, flows, findings)
    open_flows = []
    for flow in flows:
        if flow.get("id") == node.get("default"):
            _drop_condition(flow)
        elif written_condition(flow):
            _translate(flow, findings)
        else:
            open_flows.append(flow)
    for flow in open_flows:
        _write_condition(flow, f"{str(flow.get('id'))!r} in {CHOSEN}")
    if open_flows:
        findings.warn("分支没有写条件：由前一步的办理人选择去向", node)
    return tuple(Choice(str(flow.get("id")), _said(scope, flow)) for flow in open_flows)


def _settle_default(node: Node, flows: list[Node], findings: Findings) -> None:
    if node.get("default") and node.get("default") not in {flow.get("id") for flow in flows}:
        findings.warn("默认分支指的不是这里出去的线，已不作默认", node)
        node.attrib.pop("default")
    bare = [flow for flow in flows if not written_condition(flow)]
    if not node.get("default") and len(bare) == 1 and tag_of(node) == "exclusiveGateway":
        findings.note(f"没有写条件的一条（{_name(bare[0])}）作为默认分支", node)
        node.set("default", str(bare[0].get("id")))
    elif not node.get("default") and not bare:
        findings.note("没有默认分支：条件都不成立时流程会停下并说明", node)


def _name(flow: Node) -> str:
    return label(flow) or str(flow.get("id"))


def _said(scope: Scope, flow: Node) -> str:
    target = scope.by_id.get(str(flow.get("targetRef")))
    return label(flow) or (label(target) if target is not None else "") or str(flow.get("id"))


def _translate(flow: Node, findings: Findings) -> None:
    try:
        _write_condition(flow, condition(written_condition(flow)))
    except NotACondition as error:
        findings.error(str(error), flow)


def _drop_condition(flow: Node) -> None:
    for one in children(flow, "conditionExpression"):
        flow.remove(one)


def _write_condition(flow: Node, text: str) -> None:
    _drop_condition(flow)
    etree.SubElement(flow, named("conditionExpression"), {_XSI_TYPE: "tFormalExpression"}).text = text


def _awaited(scope: Scope, node: Node, findings: Findings) -> None:
    """Whichever comes first: one wait, with the events on its border; the ids stay those of the drawing."""
    by_id = scope.by_id
    flows = scope.outgoing(node)
    targets = [by_id[str(flow.get("targetRef"))] for flow in flows]
    if not targets or not all(_can_be_awaited(scope, one) for one in targets):
        findings.error("事件网关后面只能接等待事件（消息、定时、信号、条件）或接收任务", node)
        return
    for flow, target in zip(flows, targets, strict=True):
        scope.container.remove(flow)
        retag(target, "boundaryEvent")
        target.set("attachedToRef", str(node.get("id")))
        target.set("cancelActivity", "true")
    retag(node, "receiveTask")
    for attribute in ("eventGatewayType", "instantiate", "gatewayDirection"):
        node.attrib.pop(attribute, None)


def _can_be_awaited(scope: Scope, node: Node) -> bool:
    is_event = tag_of(node) == "intermediateCatchEvent" and bool(definitions_of(node))
    return is_event and len(scope.incoming(node)) == 1
