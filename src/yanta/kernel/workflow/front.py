"""All that other packages call: thin, so that this package can be imported before the models are ready."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from yanta.kernel.base import Actor
from yanta.kernel.workflow.verbs import Verb

if TYPE_CHECKING:
    from yanta.kernel.operation import Outcome
    from yanta.kernel.workflow.ahead import Ahead
    from yanta.kernel.workflow.models import Instance, WorkItem
    from yanta.kernel.workflow.replaying import State


@dataclass(frozen=True, slots=True)
class Choice:
    """A verb that makes sense now; `nodes` are where one can return to: id and name, "" being the applicant."""

    verb: Verb
    title: str
    nodes: tuple[tuple[str, str], ...] = ()
    needs_opinion: bool = False


def start(process: str, *, subject: Any, actor: Actor, data: Mapping[str, Any] | None = None) -> Instance:
    """Begin the process for this row, within the operation that hands it in; the first to-dos are there at once.

    `data` are further names for conditions. A row can have one running instance of a process.
    """
    from yanta.kernel.workflow import starting

    return starting.start(process, subject=subject, actor=actor, data=dict(data or {}))


def act(
    target: WorkItem | Instance,
    verb: Verb | str,
    *,
    actor: Actor,
    opinion: str = "",
    to: Collection[int] = (),
    node: str = "",
    how: str = "",
    values: Mapping[str, Any] | None = None,
    attachments: Collection[int] = (),
) -> Instance:
    """One action of a person: one transaction, one row of history; `Refused` says why it makes no sense.

    `to` are person ids (加签, 转办, 委托, 传阅), `node` is where to return ("" the applicant), `how` is before, after or
    beside for 加签 and again (through all steps, the default) or straight (back to who returned it) for 退回;
    `values` are parameters of the step's operation, `attachments` ids of stored files.
    """
    from yanta.kernel.workflow import acting

    asked = acting.Request(
        Verb(verb), actor, opinion.strip(), tuple(to), node, how, dict(values or {}), tuple(attachments)
    )
    return acting.act(target, asked)


def act_on_each(
    items: Iterable[WorkItem], verb: Verb | str, *, actor: Actor, opinion: str = ""
) -> list[Outcome]:
    """The same verb on many items, each by itself; only where the step allows it."""
    from yanta.kernel.workflow import acting

    return acting.act_on_each(items, Verb(verb), actor=actor, opinion=opinion)


def choices(target: WorkItem | Instance, actor: Actor) -> list[Choice]:
    """The verbs that this person may use now on an item or an instance: what the menu offers."""
    from yanta.kernel.workflow import offering_verbs

    return offering_verbs.choices(target, actor)


def standing(item: WorkItem | Instance, actor: Actor) -> Actor:
    """The actor with the right, for this row only, to see what is to be decided (and to decide it)."""
    from yanta.kernel.workflow import rights

    return rights.standing(item, actor)


def instance_of(subject: Any, process: str | None = None) -> Instance | None:
    """The latest instance that decides about this row."""
    from yanta.kernel.workflow import queries

    return queries.instance_of(subject, process)


def nodes_behind(instance: Instance) -> list[tuple[str, str]]:
    """Steps that are done and can be returned to: id and name, in the order they were done."""
    from yanta.kernel.workflow import queries

    return queries.nodes_behind(instance)


def nodes_ahead(process: str) -> list[tuple[str, str]]:
    """The steps of people in the current version: id and name, in the order of the drawing."""
    from yanta.kernel.workflow import versions

    return versions.nodes_ahead(process)


def ahead_of(instance: Instance) -> list[Ahead]:
    """The steps of people that this matter has still before it, and who is asked there, if everybody approves."""
    from yanta.kernel.workflow import ahead

    return ahead.ahead_of(instance)


def replay(instance: Instance) -> State:
    """The state that the history alone leads to; `Altered` when a row of it was changed."""
    from yanta.kernel.workflow import replaying

    return replaying.replay(instance)
