"""Verbs: one transaction, permission, scope, audit, events after commit."""

from yanta.kernel.operation.declare import Operation, Outcome, detour, operation, operations_of
from yanta.kernel.operation.parameters import (
    Code,
    FromElement,
    Label,
    Long,
    Parameter,
    Unrecorded,
    Upload,
)

__all__ = [
    "Code",
    "FromElement",
    "Label",
    "Long",
    "Operation",
    "Outcome",
    "Parameter",
    "Unrecorded",
    "Upload",
    "detour",
    "operation",
    "operations_of",
]
