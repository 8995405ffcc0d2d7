"""A process of eight steps with a countersign of three in the middle, over a unit's name; and those who decide it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from yanta.kernel import workflow
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import operation
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.testing.factories import AccountFactory, PersonFactory
from yanta.kernel.workflow import rights
from yanta.kernel.workflow.models import Instance, WorkItem

HEAD = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:yanta="urn:yanta:bpmn" id="defs"
 targetNamespace="urn:test">"""


def bpmn(body: str, *flows: tuple[str, ...], key: str = "p", process: str = "", more: str = "") -> str:
    """A file of one process: elements as text, flows as (from, to) or (from, to, condition)."""
    drawn = []
    for number, (source, target, *condition) in enumerate(flows, 1):
        inside = f"<conditionExpression>{condition[0]}</conditionExpression>" if condition else ""
        drawn.append(
            f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'
        )
    return f'{HEAD}<process id="{key}" isExecutable="true" {process}>{body}{"".join(drawn)}</process>{more}</definitions>'


def asks(node: str, relation: str, **attributes: str) -> str:
    """A step of people who stand in this relation to the unit."""
    given = " ".join(f'yanta:{name}="{value}"' for name, value in attributes.items())
    return f'<userTask id="{node}" name="{node}" yanta:assignees="relation:{relation}" {given}/>'


def chain(*nodes: str) -> list[tuple[str, ...]]:
    return list(pairwise(nodes))


EIGHT = bpmn(
    '<startEvent id="s"/><endEvent id="e"/>'
    + asks("one", "t1", operation="organisation.orgunit.note", compensate="organisation.orgunit.rub_out", amber="1h", due="8h")
    + asks("two", "t2", bulk="true")
    + asks("three", "t3")
    + asks("four", "t4", sign="all")
    + '<parallelGateway id="split"/><parallelGateway id="join"/>'
    + asks("five", "t5")
    + asks("six", "t6")
    + asks("seven", "t7", skipSame="true")
    + asks("eight", "t8", operation="organisation.orgunit.decide"),
    *chain("s", "one", "two", "three", "four", "split", "five", "join", "seven", "eight", "e"),
    ("split", "six"),
    ("six", "join"),
    process='yanta:withdraw="organisation.orgunit.rub_out" yanta:sendBack="organisation.orgunit.rub_out" '
    'yanta:resume="organisation.orgunit.again" yanta:refuse="organisation.orgunit.no"',
)  # fmt: skip


@operation("记一笔", model=None)
def note(unit: OrgUnit, *, actor: Actor) -> None:
    """Writes who decided, and refuses a unit that is in its way."""
    if unit.short_name == "拦":
        raise Refused("现在不能记")
    unit.aliases = f"{unit.aliases}+{actor.name}"[-200:]
    unit.save(update_fields=["aliases", "updated_at"])


@operation("擦掉")
def rub_out(unit: OrgUnit, *, actor: Actor) -> None:
    unit.aliases = ""
    unit.save(update_fields=["aliases", "updated_at"])


@operation("再来")
def again(unit: OrgUnit, *, actor: Actor, name: str = "") -> None:
    unit.aliases = f"again{name}"
    unit.save(update_fields=["aliases", "updated_at"])


@operation("不行")
def no(unit: OrgUnit, *, actor: Actor, opinion: str) -> None:
    unit.aliases = f"no:{opinion}"
    unit.save(update_fields=["aliases", "updated_at"])


@operation("定")
def decide(unit: OrgUnit, *, actor: Actor, opinion: str = "") -> None:
    unit.aliases = f"{unit.aliases}=decided"[-200:]
    unit.save(update_fields=["aliases", "updated_at"])


@dataclass
class World:
    """People by letter, whom each relation names, and the way to act as them."""

    unit: OrgUnit
    people: dict[str, Actor] = field(default_factory=dict)
    relations: dict[str, list[str]] = field(default_factory=dict)
    is_tampered_with: bool = False

    def person(self, letter: str) -> Actor:
        if letter not in self.people:
            person = PersonFactory.create(name=letter)
            account = AccountFactory.create(person=person, name=letter)
            self.people[letter] = Actor(account_id=account.pk, person_id=person.pk, name=letter)
        return self.people[letter]

    def id(self, letter: str) -> int:
        found = self.person(letter).person_id
        assert found is not None
        return found

    def ids(self, relation: str) -> list[int]:
        return [self.id(letter) for letter in self.relations.get(relation, [])]

    def start(self, key: str = "test.eight", **data: Any) -> Instance:
        return workflow.start(key, subject=self.unit, actor=self.person("申"), data=data)

    def item(self, instance: Instance, letter: str, node: str = "") -> WorkItem:
        """The open item of this person, the latest first."""
        rows = WorkItem.objects.filter(instance=instance, person_id=self.id(letter), state__in=WorkItem.OPEN)
        return (rows.filter(node=node) if node else rows).order_by("-serial")[0]

    def act(self, instance: Instance, letter: str, verb: str, *, node: str = "", **asked: Any) -> Instance:
        """`world.act(i, "甲", "approve")` on that person's open item."""
        at = asked.pop("at", "")
        if "to" in asked:
            asked["to"] = [self.id(one) for one in asked["to"]]
        return workflow.act(
            self.item(instance, letter, at), verb, actor=self.person(letter), node=node, **asked
        )

    def approve(self, instance: Instance, letters: str) -> Instance:
        for letter in letters:
            instance = self.act(instance, letter, "approve")
        return instance

    def asked(self, instance: Instance) -> str:
        """Letters of those whose turn it is, in the order they were asked."""
        rows = WorkItem.objects.filter(instance=instance, state__in=WorkItem.SHOWN).order_by("serial")
        return "".join(row.person.name if row.person else "?" for row in rows.select_related("person"))

    def at(self, instance: Instance) -> list[str]:
        instance.refresh_from_db()
        return [token.rpartition("#")[0] or token for token in instance.tokens]


# One, two, three; four is three people; five and six beside each other; seven; eight.
DECIDERS = {
    "t1": "甲",
    "t2": "乙",
    "t3": "丙",
    "t4": "丁戊己",
    "t5": "庚",
    "t6": "辛",
    "t7": "壬",
    "t8": "癸",
}


def history(instance: Instance) -> list[str]:
    """Who did what, in order."""
    return [f"{step.by_name}:{step.verb}" for step in instance.steps.order_by("number")]


def note_of(instance: Instance) -> str:
    """What the operations of the steps have written."""
    return str(rights.subject_of(instance).aliases)
