"""The last check of a drawing: the engine's own parser is asked, so that what is published can be started."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # brings no types
from SpiffWorkflow.bpmn.parser import BpmnParser  # type: ignore[import-untyped]  # brings no types

from yanta.kernel.workflow.bpmn.findings import Finding
from yanta.kernel.workflow.bpmn.preparing import Prepared, prepare
from yanta.kernel.workflow.bpmn.reading import read


def check(content: bytes | str, *, process_id: str = "", known: Collection[str] = ()) -> list[Finding]:
    """What is to be said of a file, the gravest first; `Refused` if it is no BPMN at all."""
    ready = tried(prepare(read(content), process_id=process_id, known=known))
    return sorted(ready.findings, key=lambda one: ("error", "warning", "info").index(one.severity))


def specs(ready: Prepared) -> tuple[Any, dict[str, Any]]:
    """The engine's specification of the process and of its sub-processes, parsed anew."""
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(ready.xml))
    found = parser.get_spec(ready.process_id)
    return found, parser.get_subprocess_specs(ready.process_id, require_call_activity_specs=False)


def tried(ready: Prepared) -> Prepared:
    """The same, with what the engine says against it, if anything."""
    if not ready.is_runnable:
        return ready
    try:
        specs(ready)
    except RecursionError:
        reason = "流程的一条路径太长，请拆成子流程"
    except Exception as error:  # whatever the library stumbles over is a reason to refuse, never a crash
        reason = f"流程引擎不接受：{error}"
    else:
        return ready
    return replace(ready, findings=(*ready.findings, Finding("error", reason)))
