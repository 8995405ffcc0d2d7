"""What is still to come and with whom: the tokens moved on in thought, as if everybody approved. Nothing is written or kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache

from yanta.kernel.base import Refused
from yanta.kernel.people.models import Person
from yanta.kernel.workflow import assignees, conditions
from yanta.kernel.workflow.matter import WITH_APPLICANT, Matter
from yanta.kernel.workflow.models import Instance, WorkItem
from yanta.kernel.workflow.tokens import Decide, Run, Token

# Beyond so many movements the drawing goes round in a circle.
MOST_MOVES = 60
KEPT_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Ahead:
    """One step that is still to come; `people` are empty where it depends on what is not known yet."""

    node: str
    name: str
    people: tuple[str, ...]

    @property
    def who(self) -> str:
        """The names as a line has room for them."""
        return several(self.people)


def several(names: Sequence[str]) -> str:
    """Three names, and how many they are if there are more."""
    return "、".join(names[:3]) + (f" 等 {len(names)} 人" if len(names) > 3 else "")


def ahead_of(instance: Instance) -> list[Ahead]:
    """The steps of people that follow, each once, in their order; nothing once the matter is over."""
    if not instance.is_open:
        return []
    key = f"workflow:ahead:{instance.pk}:{instance.last_step}"
    found: list[Ahead] | None = cache.get(key)
    if found is None:
        found = _foreseen(Matter.load(instance.pk, locked=False))
        cache.set(key, found, KEPT_SECONDS)
    return found


def _foreseen(matter: Matter) -> list[Ahead]:
    again = matter.instance.tokens == [WITH_APPLICANT] and not matter.instance.journal
    run = Run(matter.drawing, _approving(matter), [] if again else matter.instance.journal)
    asked_now = {item.token for item in matter.open_items() if item.state != WorkItem.State.PAUSED}
    nodes: dict[str, None] = {}
    try:
        for _ in range(MOST_MOVES):
            token = _next(run)
            if token is None or run.is_over:
                break
            if matter.drawing.asks_people(token.node) and token.name not in asked_now:
                nodes[token.node] = None
            run.complete(token.name)
    except Refused:
        pass  # a way that depends on what somebody has still to say: what is sure up to there is told
    return _named(matter, list(nodes))


def _next(run: Run) -> Token | None:
    """Whatever can go on; an event only where nothing else can."""
    tokens = sorted(run.tokens, key=lambda token: token.waits_for_event)
    return tokens[0] if tokens else None


def _approving(matter: Matter) -> Decide:
    names = {**matter.names(), "verdict": "approve"}
    return lambda text: conditions.evaluate(text, names)


def _named(matter: Matter, nodes: list[str]) -> list[Ahead]:
    """Those who are asked anyway; a step that passes by itself is left out."""
    asking, names = matter.asking(), matter.names()
    people: dict[str, tuple[int, ...]] = {}
    for one in nodes:
        node = matter.drawing.node(one)
        if node.auto and conditions.evaluate(node.auto, names):
            continue
        try:
            people[one] = assignees.of_node(node, asking).people
        except Refused:
            people[one] = ()
    known = dict(
        Person.objects.filter(pk__in={each for found in people.values() for each in found}).values_list(
            "pk", "name"
        )
    )
    return [
        Ahead(one, matter.drawing.node(one).name, tuple(known[each] for each in found if each in known))
        for one, found in people.items()
    ]
