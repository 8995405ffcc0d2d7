"""加签, 减签, 转办, 委托办理: who signs at a node, changed by whoever is asked there."""

from __future__ import annotations

from yanta.kernel.base import Actor, Refused
from yanta.kernel.people.models import Person
from yanta.kernel.workflow.acting import Request, forbidden, settle, verb, written
from yanta.kernel.workflow.matter import Matter, State
from yanta.kernel.workflow.models import WorkItem
from yanta.kernel.workflow.moving import free, names_of
from yanta.kernel.workflow.verbs import Verb

WAYS = {"before": "前加签", "after": "后加签", "beside": "并加签"}
MOST_SIGNERS = 50


def _chosen(matter: Matter, item: WorkItem, asked: Request, *, one: bool = False) -> list[int]:
    """The people named, known and fit to be asked; each reason why not is said."""
    people = list(dict.fromkeys(asked.to))
    known = set(Person.objects.filter(pk__in=people, merged_into=None).values_list("pk", flat=True))
    if not people or set(people) - known:
        raise Refused("请选择人员", field="to", rule="people")
    if one and len(people) > 1:
        raise Refused(f"{asked.verb.label}只能给一个人", field="to", rule="people")
    if matter.instance.applicant_id in people and not matter.node(item).own_matter:
        raise Refused("申请人不能办理自己的事项", field="to", rule="own")
    asked_already = {
        each.person_id for each in matter.together(item) if each.state in (*WorkItem.OPEN, State.DONE)
    }
    if asked_already & set(people):
        raise Refused(
            f"{names_of([each for each in people if each in asked_already])}已经在这一环节的办理人里",
            field="to",
            rule="people",
        )
    return people


@verb(Verb.ADD_SIGNER, unless=forbidden(Verb.ADD_SIGNER))
def add_signer(matter: Matter, item: WorkItem, asked: Request) -> None:
    """Before: they sign first and it comes back; after: they sign once I have; beside: all of us."""
    how = asked.how or "beside"
    if how not in WAYS:
        raise Refused("加签方式应为前加签、后加签或并加签", field="how", rule="how")
    people = _chosen(matter, item, asked)
    if len(matter.together(item)) + len(people) > MOST_SIGNERS:
        raise Refused(f"一个环节最多 {MOST_SIGNERS} 人办理", field="to", rule="people")
    written(matter, item, asked, to_names=names_of(people)[:300], note=WAYS[how])
    added = [_added(matter, item, person, how) for person in people]
    if how == "before":
        matter.change(item, state=State.WAITING, waits=[*item.waits, *(one.serial for one in added)])


def _added(matter: Matter, item: WorkItem, person: int, how: str) -> WorkItem:
    waits = [item.serial] if how == "after" else []
    one = matter.add(
        item.token, matter.node(item), kind=WorkItem.Kind.ADDED, person_id=person, round=item.round, waits=waits,
        state=State.WAITING if waits else State.TODO, added_by=item.serial, due_at=item.due_at, amber_at=item.amber_at,
        wake_at=item.wake_at,
    )  # fmt: skip
    if how != "beside" or matter.node(item).sign == "one":
        one.group = item.group
    matter.post.arrival(one)
    return one


def unless_added(matter: Matter, item: WorkItem | None, actor: Actor) -> str:
    reason = _unless_adder(matter, item, actor)
    if reason or item is None:
        return reason
    return "" if _removable(matter, item) else "这一环节没有您加签而未办的人"


def _unless_adder(matter: Matter, item: WorkItem | None, actor: Actor) -> str:
    """Whoever added may take away, also while waiting for those added."""
    if item is not None and item.state == State.WAITING and item.person_id == actor.person_id:
        return ""
    return forbidden(Verb.DROP_SIGNER)(matter, item, actor)


def _removable(matter: Matter, item: WorkItem) -> list[WorkItem]:
    return [
        one for one in matter.together(item) if one.added_by == item.serial and one.state in WorkItem.OPEN
    ]


@verb(Verb.DROP_SIGNER, unless=unless_added)
def drop_signer(matter: Matter, item: WorkItem, asked: Request) -> None:
    """Those whom I added and who have not acted."""
    going = [one for one in _removable(matter, item) if one.person_id in asked.to]
    if len(going) < len(set(asked.to)) or not going:
        raise Refused("只能减去您自己加签、还没有办理的人", field="to", rule="people")
    written(matter, item, asked, to_names=names_of(asked.to)[:300])
    for one in going:
        matter.change(one, state=State.DROPPED, verdict="removed")
        free(matter, one)
    settle(matter, item, asked)


@verb(Verb.HAND_OVER, unless=forbidden(Verb.HAND_OVER))
def hand_over(matter: Matter, item: WorkItem, asked: Request) -> None:
    """Somebody else decides in my place, in their own name."""
    [person] = _chosen(matter, item, asked, one=True)
    written(matter, item, asked, to_names=names_of([person]))
    _passed_on(matter, item, person, for_person=None)


@verb(Verb.DELEGATE, unless=forbidden(Verb.DELEGATE))
def delegate(matter: Matter, item: WorkItem, asked: Request) -> None:
    """Somebody acts for me here, and the history says so."""
    [person] = _chosen(matter, item, asked, one=True)
    written(matter, item, asked, to_names=names_of([person]))
    _passed_on(matter, item, person, for_person=item.for_person_id or item.person_id)


def _passed_on(matter: Matter, item: WorkItem, person: int, *, for_person: int | None) -> None:
    """The same place in the round with another person; who waited for the old one waits for the new."""
    one = matter.add(
        item.token, matter.node(item), kind=item.kind, person_id=person, for_person_id=for_person, round=item.round,
        group=item.group, waits=list(item.waits), state=item.state, added_by=item.added_by, due_at=item.due_at,
        amber_at=item.amber_at, wake_at=item.wake_at, light=item.light,
    )  # fmt: skip
    for other in matter.together(item):
        if item.serial in other.waits:
            waits = [one.serial if serial == item.serial else serial for serial in other.waits]
            matter.change(other, waits=waits)
    matter.change(item, state=State.DROPPED, verdict="handed", acted_at=matter.now)
    matter.post.arrival(one)
