"""Which verbs make sense now for a person: the same reasons that refuse them."""

from __future__ import annotations

from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import operations_of
from yanta.kernel.workflow.acting import verbs
from yanta.kernel.workflow.front import Choice
from yanta.kernel.workflow.matter import Matter
from yanta.kernel.workflow.models import Instance, WorkItem
from yanta.kernel.workflow.returning import targets
from yanta.kernel.workflow.verbs import OF_THE_MATTER, Verb

ORDER = (
    Verb.APPROVE, Verb.REFUSE, Verb.RETURN, Verb.CLAIM, Verb.RELEASE, Verb.ADD_SIGNER, Verb.DROP_SIGNER, Verb.HAND_OVER,
    Verb.DELEGATE, Verb.WITHDRAW, Verb.URGE, Verb.COPY, Verb.COMMENT, Verb.ASSIGN, Verb.HOLD, Verb.RESUME, Verb.END,
)  # fmt: skip


def choices(target: WorkItem | Instance, actor: Actor) -> list[Choice]:
    """In the order of a menu; asking changes nothing and locks nothing."""
    instance_id = target.instance_id if isinstance(target, WorkItem) else target.pk
    matter = Matter.load(instance_id, locked=False)
    item = matter.items.get(target.serial) if isinstance(target, WorkItem) else None
    return [_choice(matter, item, verb) for verb in ORDER if _makes_sense(matter, item, actor, verb)]


def _makes_sense(matter: Matter, item: WorkItem | None, actor: Actor, verb: Verb) -> bool:
    if item is None and verb not in OF_THE_MATTER:
        return False
    try:
        return not verbs()[verb][0](matter, item, actor)
    except Refused:
        return False


def _choice(matter: Matter, item: WorkItem | None, verb: Verb) -> Choice:
    if item is None:
        return Choice(verb, verb.label, needs_opinion=verb in (Verb.HOLD, Verb.END))
    node = matter.node(item)
    wanted = node.opinion == "required" or (node.opinion == "refusal" and verb in (Verb.REFUSE, Verb.RETURN))
    return Choice(
        verb,
        _title(matter, item, verb),
        tuple(targets(matter, item)) if verb is Verb.RETURN else (),
        needs_opinion=verb in (Verb.HOLD, Verb.END)
        or (wanted and verb in (Verb.APPROVE, Verb.REFUSE, Verb.RETURN)),
    )


def _title(matter: Matter, item: WorkItem, verb: Verb) -> str:
    """What the button says will happen: at a step that carries out an operation, that."""
    if verb is Verb.WITHDRAW and item.acted_at:
        return "取回"
    if verb is Verb.APPROVE and item.kind == WorkItem.Kind.RESUBMIT:
        return "重新提交"
    node = matter.node(item)
    named = {Verb.APPROVE: node.operation, Verb.REFUSE: node.refuse}.get(verb, "")
    if item.kind == WorkItem.Kind.SIGN and named:
        carried_out = operations_of(matter.declaration.subject)
        return next((one.title for one in carried_out if one.permission == named), verb.label)
    return verb.label
