"""A walk through a drawing with the real engine: what was done, and where the matter then stood."""

from __future__ import annotations

from typing import Any

from yanta.kernel.workflow import conditions, drawing, tokens
from yanta.kernel.workflow.bpmn import Prepared


def run(ready: Prepared, names: dict[str, Any]) -> tokens.Run:
    return tokens.Run(drawing.read(ready.xml.decode()), lambda text: conditions.evaluate(text, names))


def walk(ready: Prepared, doing: list[Any], names: dict[str, Any] | None = None) -> list[list[Any]]:
    """`doing` are ids of nodes to complete (or events that come); a dict changes what conditions read.

    Each line is what was done and the ids of the nodes at which the matter stands after it.
    """
    known = {"chosen_flows": [], **(names or {})}
    going = run(ready, known)
    lines: list[list[Any]] = [["", _standing(going)]]
    for one in doing:
        if isinstance(one, dict):
            known.update(one)
            continue
        name = next(token.name for token in going.tokens if token.node == one)
        going.complete(name)
        lines.append([one, _standing(going)])
    lines.append(
        ["over" if going.is_over else "open", [going.end_event()] if going.is_over else _standing(going)]
    )
    return lines


def _standing(going: tokens.Run) -> list[str]:
    return sorted(token.node for token in going.tokens)
