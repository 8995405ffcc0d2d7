"""What the clock does: timers of the drawing, lights, reminders, escalation. Run as often as one likes: it is what is due."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.workflow import assignees, signing
from yanta.kernel.workflow.matter import Matter, State
from yanta.kernel.workflow.models import Instance, WorkItem
from yanta.kernel.workflow.moving import (
    LOOK_AGAIN,
    carry_out,
    close_round,
    finish,
    free,
    names_of,
    proceed,
)
from yanta.kernel.workflow.verbs import Verb

log = logging.getLogger(__name__)
BATCH = 200
AGAIN = timedelta(days=1)
SYSTEM = Actor.system("workflow:clock")
Light = WorkItem.Light


def move_due(now: datetime) -> int:
    """Everything whose time has come; returns how many matters were touched."""
    timers = Instance.objects.filter(state=Instance.State.RUNNING, wake_at__lte=now)
    items = WorkItem.objects.filter(
        state__in=WorkItem.SHOWN, wake_at__lte=now, instance__state=Instance.State.RUNNING
    )
    due = [*timers.order_by("wake_at").values_list("pk", flat=True)[:BATCH]]
    due += items.order_by("wake_at").values_list("instance_id", flat=True)[:BATCH]
    return sum(_tried(instance_id, now) for instance_id in dict.fromkeys(due))


def _tried(instance_id: int, now: datetime) -> bool:
    """One matter by itself: what a rule refuses there must not stop the clock elsewhere."""
    try:
        with transaction.atomic():
            matter = Matter.load(instance_id)
            matter.now = now
            if matter.instance.state == Instance.State.RUNNING:
                _timers(matter)
                _items(matter)
                matter.save()
    except Refused as refusal:
        log.warning("workflow %s: %s", instance_id, refusal.message)
        problem, later = f"到期处理没有成功：{refusal.message}"[:300], now + LOOK_AGAIN
        Instance.objects.filter(pk=instance_id).update(problem=problem)
        Instance.objects.filter(pk=instance_id, wake_at__lte=now).update(wake_at=later)
        WorkItem.objects.filter(instance_id=instance_id, wake_at__lte=now).update(wake_at=later)
    return True


def _timers(matter: Matter) -> None:
    for token, at in sorted(matter.instance.timers.items(), key=lambda one: one[1]):
        if datetime.fromisoformat(at) <= matter.now and matter.run.has(token):
            node = next(one.node for one in matter.run.tokens if one.name == token)
            matter.begin(Verb.FIRE, SYSTEM, node=matter.drawing.node(node))
            matter.complete(token)
            proceed(matter)


def _items(matter: Matter) -> None:
    for item in list(matter.open_items()):
        if item.state not in WorkItem.SHOWN or item.wake_at is None or item.wake_at > matter.now:
            continue
        if item.person_id is None:
            _look_again(matter, item)
        elif item.due_at is not None and item.due_at <= matter.now:
            _red(matter, item)
        else:
            matter.change(item, light=Light.AMBER, wake_at=item.due_at)
            _tell(matter, item, "临期")


def _tell(matter: Matter, item: WorkItem, word: str) -> None:
    due = timezone.localtime(item.due_at) if item.due_at else matter.now
    people = [item.person_id, item.for_person_id]
    matter.post.say("workflow.overdue", people, word=word, node=item.node_title, due=f"{due:%m-%d %H:%M}")


def _look_again(matter: Matter, item: WorkItem) -> None:
    """Nobody was found before; perhaps somebody has been appointed since."""
    people = assignees.of_node(matter.node(item), matter.asking()).people
    if not people:
        matter.change(item, wake_at=matter.now + LOOK_AGAIN)
        return
    matter.begin(Verb.ASSIGN, SYSTEM, item=item, to_names=names_of(people[:1]))
    matter.change(item, person_id=people[0], wake_at=item.amber_at)
    matter.instance.problem = ""
    matter.post.arrival(item)


def _red(matter: Matter, item: WorkItem) -> None:
    node, is_first = matter.node(item), item.light != Light.RED
    matter.change(item, light=Light.RED, wake_at=matter.now + AGAIN)
    if is_first and node.overdue == "escalate" and node.escalate:
        _escalate(matter, item)
    elif is_first and node.overdue in ("pass", "refuse"):
        _decide(matter, item, node.overdue)
    else:
        _tell(matter, item, "已逾期")


def _escalate(matter: Matter, item: WorkItem) -> None:
    """Whoever is named for it decides instead; the one who was late sees so in the history."""
    node = matter.node(item)
    found = assignees.people_of([node.escalate], matter.asking()) if node.escalate else []
    together = {one.person_id for one in matter.together(item) if one.state != State.DROPPED}
    people = [one for one in found if one not in together and one != matter.instance.applicant_id]
    if not people:
        _tell(matter, item, "已逾期")
        return
    matter.begin(Verb.ESCALATE, SYSTEM, item=item, to_names=names_of(people[:1]))
    one = matter.add(
        item.token, node, kind=item.kind, person_id=people[0], round=item.round, group=item.group, state=State.TODO,
        waits=list(item.waits), added_by=item.added_by, due_at=item.due_at, wake_at=matter.now + AGAIN, light=Light.RED, back_to=item.back_to,
    )  # fmt: skip
    for other in matter.together(item):
        if item.serial in other.waits:
            waits = [one.serial if serial == item.serial else serial for serial in other.waits]
            matter.change(other, waits=waits)
    matter.change(item, state=State.DROPPED, verdict="late")
    matter.post.arrival(one)


def _decide(matter: Matter, item: WorkItem, word: str) -> None:
    """Silence is consent, or refusal, where the drawing says so."""
    verb, note = (Verb.PASS, "逾期自动通过") if word == "pass" else (Verb.REFUSE, "逾期自动不通过")
    matter.begin(verb, SYSTEM, item=item, note=note)
    verdict = "approve" if word == "pass" else "refuse"
    matter.change(item, state=State.DONE, verdict=verdict, wake_at=None)
    free(matter, item)
    _settle(matter, item, matter.together(item))


def _settle(matter: Matter, item: WorkItem, items: Iterable[WorkItem]) -> None:
    node = matter.node(item)
    decided = signing.decision(node, list(items))
    if not decided:
        return
    close_round(matter, items)
    matter.instance.data = {**matter.instance.data, "verdict": decided}
    ends = decided == "refuse" and item.node not in matter.drawing.branching
    operation = node.operation if decided == "approve" else node.refuse
    operation = operation or (matter.drawing.settings.refuse if ends else "")
    if operation:
        carry_out(matter, operation, SYSTEM, "逾期自动办理")
    if ends:
        finish(matter, Instance.Outcome.REFUSED)
        return
    matter.forget_names()
    matter.complete(item.token)
    proceed(matter)
