"""What is done about a matter rather than in it: urge, copy, comment; and what its managers may: hold, end, assign."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from yanta.kernel import audit
from yanta.kernel.access import roles
from yanta.kernel.base import Actor, Refused
from yanta.kernel.people.models import Person
from yanta.kernel.workflow import assignees
from yanta.kernel.workflow.acting import Request, verb, written
from yanta.kernel.workflow.matter import Matter, State
from yanta.kernel.workflow.models import Copy, Instance, Step, WorkItem
from yanta.kernel.workflow.moving import carry_out, done_nodes, finish, names_of, proceed, undo
from yanta.kernel.workflow.verbs import Verb

MANAGE = "workflow.instance.manage"
URGE_PAUSE, MOST_URGES = timedelta(hours=2), 5

roles.allow("engineer", {MANAGE})
roles.allow("head", {MANAGE})


def manages(matter: Matter, actor: Actor) -> bool:
    """Engineers, heads of the matter's unit, the owner of the process."""
    if actor.is_system:
        return True
    reach = actor.reach(MANAGE)
    path = matter.instance.unit.path if matter.instance.unit else ""
    if reach.everything or (path and any(path.startswith(one) for one in reach.paths)):
        return True
    owner = matter.drawing.settings.owner
    return (
        owner is not None
        and actor.person_id is not None
        and actor.person_id in assignees.people_of([owner], matter.asking())
    )


def takes_part(matter: Matter, actor: Actor) -> bool:
    """Whose matter it is, whoever was ever asked or shown it."""
    person, instance = actor.person_id, matter.instance
    if person is None:
        return False
    if person in (instance.applicant_id, instance.started_by_id):
        return True
    asked = any(person in (item.person_id, item.for_person_id) for item in matter.items.values())
    return asked or Copy.objects.filter(instance=instance, person_id=person).exists()


def unless_managed(*states: str) -> Any:
    """Managers only, in one of these states of the instance."""

    def unless(matter: Matter, _item: WorkItem | None, actor: Actor) -> str:
        if matter.instance.state not in states:
            return f"这件事{matter.instance.get_state_display()}，不能这样处理"
        return "" if manages(matter, actor) else "只有流程负责人可以这样处理"

    return unless


def unless_part(matter: Matter, _item: WorkItem | None, actor: Actor) -> str:
    return "" if takes_part(matter, actor) or manages(matter, actor) else "您没有参与这件事"


def unless_urgeable(matter: Matter, _item: WorkItem | None, actor: Actor) -> str:
    instance = matter.instance
    if instance.state != Instance.State.RUNNING:
        return f"这件事{instance.get_state_display()}，不用催办"
    if actor.person_id not in (instance.applicant_id, instance.started_by_id) and not manages(matter, actor):
        return "只有申请人和流程负责人可以催办"
    todo = [one for one in matter.open_items() if one.state in WorkItem.SHOWN]
    if not todo:
        return "现在没有人待办，不用催办"
    if all(one.person_id == actor.person_id for one in todo):
        return "正等您办理，不用催办"
    if all(one.urged >= MOST_URGES for one in todo):
        return f"已经催办 {MOST_URGES} 次，请直接联系办理人"
    if all(one.urged_at and matter.now - one.urged_at < URGE_PAUSE for one in todo):
        return "2 小时内已经催办过，请稍后再催"
    return ""


@verb(Verb.URGE, unless=unless_urgeable)
def urge(matter: Matter, _item: WorkItem | None, asked: Request) -> None:
    """A word to everybody whose turn it is; not too often."""
    written(matter, None, asked)
    for one in matter.open_items():
        recently = one.urged_at and matter.now - one.urged_at < URGE_PAUSE
        if one.state in WorkItem.SHOWN and not recently and one.urged < MOST_URGES:
            matter.change(one, urged=one.urged + 1, urged_at=matter.now)
            text = asked.opinion or "请尽快办理"
            people = [one.person_id, one.for_person_id]
            matter.post.say(
                "workflow.urged", people, node=one.node_title, by=asked.actor.signature, text=text
            )


@verb(Verb.COPY, unless=unless_part)
def copy(matter: Matter, _item: WorkItem | None, asked: Request) -> None:
    """Shown to people who need not decide; when they read it is kept."""
    people = list(dict.fromkeys(asked.to))
    known = set(Person.objects.filter(pk__in=people, merged_into=None).values_list("pk", flat=True))
    if not people or set(people) - known:
        raise Refused("请选择收阅人", field="to", rule="people")
    written(matter, None, asked, to_names=names_of(people)[:300])
    matter.copy_to(people, asked.actor, note=asked.opinion)
    matter.post.say("workflow.copied", people, by=asked.actor.signature, text=asked.opinion)


@verb(Verb.COMMENT, unless=unless_part)
def comment(matter: Matter, _item: WorkItem | None, asked: Request) -> None:
    """A word, with attachments, that decides nothing."""
    if not asked.opinion and not asked.attachments:
        raise Refused("请写留言", field="opinion", rule="opinion")
    written(matter, None, asked)


@verb(Verb.HOLD, unless=unless_managed(Instance.State.RUNNING))
def hold(matter: Matter, _item: WorkItem | None, asked: Request) -> None:
    """Nobody can act and no clock runs."""
    _need_reason(asked)
    written(matter, None, asked)
    matter.instance.state = Instance.State.HELD
    _audited(matter, asked)


@verb(Verb.RESUME, unless=unless_managed(Instance.State.HELD))
def resume(matter: Matter, _item: WorkItem | None, asked: Request) -> None:
    """Goes on where it stood; deadlines move by the time it was held."""
    held = Step.objects.filter(instance=matter.instance, verb=Verb.HOLD).order_by("-number").first()
    written(matter, None, asked)
    matter.instance.state = Instance.State.RUNNING
    if held is not None:
        _put_off(matter, matter.now - held.at)
    _audited(matter, asked)


def _put_off(matter: Matter, by: timedelta) -> None:
    for item in matter.open_items():
        times = {
            name: getattr(item, name) + by
            for name in ("due_at", "amber_at", "wake_at")
            if getattr(item, name) is not None
        }
        matter.change(item, **times)
    matter.instance.timers = {
        name: (matter.now.fromisoformat(at) + by).isoformat() for name, at in matter.instance.timers.items()
    }


@verb(Verb.END, unless=unless_managed(Instance.State.RUNNING, Instance.State.HELD))
def end(matter: Matter, _item: WorkItem | None, asked: Request) -> None:
    """For good: what was done is undone in reverse as far as the drawing says how."""
    _need_reason(asked)
    step = written(matter, None, asked)
    undone = undo(matter, done_nodes(matter), asked.actor, opinion=asked.opinion)
    step.note = f"已撤销：{'、'.join(undone)}"[:300] if undone else ""
    if matter.drawing.settings.terminate:
        carry_out(matter, matter.drawing.settings.terminate, asked.actor, asked.opinion)
    finish(matter, Instance.Outcome.TERMINATED, why=asked.opinion)
    _audited(matter, asked)


def unless_assignable(matter: Matter, item: WorkItem | None, actor: Actor) -> str:
    reason: str = unless_managed(Instance.State.RUNNING)(matter, item, actor)
    if reason or item is None:
        return reason
    return "" if item.state in WorkItem.OPEN else "这项待办已经结束，不能另派"


@verb(Verb.ASSIGN, unless=unless_assignable)
def assign(matter: Matter, item: WorkItem, asked: Request) -> None:
    """A manager names who is to act, where nobody was found or the one found cannot."""
    if len(asked.to) != 1 or not Person.objects.filter(pk__in=asked.to, merged_into=None).exists():
        raise Refused("请指定一位办理人", field="to", rule="people")
    if asked.to[0] == matter.instance.applicant_id and not matter.node(item).own_matter:
        raise Refused("申请人不能办理自己的事项", field="to", rule="own")
    written(matter, item, asked, to_names=names_of(asked.to))
    state = State.TODO if item.state == State.OFFERED else item.state
    matter.change(item, person_id=asked.to[0], for_person_id=None, state=state, arrived_at=matter.now)
    for one in matter.together(item):
        if one is not item and one.state == State.OFFERED:
            matter.change(one, state=State.DROPPED)
    matter.instance.problem = ""
    matter.post.arrival(item)
    _audited(matter, asked)


@verb(Verb.FIRE, unless=unless_managed(Instance.State.RUNNING))
def fire(matter: Matter, _item: WorkItem | None, asked: Request) -> None:
    """What the drawing waits for has come: a message, or a time that a person calls."""
    waiting = [token for token in matter.run.tokens if _waits(matter, token)]
    token = next((one for one in waiting if asked.node in ("", one.node, one.name)), None)
    if token is None:
        raise Refused("现在没有在等这个事件", rule="event", field="node")
    written(matter, None, asked).node = token.node
    matter.complete(token.name)
    proceed(matter)


def _waits(matter: Matter, token: Any) -> bool:
    return token.waits_for_event or matter.drawing.tags.get(token.node) == "receiveTask"


def _need_reason(asked: Request) -> None:
    if not asked.opinion:
        raise Refused("请写明原因", field="opinion", rule="opinion")


def _audited(matter: Matter, asked: Request) -> None:
    audit.record(
        f"workflow.instance.{asked.verb.value}", actor=asked.actor, subject=matter.instance, summary=asked.verb.label,
        data={"reason": asked.opinion},
    )  # fmt: skip
