"""退回, 撤回, 取回: going back without a trace in the tokens and with every trace in the history."""

from __future__ import annotations

from yanta.kernel.base import Actor, Refused
from yanta.kernel.workflow import assignees
from yanta.kernel.workflow.acting import (
    Request,
    forbidden,
    need_opinion,
    unless_todo,
    verb,
    written,
)
from yanta.kernel.workflow.bpmn.settings import NodeSettings
from yanta.kernel.workflow.matter import Matter, State
from yanta.kernel.workflow.models import Instance, WorkItem
from yanta.kernel.workflow.moving import (
    carry_out,
    done_nodes,
    finish,
    names_of,
    open_items,
    proceed,
    undo,
)
from yanta.kernel.workflow.tokens import node_of
from yanta.kernel.workflow.verbs import Verb

REWORK_TOKEN = "~"  # noqa: S105 - a place outside the drawing, not a secret


def targets(matter: Matter, item: WorkItem) -> list[tuple[str, str]]:
    """Where this item can be returned to: id and name, "" being the applicant."""
    allowed = matter.node(item).returns
    found = [
        (node_id, matter.drawing.node(node_id).name)
        for node_id in dict.fromkeys(done_nodes(matter))
        if matter.drawing.asks_people(node_id)
        and node_id != item.node
        and ("any" in allowed or node_id in allowed)
    ]
    to_applicant = matter.instance.applicant_id and ("any" in allowed or "applicant" in allowed)
    return [("", "申请人")] * bool(to_applicant) + found


def unless_returnable(matter: Matter, item: WorkItem | None, actor: Actor) -> str:
    reason = forbidden(Verb.RETURN)(matter, item, actor)
    if reason or item is None:
        return reason
    return "" if targets(matter, item) else f"“{matter.node(item).name}”这一环节不能退回"


@verb(Verb.RETURN, unless=unless_returnable)
def send_back(matter: Matter, item: WorkItem, asked: Request) -> None:
    """To an earlier node or to the applicant; then again through all, or straight back to whoever returned it."""
    known = dict(targets(matter, item))
    if asked.node not in known:
        raise Refused("不能退回到这个环节：还没有办过，或流程不允许", rule="return", field="node")
    need_opinion(matter.node(item), asked)
    written(matter, item, asked, to_names=known[asked.node])
    matter.change(item, acted_at=matter.now)
    if asked.how == "straight":
        _straight(matter, asked)
    elif asked.node:
        _again_from(matter, item, asked)
    else:
        _again(matter, item, asked)


def _say(matter: Matter, people: list[int], asked: Request) -> None:
    matter.post.say("workflow.returned", people, by=asked.actor.signature, text=asked.opinion)


def _again(matter: Matter, item: WorkItem, asked: Request) -> None:
    """The applicant hands in again, and it begins anew."""
    settings = matter.drawing.settings
    undo(matter, done_nodes(matter), asked.actor, covered=bool(settings.send_back), opinion=asked.opinion)
    if settings.send_back:
        carry_out(matter, settings.send_back, asked.actor, asked.opinion)
    _drop_all(matter, item)
    matter.leave_with_applicant()
    _ask_applicant(matter, asked, [])


def _drop_all(matter: Matter, returned: WorkItem) -> None:
    for one in matter.open_items():
        matter.change(one, state=State.DROPPED, verdict="return" if one is returned else one.verdict)


def _ask_applicant(matter: Matter, asked: Request, back_to: list[list[object]]) -> None:
    """Who handed it in mends it; that may be somebody who did so for the applicant."""
    people = [matter.instance.started_by_id or matter.instance.applicant_id]
    _say(matter, [one for one in people if one], asked)
    node = NodeSettings("", "申请人修改")
    items = open_items(
        matter, "@applicant", node, [one for one in people if one], kind=WorkItem.Kind.RESUBMIT
    )
    for one in items:
        matter.change(one, back_to=back_to)


def _again_from(matter: Matter, item: WorkItem, asked: Request) -> None:
    """The tokens are as if that node had not been decided; what took effect since is undone first."""
    before = done_nodes(matter)
    kept = [node_of(name) for name, _ in matter.run.rewound(asked.node).journal if name]
    undo(matter, _removed(before, kept), asked.actor, covered=False, opinion=asked.opinion)
    people = matter.deciders(asked.node)
    matter.rewind(asked.node)
    matter.change(item, state=State.DROPPED, verdict="return")
    proceed(matter)
    _say(matter, people, asked)


def _removed(before: list[str], kept: list[str]) -> list[str]:
    """What is in the one and not in the other, each as often as it was done."""
    left = list(kept)
    removed = []
    for node in before:
        if node in left:
            left.remove(node)
        else:
            removed.append(node)
    return removed


def _straight(matter: Matter, asked: Request) -> None:
    """A detour: everything else pauses, and is taken up again exactly as it was."""
    back_to: list[list[object]] = [[one.serial, str(one.state)] for one in matter.open_items()]
    for one in matter.open_items():
        matter.change(one, state=State.PAUSED)
    if not asked.node:
        if matter.drawing.settings.send_back:
            # Nothing that was decided is taken back: an operation that would do so takes `how`.
            carry_out(
                matter, matter.drawing.settings.send_back, asked.actor, asked.opinion, {"how": asked.how}
            )
        _ask_applicant(matter, asked, back_to)
        return
    node = matter.drawing.node(asked.node)
    people = matter.deciders(asked.node) or list(assignees.of_node(node, matter.asking()).people)
    items = open_items(matter, REWORK_TOKEN + asked.node, node, people, kind=WorkItem.Kind.REWORK)
    for one in items:
        matter.change(one, back_to=back_to)
    _say(matter, people, asked)


def take_up_again(matter: Matter, item: WorkItem) -> None:
    """The detour is over: whoever was asked before is asked again."""
    for serial, state in item.back_to:
        paused = matter.items[serial]
        if paused.state != State.PAUSED:
            continue
        matter.change(paused, state=state, acted_at=None)
        if state in WorkItem.SHOWN:
            matter.post.arrival(paused)
    proceed(matter)


def resubmit(matter: Matter, item: WorkItem, asked: Request) -> None:
    """The applicant has mended it."""
    written(matter, item, asked, note="修改后重新提交")
    if matter.drawing.settings.resume:
        carry_out(matter, matter.drawing.settings.resume, asked.actor, asked.opinion, asked.values)
        matter.instance.title = matter.declaration.label(matter.subject)[:200]
    matter.change(item, state=State.DONE, verdict="submit", acted_at=matter.now, wake_at=None)
    matter.forget_names()
    if item.back_to:
        take_up_again(matter, item)
        return
    matter.instance.data = {**matter.instance.data, "verdict": ""}
    matter.restart()
    proceed(matter)


# 撤回 by the applicant, 取回 by whoever signed.


def unless_withdrawable(matter: Matter, item: WorkItem | None, actor: Actor) -> str:
    instance = matter.instance
    if instance.state == Instance.State.ENDED:
        return "这件事已经办结，不能撤回"
    if item is not None and item.acted_at and item.person_id == actor.person_id:
        return _unless_recallable(matter, item)
    if actor.person_id is None or actor.person_id not in (
        instance.applicant_id,
        instance.started_by_id,
    ):
        return "只有申请人可以撤回申请，办理人只能取回自己刚办的一步"
    for one in matter.open_items():
        if Verb.WITHDRAW.value in matter.node(one).forbids:
            return f"已经到“{one.node_title}”环节，不能撤回"
    return ""


@verb(Verb.WITHDRAW, unless=unless_withdrawable)
def withdraw(matter: Matter, item: WorkItem | None, asked: Request) -> None:
    """The applicant takes the matter back; whoever has signed takes the signature back."""
    if item is not None and item.acted_at and item.person_id == asked.actor.person_id:
        _recall(matter, item, asked)
        return
    settings = matter.drawing.settings
    written(matter, None, asked)
    undo(matter, done_nodes(matter), asked.actor, covered=bool(settings.withdraw))
    if settings.withdraw:
        carry_out(matter, settings.withdraw, asked.actor, asked.opinion)
    finish(matter, Instance.Outcome.WITHDRAWN)


def _unless_recallable(matter: Matter, item: WorkItem) -> str:
    """Not once somebody has gone on from it."""
    if matter.instance.state != Instance.State.RUNNING:
        return "这件事已被挂起，恢复后再办"
    if item.state != State.DONE or item.kind not in (WorkItem.Kind.SIGN, WorkItem.Kind.ADDED):
        return "这一步不是您签署的意见，不能取回"
    if any(one.state == State.PAUSED for one in matter.open_items()):
        return "这件事正在退回处理中，处理完再取回"
    if Verb.WITHDRAW.value in matter.node(item).forbids:
        return f"“{item.node_title}”的意见签署后不能取回"
    if item.token not in {name for name, _ in matter.instance.journal} | set(matter.instance.tokens):
        return "这一步之后已经退回过，不能再取回"
    later = [one for one in _after(matter, item) if one.acted_at and one.verdict != "skip"]
    return (
        f"之后{names_of([one.person_id for one in later if one.person_id])}已经办理，不能取回"
        if later
        else ""
    )


def _after(matter: Matter, item: WorkItem) -> list[WorkItem]:
    """Items that exist, or have their turn, because of this signature."""
    waiting = [one for one in matter.together(item) if item.serial in one.waits]
    if item.token in matter.instance.tokens:
        return waiting
    without = matter.run.rewound(item.node)
    standing = {name for name, _ in without.journal} | {token.name for token in without.tokens}
    return waiting + [
        one
        for one in matter.items.values()
        if one.serial > item.serial and one.round != item.round and one.token not in standing
    ]


def _recall(matter: Matter, item: WorkItem, asked: Request) -> None:
    step = written(matter, item, asked)
    step.verb = Verb.RECALL
    if item.token not in matter.instance.tokens:
        before = done_nodes(matter)
        kept = [node_of(name) for name, _ in matter.run.rewound(item.node).journal if name]
        undo(matter, _removed(before, kept), asked.actor, covered=False, opinion=asked.opinion)
        matter.rewind(item.node)
        token = next(one for one in matter.instance.tokens if node_of(one) == item.node)
        for one in matter.together(item):
            values = {"token": token}
            if one.state == State.DROPPED and not one.verdict:
                values["state"] = State.TODO
            matter.change(one, **values)
    for one in matter.together(item):
        if one.state == State.TODO and item.serial in one.waits:
            matter.change(one, state=State.WAITING)
    matter.change(item, state=State.TODO, verdict="", acted_at=None)
    matter.post.arrival(item)
    proceed(matter)


__all__ = ["resubmit", "send_back", "take_up_again", "targets", "unless_todo", "withdraw"]
