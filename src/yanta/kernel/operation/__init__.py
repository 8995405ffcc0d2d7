"""Verbs: one transaction, permission, scope, audit, events after commit."""

from yanta.kernel.operation.declare import Operation, Outcome, operation, operations_of
from yanta.kernel.operation.parameters import Code, Label, Long, Parameter, Upload

__all__ = [
    "Code",
    "Label",
    "Long",
    "Operation",
    "Outcome",
    "Parameter",
    "Upload",
    "operation",
    "operations_of",
]
