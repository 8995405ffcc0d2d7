"""BPMN 2.0 files: read, checked, made ready to run, written again as they were."""

from yanta.kernel.workflow.bpmn.checking import check, specs, tried
from yanta.kernel.workflow.bpmn.findings import Finding
from yanta.kernel.workflow.bpmn.gateways import CHOSEN, Choice
from yanta.kernel.workflow.bpmn.preparing import Prepared, prepare
from yanta.kernel.workflow.bpmn.reading import Document, read
from yanta.kernel.workflow.bpmn.settings import Assignee, NodeSettings, ProcessSettings, Span

__all__ = [
    "CHOSEN",
    "Assignee",
    "Choice",
    "Document",
    "Finding",
    "NodeSettings",
    "Prepared",
    "ProcessSettings",
    "Span",
    "check",
    "prepare",
    "read",
    "specs",
    "tried",
]
