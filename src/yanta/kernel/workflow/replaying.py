"""The history leads to the state: it is done again from its rows, and must come to what stands in the tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from yanta.kernel.workflow.drawing import Drawing, drawing_of
from yanta.kernel.workflow.matter import REMEMBERED, WITH_APPLICANT, remembered, sealed
from yanta.kernel.workflow.models import Instance, Step, WorkItem
from yanta.kernel.workflow.tokens import Run
from yanta.kernel.workflow.verbs import Verb


class Altered(Exception):  # noqa: N818 - a finding
    """A row of the history was changed, or is missing; or the state does not follow from it."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a matter stands: tokens, the journal behind them, and each item by its serial."""

    tokens: tuple[str, ...]
    journal: list[list[Any]]
    items: dict[int, dict[str, Any]]


def replay(instance: Instance) -> State:
    """The state that the history alone leads to; `Altered` where a row was tampered with or the tables say otherwise."""
    steps = list(instance.steps.order_by("number"))
    _check_seals(instance, steps)
    found = _carried_out(instance, steps)
    stands = standing(instance)
    for name in ("tokens", "journal", "items"):
        if getattr(found, name) != getattr(stands, name):
            raise Altered(f"{name}: the history leads to {getattr(found, name)}, not {getattr(stands, name)}")
    return found


def standing(instance: Instance) -> State:
    """The state as the tables have it."""
    items = {
        item.serial: dict(zip(REMEMBERED, remembered(item), strict=True))
        for item in WorkItem.objects.filter(instance=instance)
    }
    return State(tuple(instance.tokens), instance.journal, items)


def _check_seals(instance: Instance, steps: list[Step]) -> None:
    before = ""
    for number, step in enumerate(steps, 1):
        if step.number != number:
            raise Altered(f"step {number} is missing")
        if sealed(step, before) != step.seal:
            raise Altered(f"step {number} was altered")
        before = step.seal
    if before != instance.seal:
        raise Altered("the last step is not the one that the instance remembers")


def _carried_out(instance: Instance, steps: list[Step]) -> State:
    run: Run | None = None
    version = instance.version_id
    items: dict[int, dict[str, Any]] = {}
    tokens: tuple[str, ...] = ()
    for step in steps:
        if tuple(step.before) != tokens:
            raise Altered(f"step {step.number} began elsewhere")
        version = step.did.get("version", version if step.number > 1 else _first_version(instance, steps))
        for move in step.did.get("moves", ()):
            run = _moved(run, drawing_of(version), move)
            tokens = tuple(token.name for token in run.tokens) if run else (WITH_APPLICANT,)
        for serial, values in step.did.get("items", {}).items():
            items[int(serial)] = dict(zip(REMEMBERED, values, strict=True))
        if step.verb == Verb.FINISH:
            tokens = ()
        if tuple(step.after) != tokens:
            raise Altered(f"step {step.number} leads to {tokens}, not {step.after}")
    return State(tokens, run.journal if run else [], items)


def _first_version(instance: Instance, steps: list[Step]) -> int:
    """The version that it began in: noted by the first migration, if there was one."""
    for step in steps:
        if "from_version" in step.did:
            return int(step.did["from_version"])
    return instance.version_id


def _moved(run: Run | None, drawing: Drawing, move: list[Any]) -> Run | None:
    kind, *rest = move
    if kind == "none":
        return None
    if kind == "again":
        return Run(drawing, _unknown, [["", rest[0]]])
    if kind == "journal":
        return Run(drawing, _unknown, rest[0])
    if run is None:
        raise Altered("a token moved where there was none")
    if kind == "back":
        run.decide_by(lambda text: rest[1][text])
        return run.rewound(rest[0])
    run.decide_by(_unknown)
    run.complete(rest[0], rest[1])
    return run


def _unknown(text: str) -> Any:
    raise Altered(f"the history does not say what “{text}” came to")
