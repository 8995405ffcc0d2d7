"""A drawing made ready to run: the part of it that the engine executes, and everything that must be said of the rest.

```python
ready = prepare(read(content))
ready.xml           # what SpiffWorkflow's parser gets: one process (with those it calls), normalised
ready.settings      # {node id: NodeSettings}
ready.findings      # what is refused, with id, name and reason; ready.is_runnable when none is an error
```

`ready.xml` keeps Yanta's own attributes. The file itself is never changed: export gives back what came in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from lxml import etree  # type: ignore[import-untyped]  # brings no types

from yanta.kernel.base import Refused
from yanta.kernel.workflow.bpmn.decisions import Decision, decisions_in
from yanta.kernel.workflow.bpmn.events import prepare_events
from yanta.kernel.workflow.bpmn.findings import Finding, Findings, errors
from yanta.kernel.workflow.bpmn.gateways import Choice, prepare_gateways
from yanta.kernel.workflow.bpmn.reading import MODEL, Document, Node, elements, label, tag_of
from yanta.kernel.workflow.bpmn.scope import CONTAINERS, FLOW_NODES, Scope, fresh_ids, named
from yanta.kernel.workflow.bpmn.settings import NAMESPACE, NodeSettings, ProcessSettings, SettingError
from yanta.kernel.workflow.bpmn.steps import prepare_steps

MAX_NODES = 150  # of one process or sub-process: the engine's parser walks a path by recursion
_OURS = f"{{{NAMESPACE}}}"
_NAMED = {"message", "signal", "error", "escalation"}
_REFERENCES = ("messageRef", "signalRef", "errorRef", "escalationRef")
_REFUSED_ROOTS = {"choreography": "编排图", "globalChoreographyTask": "编排图", "conversation": "会话图"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """`choices`: gateways whose way out a person chooses; `compensations`: by activity, the step that undoes it."""

    xml: bytes
    process_id: str
    name: str
    settings: Mapping[str, NodeSettings]
    process: ProcessSettings
    findings: tuple[Finding, ...]
    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    compensations: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)

    @property
    def is_runnable(self) -> bool:
        return not errors(self.findings)


def prepare(document: Document, *, process_id: str = "", known: Collection[str] = ()) -> Prepared:
    """The process of this id, else the executable one, else the largest; `known` are published processes it may call."""
    return _Preparation(document, known).run(process_id)


class _Preparation:
    """Working on a copy that holds only what runs."""

    def __init__(self, document: Document, known: Collection[str]) -> None:
        self.document, self.known = document, known
        self.findings = Findings()
        self.ids = fresh_ids({one for node in elements(document.root) if (one := node.get("id"))})
        self.settings: dict[str, NodeSettings] = {}
        self.choices: dict[str, tuple[Choice, ...]] = {}
        self.compensations: dict[str, str] = {}
        self.decisions: dict[str, Decision] = {}
        self.root = etree.Element(named("definitions"), id="ready", nsmap={None: MODEL, "yanta": NAMESPACE})

    def run(self, process_id: str) -> Prepared:
        for remark in self.document.remarks:
            self.findings.note(remark)
        chosen = self._chosen(process_id)
        if chosen is None:
            return self._prepared(None)
        self._duplicates()
        self._definitions()
        self._decisions()
        for process in self._with_called(chosen):
            self._process(process)
        return self._prepared(chosen)

    def _chosen(self, process_id: str) -> Node | None:
        self._refuse_other_diagrams()
        processes = [one for one in self.document.processes if _size(one)]
        if not processes:
            self.findings.error("文件里没有流程（process），或流程里没有任何步骤")
            return None
        asked = [one for one in processes if one.get("id") == process_id]
        if process_id and not asked:
            self.findings.error(f"文件里没有编号为 {process_id} 的流程")
            return None
        if asked:
            return asked[0]
        chosen = max(processes, key=lambda one: (one.get("isExecutable") == "true", _size(one)))
        others = "、".join(label(one) or str(one.get("id")) for one in processes if one is not chosen)
        if others:
            count = len(processes)
            self.findings.note(f"文件里有 {count} 个流程，执行这一个；其余（{others}）只作图示", chosen)
        return chosen

    def _refuse_other_diagrams(self) -> None:
        for node in self.document.root:
            if tag_of(node) in _REFUSED_ROOTS:
                self.findings.error(f"不执行{_REFUSED_ROOTS[tag_of(node)]}", node)

    def _duplicates(self) -> None:
        seen: set[str] = set()
        for node in elements(self.document.root):
            found = node.get("id")
            if tag_of(node) and found is not None:
                if found in seen:
                    self.findings.error(f"编号 {found} 用了不止一次", node)
                seen.add(found)

    def _definitions(self) -> None:
        """Messages and their like, each with a name."""
        for node in self.document.root:
            if tag_of(node) in _NAMED and node.get("id"):
                attributes = {key: str(value) for key, value in node.attrib.items() if "{" not in str(key)}
                attributes.setdefault("name", attributes["id"])
                etree.SubElement(self.root, node.tag, attributes)

    def _decisions(self) -> None:
        """The tables the file carries, and whether every one that is asked for is there."""
        try:
            tables = decisions_in(self.document.root)
        except Refused as error:
            self.findings.error(str(error))
            return
        self.decisions = {one.key: one for one in tables}
        for one in tables:
            for fault in one.faults():
                self.findings.error(f"决策表“{one.name}”：{fault}")

    def _with_called(self, chosen: Node) -> Iterator[Node]:
        """The process, and those in the file that it calls, each once."""
        waiting, seen = [chosen], set()
        while waiting:
            process = waiting.pop()
            if process in seen:
                continue
            seen.add(process)
            yield process
            for call in process.iter(named("callActivity")):
                called = self.document.node(_local(call.get("calledElement")))
                if called is not None and tag_of(called) == "process" and _size(called):
                    waiting.append(called)

    def _process(self, original: Node) -> None:
        process = deepcopy(original)
        process.tail = None
        self.root.append(process)
        process.set("id", process.get("id") or next(self.ids))
        process.set("isExecutable", "true")
        self._scope(process, is_top=True)

    def _scope(self, container: Node, *, is_top: bool) -> None:
        self._identify(container)
        self._read_settings(container)
        scope = Scope(container, self.ids)
        self._clean(scope)
        if len(scope.nodes) > MAX_NODES:
            self.findings.error(
                f"一张图里有 {len(scope.nodes)} 个节点，最多 {MAX_NODES} 个，请拆成子流程", container
            )
            return
        self.compensations.update(prepare_steps(scope, self._may_call, self.settings, self.findings))
        prepare_events(scope, self.findings, is_top=is_top)
        self.choices.update(prepare_gateways(scope, self.findings))
        _ends(scope, self.findings)
        _unreachable(scope, self.findings)
        for node in scope.nodes:
            if tag_of(node) in CONTAINERS:
                self._scope(node, is_top=False)

    def _identify(self, container: Node) -> None:
        for node in container:
            if tag_of(node) in FLOW_NODES | {"sequenceFlow"} and not node.get("id"):
                node.set("id", next(self.ids))
                self.findings.note("没有编号，已给一个", node)

    def _read_settings(self, container: Node) -> None:
        for node in container:
            if tag_of(node) in FLOW_NODES:
                node_id = str(node.get("id"))
                try:
                    self.settings[node_id] = NodeSettings.read(node_id, label(node), tag_of(node), ours(node))
                except SettingError as error:
                    self.findings.error(str(error), node)
                    self.settings[node_id] = NodeSettings(node_id, label(node), tag_of(node))

    def _clean(self, scope: Scope) -> None:
        """Without lanes, data, drawings and other tools' attributes; dangling flows are said."""
        for child in list(scope.container):
            if tag_of(child) not in FLOW_NODES | {"sequenceFlow", "association"}:
                scope.container.remove(child)
        for node in elements(scope.container):
            for key in [
                key for key in node.attrib if str(key).startswith("{") and not str(key).startswith(_OURS)
            ]:
                del node.attrib[key]
            for reference in _REFERENCES:
                if node.get(reference) is not None:
                    self._reference(node, reference)
        for node in scope.nodes:
            _trim(node)
        self._dangling(scope)

    def _reference(self, node: Node, reference: str) -> None:
        found = _local(node.get(reference))
        if any(one.get("id") == found for one in self.root):
            node.set(reference, found)
        else:
            del node.attrib[reference]

    def _dangling(self, scope: Scope) -> None:
        known = set(scope.by_id)
        for flow in scope.flows:
            missing = [flow.get(end) for end in ("sourceRef", "targetRef") if flow.get(end) not in known]
            if missing:
                self.findings.error("连线的一端没有接在这一层的步骤上", flow)
                scope.container.remove(flow)

    def _may_call(self, called: str) -> str:
        node = self.document.node(_local(called))
        if node is not None and tag_of(node) in ("globalTask", "globalUserTask", "globalManualTask"):
            return "task"
        is_here = node is not None and tag_of(node) == "process" and _size(node)
        return "process" if called in self.known or is_here else ""

    def _prepared(self, chosen: Node | None) -> Prepared:
        process_id = str(chosen.get("id") or self.root[-1].get("id")) if chosen is not None else ""
        name = label(chosen) if chosen is not None else ""
        process = ProcessSettings(process_id, name)
        try:
            process = ProcessSettings.read(process_id, name, ours(chosen) if chosen is not None else {})
        except SettingError as error:
            self.findings.error(str(error), chosen)
        return Prepared(
            etree.tostring(self.root), process_id, name, self.settings, process, tuple(self.findings),
            self.choices, self.compensations, self.decisions,
        )  # fmt: skip


def ours(node: Node) -> dict[str, str]:
    """Yanta's own attributes of an element."""
    return {
        str(key).removeprefix(_OURS): str(value)
        for key, value in node.attrib.items()
        if str(key).startswith(_OURS)
    }


def _size(process: Node) -> int:
    return sum(tag_of(node) in FLOW_NODES for node in process)


def _local(reference: str | None) -> str:
    return (reference or "").rpartition(":")[2]


def _trim(node: Node) -> None:
    """What the engine reads of a node: its events, its loop, and what is inside a sub-process."""
    for child in list(node):
        kept = tag_of(child).endswith(("EventDefinition", "LoopCharacteristics"))
        if not kept and tag_of(node) not in CONTAINERS:
            node.remove(child)
    if not label(node):
        node.set("name", str(node.get("id")))


def _ends(scope: Scope, findings: Findings) -> None:
    """A process begins at one start and every path ends at an end."""
    _one_start(scope, findings)
    for node in scope.nodes:
        is_beside = tag_of(node) == "endEvent" or node.get("triggeredByEvent") == "true"
        if not is_beside and not scope.outgoing(node):
            findings.note("后面没有画，到这里结束", node)
            scope.connect(node, scope.add("endEvent"))


def _one_start(scope: Scope, findings: Findings) -> None:
    starts = [node for node in scope.nodes if tag_of(node) == "startEvent"]
    if not starts:
        start = scope.add("startEvent")
        findings.note("没有画开始事件，从没有上一步的步骤开始", scope.container)
        for node in scope.nodes:
            is_first = (
                tag_of(node) not in ("startEvent", "boundaryEvent") and node.get("triggeredByEvent") != "true"
            )
            if is_first and not scope.incoming(node):
                scope.connect(start, node)
        if len(scope.outgoing(start)) > 1:
            list(prepare_gateways(scope, Findings()))
    for extra in starts[1:]:
        findings.warn(f"有 {len(starts)} 个开始事件，从第一个（{label(starts[0])}）开始，这一个不走", extra)
        scope.remove(extra)


def _unreachable(scope: Scope, findings: Findings) -> None:
    by_id = scope.by_id
    attached: dict[str, list[str]] = {}
    for node in scope.nodes:
        attached.setdefault(str(node.get("attachedToRef")), []).append(str(node.get("id")))
    waiting = [str(node.get("id")) for node in scope.nodes if tag_of(node) == "startEvent"]
    waiting += [str(node.get("id")) for node in scope.nodes if node.get("triggeredByEvent") == "true"]
    seen: set[str] = set()
    while waiting:
        if (node_id := waiting.pop()) not in seen:
            seen.add(node_id)
            waiting += attached.get(node_id, [])
            waiting += [str(flow.get("targetRef")) for flow in scope.outgoing(by_id[node_id])]
    for node_id, node in by_id.items():
        if node_id not in seen:
            findings.warn("走不到这一步", node)
