"""Events made ready: messages get names, timers get times, links become flows, compensation becomes a service."""

from __future__ import annotations

from lxml import etree  # type: ignore[import-untyped]  # brings no types

from yanta.kernel.workflow.bpmn import periods
from yanta.kernel.workflow.bpmn.conditions import condition
from yanta.kernel.workflow.bpmn.findings import Findings
from yanta.kernel.workflow.bpmn.reading import Node, label, tag_of
from yanta.kernel.workflow.bpmn.scope import Scope, children, definitions_of, kind_of, named, retag, text_of
from yanta.kernel.workflow.conditions import NotACondition

_TIMES = {"timeDate": periods.is_moment, "timeDuration": periods.is_period, "timeCycle": periods.is_period}
_EVENT_TAGS = {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}


def prepare_events(scope: Scope, findings: Findings, *, is_top: bool) -> None:
    """Every event of the scope, as the engine understands it; what it cannot is said."""
    _links(scope, findings)
    for node in scope.nodes:
        if tag_of(node) not in _EVENT_TAGS:
            continue
        if tag_of(node) == "startEvent" and is_top:
            _start(node, findings)
            continue
        for definition in definitions_of(node):
            _definition(node, definition, findings)
        _bare(node, findings)


def _start(node: Node, findings: Findings) -> None:
    """An instance is started by an operation; what was drawn on the start says only when."""
    for definition in definitions_of(node):
        findings.note("由业务提交来启动，开始事件上画的触发方式不另外等待", node)
        node.remove(definition)


def _definition(node: Node, definition: Node, findings: Findings) -> None:
    kind = kind_of(definition)
    if kind == "timer":
        _timer(node, definition, findings)
    elif kind == "conditional":
        _conditional(node, definition, findings)
    elif kind in ("cancel", "link"):
        findings.error("不支持取消事件" if kind == "cancel" else "链接事件找不到同名的另一端", node)
    elif kind in ("error", "escalation") and tag_of(node) == "startEvent":
        findings.error("事件子流程不能由错误或升级启动，请改用边界事件", node)


def _timer(node: Node, definition: Node, findings: Findings) -> None:
    for tag, is_right in _TIMES.items():
        for time in children(definition, tag):
            written = text_of(time).strip("\"'")
            if written and tag == "timeCycle":
                _cycle(node, time, written, findings)
                return
            if written:
                _written_time(node, time, written, is_right(written), findings)
                return
    said = periods.said(label(node))
    for child in list(definition):
        definition.remove(child)
    if said:
        findings.note(f"定时没有写时间，按名称理解为 {said}", node)
        etree.SubElement(definition, named("timeDuration")).text = f'"{said}"'
        return
    findings.warn("定时没有写时间：等人手工触发", node)
    definition.tag = named("messageEventDefinition")


def _cycle(node: Node, time: Node, written: str, findings: Findings) -> None:
    """Once is a duration; again and again is what deadlines and reminders are for."""
    repeats, _, period = written.partition("/")
    if repeats not in ("R1", "R0") or not periods.is_period(period):
        findings.error(f"不支持循环定时（{written}），请用期限和提醒", node)
        return
    time.tag = named("timeDuration")
    time.text = f'"{period}"'


def _written_time(node: Node, time: Node, written: str, is_right: bool, findings: Findings) -> None:
    for child in list(time):
        time.remove(child)
    if is_right:
        time.text = f'"{written}"'
        return
    try:
        time.text = condition(written)
    except NotACondition:
        findings.error(
            f"时间“{written}”的写法不对：应为 P3D、PT24H、R3/P1D 或 2026-09-01T08:00:00 这样的写法", node
        )


def _conditional(node: Node, definition: Node, findings: Findings) -> None:
    found = children(definition, "condition")
    written = text_of(found[0]) if found else ""
    if not written:
        findings.warn("条件事件没有写条件：等人手工触发", node)
        for child in list(definition):
            definition.remove(child)
        definition.tag = named("messageEventDefinition")
        return
    try:
        found[0].text = condition(written)
    except NotACondition as error:
        findings.error(str(error), node)


def _bare(node: Node, findings: Findings) -> None:
    """Events that were drawn without saying which."""
    if definitions_of(node):
        return
    if tag_of(node) == "boundaryEvent":
        findings.error("边界事件没有画是哪一种（定时、消息、错误……）", node)
    if tag_of(node) == "intermediateCatchEvent":
        findings.warn("中间事件没有画等什么，经过时不停", node)
        retag(node, "intermediateThrowEvent")


def _links(scope: Scope, findings: Findings) -> None:
    """A link is a flow that was too long to draw."""
    linked = [(node, d) for node in scope.nodes for d in definitions_of(node) if kind_of(d) == "link"]
    caught = {_link_name(node, d): node for node, d in linked if tag_of(node) == "intermediateCatchEvent"}
    thrown = [(node, d) for node, d in linked if tag_of(node) == "intermediateThrowEvent"]
    targets = {_link_name(node, d) for node, d in thrown} & set(caught)
    for node, definition in linked:
        if _link_name(node, definition) in targets:
            node.remove(definition)
            retag(node, "intermediateThrowEvent")
    for node, definition in thrown:
        if (name := _link_name(node, definition)) in targets:
            scope.connect(node, caught[name])


def _link_name(node: Node, definition: Node) -> str:
    return definition.get("name") or label(node)
