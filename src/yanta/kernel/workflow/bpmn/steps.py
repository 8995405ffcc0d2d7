"""Steps made ready: what people do, what the machine does, what is called, what undoes what."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import replace

from yanta.kernel.workflow.bpmn.findings import Findings
from yanta.kernel.workflow.bpmn.reading import Node, tag_of
from yanta.kernel.workflow.bpmn.scope import (
    ACTIVITIES,
    CONTAINERS,
    FLOW_NODES,
    Scope,
    children,
    definitions_of,
    kind_of,
    retag,
)
from yanta.kernel.workflow.bpmn.settings import NAMESPACE, NodeSettings

COMPENSATE = (
    "compensate"  # the service that a compensation event calls: the undoing steps of what is done, in reverse
)
_HUMAN = ("userTask", "manualTask", "task")
Settings = MutableMapping[str, NodeSettings]


def prepare_steps(
    scope: Scope, may_call: Callable[[str], str], settings: Settings, findings: Findings
) -> dict[str, str]:
    """Every activity as the engine understands it (`may_call` answers `process`, `task` or ""); returns what undoes what, by the id of the activity undone."""
    undoing = _compensations(scope, settings, findings)
    for node in scope.nodes:
        if tag_of(node) in ACTIVITIES:
            _loop(node, findings)
            _STEPS[tag_of(node)](scope, node, settings, findings)
            if tag_of(node) == "callActivity":
                _call(node, may_call, findings)
    return undoing


def _human(_scope: Scope, node: Node, settings: Settings, findings: Findings) -> None:
    said = settings[str(node.get("id"))]
    if not said.assignees and not said.operation:
        findings.warn("没有写由谁办理，将交给流程负责人", node)
    retag(node, "userTask")


def _service(_scope: Scope, node: Node, settings: Settings, findings: Findings) -> None:
    said = settings[str(node.get("id"))]
    if not said.service and not said.operation:
        findings.warn("没有写自动做什么，经过时只记一行", node)
    retag(node, "serviceTask")


def _receive(_scope: Scope, node: Node, _settings: Settings, _findings: Findings) -> None:
    retag(node, "receiveTask" if node.get("messageRef") else "intermediateCatchEvent")
    if not node.get("messageRef"):
        node.append(node.makeelement(node.tag.replace("intermediateCatchEvent", "messageEventDefinition")))


def _script(_scope: Scope, node: Node, _settings: Settings, findings: Findings) -> None:
    findings.error("不执行脚本，请改用“自动动作”并选择一个已登记的动作", node)


def _sub_process(scope: Scope, node: Node, _settings: Settings, findings: Findings) -> None:
    if tag_of(node) != "subProcess":
        findings.error(
            "不支持事务子流程" if tag_of(node) == "transaction" else "不支持随意（ad hoc）子流程", node
        )
        return
    if not any(tag_of(child) in FLOW_NODES for child in node):
        findings.warn("子流程里什么也没有画，当作一步办理", node)
        retag(node, "userTask")
        return
    if node.get("triggeredByEvent") != "true":
        node.attrib.pop("triggeredByEvent", None)  # the engine takes any value of it for true
        return
    starts = [d for child in children(node, "startEvent") for d in definitions_of(child)]
    if not starts:
        findings.error("事件子流程的开始事件没有画由什么触发", node)


def _call_activity(_scope: Scope, _node: Node, _settings: Settings, _findings: Findings) -> None:
    """Judged by `_call`, which knows what may be called."""


_STEPS = {
    **dict.fromkeys(_HUMAN, _human),
    **dict.fromkeys(("serviceTask", "sendTask", "businessRuleTask"), _service),
    **dict.fromkeys(CONTAINERS, _sub_process),
    "receiveTask": _receive,
    "scriptTask": _script,
    "callActivity": _call_activity,
}


def _call(node: Node, may_call: Callable[[str], str], findings: Findings) -> None:
    called = node.get("calledElement") or ""
    if not called or may_call(called) == "task":
        findings.warn(
            "调用的是全局任务，当作一步办理" if called else "没有写调用哪个流程，当作一步办理", node
        )
        retag(node, "userTask")
    elif not may_call(called):
        findings.error(f"调用的流程 {called} 不在这个文件里，也没有发布", node)
    else:
        node.set("calledElement", called.rpartition(":")[2])


def _loop(node: Node, findings: Findings) -> None:
    for child in list(node):
        if tag_of(child) == "multiInstanceLoopCharacteristics":
            findings.error("不执行多实例；几个人办同一步请用“会签”设置", node)
            node.remove(child)
        elif tag_of(child) == "standardLoopCharacteristics":
            findings.error("不执行循环标记；请画一条有条件的线回到这一步", node)
            node.remove(child)


def _compensations(scope: Scope, settings: Settings, findings: Findings) -> dict[str, str]:
    """Throwing compensation becomes a service; what undoes a step stands beside the flow and is kept by its id."""
    undoing: dict[str, str] = {}
    for node in scope.nodes:
        if tag_of(node) != "startEvent" and _is_compensation(node):
            _compensation(scope, node, settings, undoing)
    for node in scope.nodes:
        if node.get("triggeredByEvent") == "true" and any(
            map(_is_compensation, children(node, "startEvent"))
        ):
            findings.note("补偿按已完成步骤的倒序执行，这个补偿子流程只作图示", node)
            scope.remove(node)
        elif node.get("isForCompensation") == "true":
            scope.remove(node)
    _undo_by_operation(scope, undoing, settings)
    return undoing


def _is_compensation(node: Node) -> bool:
    return any(kind_of(definition) == "compensate" for definition in definitions_of(node))


def _compensation(scope: Scope, node: Node, settings: Settings, undoing: dict[str, str]) -> None:
    if tag_of(node) == "boundaryEvent":
        _undone_by(scope, node, undoing)
        scope.remove(node)
    elif tag_of(node) in ("intermediateThrowEvent", "endEvent"):
        _throw(scope, node, settings)


def _undo_by_operation(scope: Scope, undoing: dict[str, str], settings: Settings) -> None:
    by_id = scope.by_id
    for activity, handler in undoing.items():
        if activity in by_id and handler in settings and (operation := settings[handler].operation):
            settings[activity] = replace(settings[activity], compensate=operation)
            by_id[activity].set(f"{{{NAMESPACE}}}compensate", operation)


def _undone_by(scope: Scope, event: Node, undoing: dict[str, str]) -> None:
    for line in children(scope.container, "association"):
        if line.get("sourceRef") == event.get("id"):
            undoing[str(event.get("attachedToRef"))] = str(line.get("targetRef"))


def _throw(scope: Scope, node: Node, settings: Settings) -> None:
    """`activityRef` limits it to one step; without, everything done in the scope is undone."""
    node_id = str(node.get("id"))
    for definition in definitions_of(node):
        only = definition.get("activityRef") or ""
        node.remove(definition)
    service = f"{COMPENSATE}:{only}" if only else COMPENSATE
    settings[node_id] = replace(settings[node_id], service=service)
    node.set(f"{{{NAMESPACE}}}service", service)
    if tag_of(node) == "endEvent":
        scope.connect(node, scope.add("endEvent"))
    retag(node, "serviceTask")
