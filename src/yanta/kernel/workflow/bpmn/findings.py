"""What is to be said of a drawing: what cannot run, what was understood how, what should be written better."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from yanta.kernel.workflow.bpmn.reading import Node, label

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`error`: it cannot be published; `warning`: it runs, but perhaps not as meant; `info`: how it was understood."""

    severity: Severity
    reason: str
    node_id: str = ""
    name: str = ""

    def __str__(self) -> str:
        where = f"{self.name or '（未命名）'}〔{self.node_id}〕：" if self.node_id else ""
        return f"{where}{self.reason}"


class Findings(list[Finding]):
    """Gathered while a drawing is read; each is said once."""

    def say(self, severity: Severity, reason: str, node: Node | None = None) -> None:
        node_id, name = (node.get("id") or "", label(node)) if node is not None else ("", "")
        found = Finding(severity, reason, node_id, name)
        if found not in self:
            self.append(found)

    def error(self, reason: str, node: Node | None = None) -> None:
        self.say("error", reason, node)

    def warn(self, reason: str, node: Node | None = None) -> None:
        self.say("warning", reason, node)

    def note(self, reason: str, node: Node | None = None) -> None:
        self.say("info", reason, node)


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Those for which a drawing cannot be published."""
    return [one for one in findings if one.severity == "error"]
