"""Processes and their versions; matters under way, who is asked, what was done."""

from yanta.kernel.workflow.models.instances import Copy, Instance, Step, WorkItem
from yanta.kernel.workflow.models.people import Delegation, OutsideTodo
from yanta.kernel.workflow.models.processes import Process, Version

__all__ = ["Copy", "Delegation", "Instance", "OutsideTodo", "Process", "Step", "Version", "WorkItem"]
