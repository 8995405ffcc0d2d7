"""How a matter goes on by itself: whom the next node asks, what passes without anybody, how it ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta

from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.people.models import Person
from yanta.kernel.workflow import assignees, clock, conditions, declare, events, rights, signing
from yanta.kernel.workflow.bpmn.settings import NodeSettings
from yanta.kernel.workflow.bpmn.steps import COMPENSATE
from yanta.kernel.workflow.matter import Matter, State
from yanta.kernel.workflow.models import Instance, WorkItem
from yanta.kernel.workflow.tokens import Token, node_of
from yanta.kernel.workflow.verbs import Verb

# Nodes that pass by themselves one after another; beyond it the drawing goes round in a circle.
MOST_BY_ITSELF = 100
# Where nobody at all was found, the look-up is tried again.
LOOK_AGAIN = timedelta(hours=1)


def names_of(people: Collection[int]) -> str:
    known = dict(Person.objects.filter(pk__in=people).values_list("pk", "name"))
    return "、".join(known[one] for one in people if one in known)


def proceed(matter: Matter) -> None:
    """Ask whoever is next, until somebody has to act or it is over."""
    for _ in range(MOST_BY_ITSELF):
        tokens = matter.run.tokens
        _drop_orphans(matter, {token.name for token in tokens})
        if not any(_arrive(matter, token) for token in tokens):
            break
    else:
        raise Refused("流程在原地打转：连续自动经过的环节太多，请检查流程图", rule="bpmn")
    if matter.run.is_over:
        _over(matter)


def _drop_orphans(matter: Matter, tokens: set[str]) -> None:
    """Items and timers whose token went away: a border event, an end for all."""
    for item in matter.open_items():
        if item.token not in tokens and item.kind in (WorkItem.Kind.SIGN, WorkItem.Kind.ADDED):
            matter.change(item, state=State.DROPPED)
    timers = matter.instance.timers
    matter.instance.timers = {name: at for name, at in timers.items() if name in tokens}


def _arrive(matter: Matter, token: Token) -> bool:
    """Attend to a token; whether it went on by itself."""
    if token.waits_for_event:
        _set_timer(matter, token)
        return False
    if any(item.token == token.name for item in matter.open_items()):
        return False
    if matter.drawing.acts_itself(token.node):
        return _serve(matter, token)
    if matter.drawing.asks_people(token.node):
        return _ask(matter, token)
    return False


def _set_timer(matter: Matter, token: Token) -> None:
    written = matter.drawing.timers.get(token.node, "")
    if not written or token.name in matter.instance.timers:
        return
    text = written[1:-1] if written[0] in "\"'" else str(matter.decide(written))
    at = clock.moment_of(text, matter.now, work_time=matter.drawing.node(token.node).work_time)
    matter.instance.timers[token.name] = at.isoformat()


def _serve(matter: Matter, token: Token) -> bool:
    """A step of the machine: a named function, an operation, or the undoing of what was done."""
    node, system = matter.drawing.node(token.node), Actor.system(f"workflow:{matter.instance.process}")
    step = matter.begin(Verb.SERVE, system, node=node)
    name, _, only = node.service.partition(":")
    if name == COMPENSATE:
        undone = undo(matter, [only] if only else done_nodes(matter), system)
        step.note = f"撤销：{'、'.join(undone)}" if undone else "没有需要撤销的环节"
    elif node.service:
        _call_service(matter, node, system)
    elif node.operation:
        carry_out(matter, node.operation, system)
    matter.complete(token.name)
    return True


def _call_service(matter: Matter, node: NodeSettings, system: Actor) -> None:
    if node.service not in declare.service_tasks():
        raise Refused(f"“{node.name}”要执行的自动动作“{node.service}”没有登记", rule="service")
    answered = declare.service_tasks()[node.service][1](matter.subject, actor=system)
    matter.instance.data = {**matter.instance.data, **(answered or {})}
    matter.forget_names()


def carry_out(
    matter: Matter, permission: str, actor: Actor, opinion: str = "", values: object = None
) -> None:
    """An operation of the subject, with the right that the step gives."""
    rights.carry_out(
        permission, matter.subject, actor=actor, title=matter.instance.title, opinion=opinion,
        values=values if isinstance(values, dict) else {},
    )  # fmt: skip
    matter.forget_names()


def _ask(matter: Matter, token: Token) -> bool:
    """Open the items of a node; whether nobody need act."""
    node = matter.drawing.node(token.node)
    if node.auto and conditions.evaluate(node.auto, matter.names()):
        return _pass(matter, token, node)
    found = assignees.of_node(node, matter.asking())
    people = list(found.people)
    if not people:
        people = _fall_back(matter, node, found.missing)
    items = open_items(matter, token.name, node, people, is_pool=found.is_pool)
    return _skip(matter, token, node, items) if node.skip_same else False


def _pass(matter: Matter, token: Token, node: NodeSettings) -> bool:
    system = Actor.system(f"workflow:{matter.instance.process}")
    matter.begin(Verb.PASS, system, node=node, note=f"符合自动通过条件：{node.auto}"[:300])
    if node.operation:
        carry_out(matter, node.operation, system)
    matter.complete(token.name)
    return True


def _fall_back(matter: Matter, node: NodeSettings, missing: str) -> list[int]:
    """Nobody found: it goes to a named somebody, and the matter says why."""
    owner, department = matter.drawing.settings.owner, matter.declaration.owner
    people = assignees.fallback(node, owner, department, matter.asking())
    told = (
        f"{missing}，转由{names_of(people)}办理" if people else f"{missing}，也没有流程负责人，请指定办理人"
    )
    matter.instance.problem = told[:300]
    matter.steps[-1].note = f"{matter.steps[-1].note} {told}".strip()[:300]
    matter.post.say("workflow.stuck", people, text=told)
    return people


def open_items(
    matter: Matter, token: str, node: NodeSettings, people: Iterable[int], *, is_pool: bool = False, **given: object
) -> list[WorkItem]:  # fmt: skip
    """One item for each person, in turn where the drawing says so; nobody at all still leaves one, unassigned."""
    asked: list[int | None] = list(people) or [None]
    deputies = _deputies(matter, [one for one in asked if one])
    amber, red = clock.deadlines(node, matter.now)
    items: list[WorkItem] = []
    for person in asked:
        deputy = deputies.get(person) if person else None
        if deputy == matter.instance.applicant_id and not node.own_matter:
            deputy = None
        waits = [items[-1].serial] if items and node.order == "sequential" else []
        state = State.OFFERED if is_pool and len(asked) > 1 else State.WAITING if waits else State.TODO
        item = matter.add(
            token, node, person_id=deputy or person, for_person_id=person if deputy else None, state=state, waits=waits,
            due_at=red, amber_at=amber, wake_at=amber or red if person else matter.now + LOOK_AGAIN, **given,
        )  # fmt: skip
        items.append(item)
        _together(items, is_pool=is_pool)
        matter.post.arrival(item)
    return items


def _deputies(matter: Matter, people: list[int]) -> dict[int, int]:
    if not matter.has_deputies:
        return {}
    return assignees.deputies(people, matter.instance.process, on=timezone.localdate(matter.now))


def _together(items: list[WorkItem], *, is_pool: bool) -> None:
    items[-1].round = items[0].serial
    if is_pool:
        items[-1].group = items[0].serial


def _skip(matter: Matter, token: Token, node: NodeSettings, items: list[WorkItem]) -> bool:
    """同人跳过: whoever approved before and is asked again has already said so."""
    said_yes = {item.person_id for item in matter.approvals() if item.token != token.name}
    same = [item for item in items if item.person_id in said_yes and item.person_id]
    if not same:
        return False
    people = [item.person_id for item in same if item.person_id]
    matter.begin(
        Verb.SKIP, Actor.system("workflow"), node=node, note=f"{names_of(people)}在前面的环节已经同意"
    )
    for item in same:
        matter.change(item, state=State.DONE, verdict="skip", acted_at=matter.now)
        free(matter, item)
    if signing.decision(node, items) != "approve":
        return False
    if node.operation:
        carry_out(matter, node.operation, rights.as_person(people[-1]))
    close_round(matter, items)
    matter.complete(token.name)
    return True


def free(matter: Matter, item: WorkItem) -> None:
    """Whose turn it is now that this one is closed."""
    for one in signing.freed(matter.together(item)):
        matter.change(matter.items[one.serial], state=State.TODO, arrived_at=matter.now)
        matter.post.arrival(matter.items[one.serial])


def close_round(matter: Matter, items: Iterable[WorkItem]) -> None:
    """Decided: whoever has not acted need not any more."""
    for one in items:
        if one.state in WorkItem.OPEN:
            matter.change(one, state=State.DROPPED)


def done_nodes(matter: Matter) -> list[str]:
    """The nodes completed so far, in order, by the journal."""
    return [node_of(name) for name, _ in matter.instance.journal if name]


def undo(
    matter: Matter, nodes: Collection[str], actor: Actor, *, covered: bool = True, opinion: str = ""
) -> list[str]:
    """Compensate nodes in reverse; what has taken effect and cannot be undone is refused unless something covers it."""
    undone = []
    for node_id in reversed(list(nodes)):
        node = matter.drawing.node(node_id)
        if node.compensate:
            carry_out(matter, node.compensate, actor, opinion)
            undone.append(node.name)
        elif node.operation and not covered:
            raise Refused(f"“{node.name}”已经生效，流程没有写明怎样撤销它，不能退到它之前", rule="compensate")
    return undone


def _over(matter: Matter) -> None:
    node = matter.drawing.node(matter.run.end_event())
    refused = matter.instance.data.get("verdict") == "refuse"
    outcome = node.outcome or (Instance.Outcome.REFUSED if refused else Instance.Outcome.GRANTED)
    finish(matter, outcome)


def finish(matter: Matter, outcome: str, *, why: str = "") -> None:
    """The matter has come to something: nothing of it stays open, whoever listens hears of it, the applicant reads why."""
    instance = matter.instance
    label = outcome_label(outcome)
    matter.begin(Verb.FINISH, Actor.system("workflow"), note=label)
    for item in matter.open_items():
        matter.change(item, state=State.DROPPED)
    instance.state, instance.outcome, instance.ended_at = Instance.State.ENDED, outcome, matter.now
    instance.tokens, instance.timers, instance.problem = [], {}, ""
    publish(
        events.InstanceEnded(
            instance_id=instance.pk, process=instance.process, subject_type=instance.subject_type,
            subject_id=instance.subject_id, applicant_id=instance.applicant_id, outcome=outcome,
        )
    )  # fmt: skip
    if matter.declaration.tells_applicant:
        matter.post.say("workflow.ended", [instance.applicant_id], outcome=label, text=why)


def outcome_label(outcome: str) -> str:
    known: dict[str, str] = {str(value): str(label) for value, label in Instance.Outcome.choices}
    return known.get(outcome, outcome)
