"""What people do: each action is one transaction and one row of the history, and is refused in words where it makes no sense."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.operation import Outcome
from yanta.kernel.people.models import Person
from yanta.kernel.workflow import signing
from yanta.kernel.workflow.bpmn.settings import NodeSettings
from yanta.kernel.workflow.matter import WITH_APPLICANT, Matter, State
from yanta.kernel.workflow.models import Instance, Step, WorkItem
from yanta.kernel.workflow.moving import carry_out, close_round, finish, free, names_of, proceed
from yanta.kernel.workflow.verbs import OF_THE_MATTER, Verb


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for; see `workflow.act`."""

    verb: Verb
    actor: Actor
    opinion: str = ""
    to: tuple[int, ...] = ()
    node: str = ""
    how: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    attachments: tuple[int, ...] = ()


# Why somebody may not do this to an item or, with None, to the matter as a whole; empty when they may.
Unless = Callable[[Matter, WorkItem | None, Actor], str]
Do = Callable[[Matter, Any, Request], None]
_verbs: dict[Verb, tuple[Unless, Do]] = {}


def verb(name: Verb, *, unless: Unless) -> Callable[[Do], Do]:
    """Declare what a verb does, and when it makes no sense."""

    def declare(do: Do) -> Do:
        _verbs[name] = (unless, do)
        return do

    return declare


def verbs() -> dict[Verb, tuple[Unless, Do]]:
    # The modules that declare them; they need this one first.
    from yanta.kernel.workflow import managing, returning, signers  # noqa: F401

    return _verbs


def act(target: WorkItem | Instance, asked: Request, *, now: datetime | None = None) -> Instance:
    """Carry it out under the lock of the instance; the second of two at once is told what the first did."""
    instance_id = target.instance_id if isinstance(target, WorkItem) else target.pk
    known = verbs()
    if asked.verb not in known:
        raise Refused(f"“{asked.verb.label}”不是办理动作", rule="verb")
    unless, do = known[asked.verb]
    with transaction.atomic():
        matter = Matter.load(instance_id, now=now)
        item = matter.items[target.serial] if isinstance(target, WorkItem) else None
        if item is None and asked.verb not in OF_THE_MATTER:
            raise Refused(f"“{asked.verb.label}”要对着一项具体的待办", rule="verb")
        reason = unless(matter, item, asked.actor)
        if reason:
            raise Refused(reason, rule=asked.verb.value)
        do(matter, item, asked)
        matter.save()
    return matter.instance


def act_on_each(items: Iterable[WorkItem], verb: Verb, *, actor: Actor, opinion: str = "") -> list[Outcome]:
    """Each by itself: one that is refused does not stop the others."""
    outcomes = []
    for item in items:
        try:
            if verb not in (Verb.APPROVE, Verb.REFUSE) or not _in_bulk(item):
                raise Refused(f"“{item.node_title}”不能批量办理，请逐件打开", rule="bulk")
            act(item, Request(verb, actor, opinion))
            outcomes.append(Outcome(item))
        except Refused as refusal:
            outcomes.append(Outcome(item, refusal.message))
    return outcomes


def _in_bulk(item: WorkItem) -> bool:
    from yanta.kernel.workflow.drawing import drawing_of

    return drawing_of(item.instance.version_id).node(item.node).bulk


# Reasons that many verbs share.


def unless_mine(matter: Matter, item: WorkItem | None, actor: Actor) -> str:
    """It is open, it is the actor's turn, the matter is running."""
    instance = matter.instance
    if item is None:
        return "请从待办里办理"
    if actor.person_id is None or actor.person_id not in (item.person_id, item.for_person_id):
        raise NotAllowed("这件事不是交给您办的", rule="assignee")
    if instance.state == Instance.State.ENDED:
        return "这件事已经办结"
    if instance.state == Instance.State.HELD:
        return "这件事已被挂起，恢复后再办"
    return _unless_turn(matter, item)


def _unless_turn(matter: Matter, item: WorkItem) -> str:
    if item.state in (State.DONE, State.DROPPED):
        return _already(matter, item)
    if item.state == State.WAITING:
        return "前面的人还没有办，轮到您时会通知"
    return "这件事正在退回处理中，暂时不用办" if item.state == State.PAUSED else ""


def _already(matter: Matter, item: WorkItem) -> str:
    """Who was faster, in words."""
    if item.state == State.DONE:
        return "您已经办过这一步"
    shared = matter.node(item).sign != "all" and not item.verdict
    others = [
        one.person_id for one in matter.together(item) if shared and one.state == State.DONE and one.person_id
    ]
    return f"这一步已由{names_of(others)}办理，不用再办" if others else "这项待办已经取消，不用再办"


def unless_todo(matter: Matter, item: WorkItem | None, actor: Actor) -> str:
    reason = unless_mine(matter, item, actor)
    if reason or item is None:
        return reason
    return "请先认领再办" if item.state == State.OFFERED else ""


def forbidden(name: Verb) -> Unless:
    """Like `unless_todo`, and the drawing may forbid the verb at this node."""

    def unless(matter: Matter, item: WorkItem | None, actor: Actor) -> str:
        reason = unless_todo(matter, item, actor)
        if reason or item is None:
            return reason
        if item.kind in (WorkItem.Kind.RESUBMIT, WorkItem.Kind.REWORK):
            return f"退回修改的事项不能{name.label}"
        node = matter.node(item)
        return f"“{node.name}”这一环节不能{name.label}" if name.value in node.forbids else ""

    return unless


def need_opinion(node: NodeSettings, asked: Request) -> None:
    wanted = node.opinion == "required" or (node.opinion == "refusal" and asked.verb is not Verb.APPROVE)
    if wanted and not asked.opinion:
        raise Refused("请写明意见", field="opinion", rule="opinion")


def written(matter: Matter, item: WorkItem | None, asked: Request, **more: Any) -> Step:
    """Open the row of this action, saying for whom it is done."""
    principal = ""
    if item is not None and item.for_person_id and item.for_person_id != asked.actor.person_id:
        principal = Person.objects.values_list("name", flat=True).get(pk=item.for_person_id)
    return matter.begin(
        asked.verb, asked.actor, item=item, opinion=asked.opinion, for_name=principal,
        attachments=list(asked.attachments), **more,
    )  # fmt: skip


# Deciding.


@verb(Verb.APPROVE, unless=unless_todo)
def approve(matter: Matter, item: WorkItem, asked: Request) -> None:
    """One signature; with the last one that the node needs, its operation is carried out and the token goes on."""
    if item.kind == WorkItem.Kind.RESUBMIT:
        from yanta.kernel.workflow.returning import resubmit

        resubmit(matter, item, asked)
        return
    need_opinion(matter.node(item), asked)
    written(matter, item, asked)
    _sign(matter, item, asked)
    free(matter, item)
    settle(matter, item, asked)


@verb(Verb.REFUSE, unless=forbidden(Verb.REFUSE))
def refuse(matter: Matter, item: WorkItem, asked: Request) -> None:
    """One vote against; whether that refuses the node is the drawing's to say."""
    need_opinion(matter.node(item), asked)
    written(matter, item, asked)
    _sign(matter, item, asked)
    free(matter, item)
    settle(matter, item, asked)


def _sign(matter: Matter, item: WorkItem, asked: Request) -> None:
    values: dict[str, Any] = {
        "state": State.DONE, "verdict": asked.verb.value, "acted_at": matter.now, "wake_at": None
    }  # fmt: skip
    if item.person_id != asked.actor.person_id:
        # The principal took it up in spite of the delegation.
        values |= {"person_id": asked.actor.person_id, "for_person_id": None}
    matter.change(item, **values)


def settle(matter: Matter, item: WorkItem, asked: Request) -> None:
    """If the round has come to something, carry it out."""
    items = matter.together(item)
    node = matter.node(item)
    decided = signing.decision(node, items)
    if not decided:
        return
    close_round(matter, items)
    if item.kind == WorkItem.Kind.REWORK:
        from yanta.kernel.workflow.returning import take_up_again

        take_up_again(matter, item)
        return
    chosen = {key: asked.values[key] for key in ("chosen_flows",) if key in asked.values}
    matter.instance.data = {**matter.instance.data, **chosen, "verdict": decided}
    matter.instance.problem = ""
    operation = node.operation if decided == "approve" else node.refuse
    if decided == "refuse" and item.node not in matter.drawing.branching:
        _refused(matter, operation, asked)
        return
    if operation:
        carry_out(matter, operation, asked.actor, asked.opinion, asked.values)
    matter.forget_names()
    _tell_copies(matter, node)
    matter.complete(item.token)
    proceed(matter)


def _refused(matter: Matter, operation: str, asked: Request) -> None:
    operation = operation or matter.drawing.settings.refuse
    if operation:
        carry_out(matter, operation, asked.actor, asked.opinion, asked.values)
    finish(matter, Instance.Outcome.REFUSED, why=asked.opinion)


def _tell_copies(matter: Matter, node: NodeSettings) -> None:
    """传阅 as drawn: told when the node is done."""
    if node.copies:
        from yanta.kernel.workflow import assignees

        people = assignees.people_of(node.copies, matter.asking())
        matter.copy_to(people, Actor.system("workflow"), node=node.name)
        matter.post.say("workflow.copied", people, by="流程", text=f"“{node.name}”已办理")


def unless_offered(matter: Matter, item: WorkItem | None, actor: Actor) -> str:
    reason = unless_mine(matter, item, actor)
    if reason or item is None:
        return reason
    return "" if item.state == State.OFFERED else "这项待办已经在您名下，不用认领"


@verb(Verb.CLAIM, unless=unless_offered)
def claim(matter: Matter, item: WorkItem, asked: Request) -> None:
    """Out of the pool, into one's own hands."""
    written(matter, item, asked)
    for one in matter.together(item):
        if one is not item and one.state == State.OFFERED:
            matter.change(one, state=State.DROPPED)
    matter.change(item, state=State.TODO)


def unless_claimed(matter: Matter, item: WorkItem | None, actor: Actor) -> str:
    reason = unless_todo(matter, item, actor)
    if reason or item is None:
        return reason
    pooled = any(one.kind == "pool" for one in matter.node(item).assignees)
    others = [one for one in matter.together(item) if one is not item]
    return "" if pooled and others else "这项待办不是认领来的，不能放回"


@verb(Verb.RELEASE, unless=unless_claimed)
def release(matter: Matter, item: WorkItem, asked: Request) -> None:
    """Back into the pool."""
    written(matter, item, asked)
    for one in matter.together(item):
        if one.state == State.DROPPED and not one.verdict:
            matter.change(one, state=State.OFFERED)
    matter.change(item, state=State.OFFERED)


__all__ = ["WITH_APPLICANT", "Request", "act", "act_on_each", "verb", "verbs"]
