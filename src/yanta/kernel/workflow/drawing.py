"""A version's drawing, read once per process: what Spiff runs, and what each node says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # brings no types
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser  # type: ignore[import-untyped]  # brings no types
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser  # type: ignore[import-untyped]  # brings no types
from SpiffWorkflow.bpmn.parser.util import full_tag  # type: ignore[import-untyped]  # brings no types
from SpiffWorkflow.bpmn.specs.defaults import UserTask  # type: ignore[import-untyped]  # brings no types
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (  # type: ignore[import-untyped]  # brings no types
    TimerEventDefinition,
)
from SpiffWorkflow.exceptions import SpiffWorkflowException  # type: ignore[import-untyped]  # brings no types

from yanta.kernel.base import Refused
from yanta.kernel.workflow import conditions
from yanta.kernel.workflow.bpmn.decisions import Decision
from yanta.kernel.workflow.bpmn.findings import errors
from yanta.kernel.workflow.bpmn.gateways import Choice
from yanta.kernel.workflow.bpmn.preparing import Prepared, prepare
from yanta.kernel.workflow.bpmn.reading import MODEL
from yanta.kernel.workflow.bpmn.reading import read as read_file
from yanta.kernel.workflow.bpmn.settings import NodeSettings, ProcessSettings

ASKS_PEOPLE = ("userTask", "manualTask", "task")
ACTS_ITSELF = ("serviceTask", "sendTask", "businessRuleTask")
STOPS = (*ASKS_PEOPLE, *ACTS_ITSELF, "receiveTask")
DRAWINGS_KEPT = 500


class Parser(BpmnParser):
    """Every task is a stop: what happens there is ours to do, nothing drawn is executed."""

    OVERRIDE_PARSER_CLASSES = {full_tag(tag): (TaskParser, UserTask) for tag in STOPS}


@dataclass(frozen=True, eq=False)
class Drawing:
    """`tags` are what each node is to the engine, `timers` the written times of waiting events, all by id.

    `branching` are nodes whose refusal follows the drawing: a condition behind them reads `verdict`.
    """

    spec: Any
    subprocesses: Mapping[str, Any]
    settings: ProcessSettings
    nodes: Mapping[str, NodeSettings]
    tags: Mapping[str, str]
    timers: Mapping[str, str]
    branching: frozenset[str]
    choices: Mapping[str, tuple[Choice, ...]]
    decisions: Mapping[str, Decision]

    def node(self, node_id: str) -> NodeSettings:
        return self.nodes.get(node_id) or NodeSettings(node_id, node_id)

    def asks_people(self, node_id: str) -> bool:
        return self.tags.get(node_id) in ASKS_PEOPLE

    def acts_itself(self, node_id: str) -> bool:
        return self.tags.get(node_id) in ACTS_ITSELF

    def people_nodes(self) -> list[NodeSettings]:
        """The steps of people, in the order of the drawing."""
        return [node for node_id, node in self.nodes.items() if self.asks_people(node_id)]


@lru_cache(maxsize=DRAWINGS_KEPT)
def drawing_of(version_id: int) -> Drawing:
    """A published version never changes, so it is read once per process."""
    from yanta.kernel.workflow.models import Version

    version = Version.objects.get(pk=version_id)
    return read(version.xml, version.called)


def read(xml: str, called: Mapping[str, str] | None = None) -> Drawing:
    """Read a drawing, with the files of the processes that it calls; `Refused` says what cannot be executed."""
    called = called or {}
    ready = prepare(read_file(xml), known=set(called))
    parts = [
        ready,
        *(prepare(read_file(one), process_id=key, known=set(called)) for key, one in called.items()),
    ]
    for part in parts:
        wrong = errors(part.findings)
        if wrong:
            raise Refused(f"流程图不能执行：{wrong[0]}", rule="bpmn")
    roots = [etree.fromstring(part.xml) for part in parts]
    spec, subprocesses = _specs(ready.process_id, roots)
    return _drawing(ready, parts, roots, spec, subprocesses)


def _specs(process_id: str, roots: list[Any]) -> tuple[Any, dict[str, Any]]:
    parser = Parser()
    try:
        for root in roots:
            parser.add_bpmn_xml(root)
        spec = parser.get_spec(process_id)
        subprocesses = parser.get_subprocess_specs(process_id)
    except RecursionError as error:
        raise Refused("流程的一条路径太长，请拆成子流程", rule="bpmn") from error
    except SpiffWorkflowException as error:
        raise Refused(f"流程图不能执行：{str(error)[:200]}", rule="bpmn") from error
    _without_clock([spec, *subprocesses.values()])
    return spec, subprocesses


def _drawing(
    ready: Prepared, parts: list[Prepared], roots: list[Any], spec: Any, subprocesses: dict[str, Any]
) -> Drawing:
    return Drawing(
        spec=spec,
        subprocesses=subprocesses,
        settings=ready.process,
        nodes={key: node for part in parts for key, node in part.settings.items()},
        tags={str(node.get("id")): tag for node, tag in _elements(roots) if node.get("id")},
        timers=_timers(roots),
        branching=_branching(roots),
        choices={key: one for part in parts for key, one in part.choices.items()},
        decisions={key: one for part in parts for key, one in part.decisions.items()},
    )


def _elements(roots: list[Any], tag: str = "*") -> Iterator[tuple[Any, str]]:
    for root in roots:
        for node in root.iter(f"{{{MODEL}}}{tag}"):
            yield node, etree.QName(node).localname


def _timers(roots: list[Any]) -> dict[str, str]:
    found = {}
    for definition, _ in _elements(roots, "timerEventDefinition"):
        written = [child.text or "" for child in definition if isinstance(child.tag, str)]
        found[str(definition.getparent().get("id"))] = written[0].strip() if written else ""
    return found


def _without_clock(specs: list[Any]) -> None:
    """Timers fire when our clock, which knows working days, says so."""
    for spec in specs:
        for task_spec in spec.task_specs.values():
            definition = getattr(task_spec, "event_definition", None)
            if isinstance(definition, TimerEventDefinition):
                definition.has_fired = lambda task: task._get_internal_data("event_fired", False)


def _branching(roots: list[Any]) -> frozenset[str]:
    targets: dict[str, list[str]] = {}
    reading: set[str] = set()
    for flow, _ in _elements(roots, "sequenceFlow"):
        source = str(flow.get("sourceRef"))
        targets.setdefault(source, []).append(str(flow.get("targetRef")))
        condition = flow.find(f"{{{MODEL}}}conditionExpression")
        if condition is not None and "verdict" in conditions.names_in(condition.text or ""):
            reading.add(source)
    return frozenset(node for node, ahead in targets.items() if reading.intersection([node, *ahead]))
