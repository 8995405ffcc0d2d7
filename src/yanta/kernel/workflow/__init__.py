"""Processes: a BPMN file and the verbs of those whom it asks. A step of it is an operation of its subject."""

from yanta.kernel.workflow.declare import (
    Declared,
    declared,
    position_holders,
    process,
    relation,
    service_task,
    working_days,
)
from yanta.kernel.workflow.front import (
    Choice,
    act,
    act_on_each,
    ahead_of,
    choices,
    instance_of,
    nodes_ahead,
    nodes_behind,
    replay,
    standing,
    start,
)
from yanta.kernel.workflow.verbs import Verb

__all__ = [
    "Choice",
    "Declared",
    "Verb",
    "act",
    "act_on_each",
    "ahead_of",
    "choices",
    "declared",
    "instance_of",
    "nodes_ahead",
    "nodes_behind",
    "position_holders",
    "process",
    "relation",
    "replay",
    "service_task",
    "standing",
    "start",
    "working_days",
]
