"""Thousands of actions at random: no orphan, no dead matter, no state without an explanation, and the history replays."""

import os
import random
from collections import Counter
from datetime import timedelta

import pytest

from yanta.kernel import workflow
from yanta.kernel.base import Refused
from yanta.kernel.testing.factories import OrgUnitFactory
from yanta.kernel.workflow import clockwork, replay
from yanta.kernel.workflow.drawing import drawing_of
from yanta.kernel.workflow.models import Instance, Step, WorkItem
from yanta.kernel.workflow.replaying import Altered
from yanta.kernel.workflow.tests.world import World

# Ten thousand take minutes; every run of the tests takes a part of the way, `YANTA_WALK=10000` the whole.
ACTIONS = int(os.environ.get("YANTA_WALK", "1000"))
AT_ONCE = 25
VERBS = (
    ("approve", 40), ("refuse", 2), ("return", 14), ("add_signer", 9), ("drop_signer", 4), ("hand_over", 7), ("delegate", 4),
    ("withdraw", 8), ("urge", 3), ("copy", 2), ("comment", 1), ("hold", 2), ("resume", 3), ("end", 1), ("assign", 2),
    ("clock", 2),
)  # fmt: skip
OTHERS = "子丑寅卯辰巳"


class Walk:
    """Somebody does something to some matter; what is refused is refused in words and changes nothing."""

    def __init__(self, world: World, engineer, clock, seed: int) -> None:
        self.world, self.engineer, self.clock = world, engineer, clock
        self.dice = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.open: list[Instance] = []
        self.units = 0

    def step(self) -> None:
        while len(self.open) < AT_ONCE:
            self.begin()
        at = self.dice.randrange(len(self.open))
        verb = self.dice.choices([name for name, _ in VERBS], [weight for _, weight in VERBS])[0]
        try:
            self.open[at] = self.act(self.open[at], verb)
            self.done[verb] += 1
        except Refused:
            self.refused[verb] += 1
        self.check(self.open[at].pk)
        self.open = [one for one in self.open if one.state != "ended"]

    def begin(self) -> None:
        self.units += 1
        self.world.unit = OrgUnitFactory.create(parent=self.world.unit.get_root(), code=f"W{self.units}")
        self.open.append(self.world.start())

    def act(self, instance: Instance, verb: str) -> Instance:
        self.clock.advance(minutes=self.dice.randint(1, 90))
        if verb == "clock":
            clockwork.move_due(self.clock.now)
            return Instance.objects.get(pk=instance.pk)
        if verb in ("hold", "resume", "end", "urge", "copy", "comment"):
            actor = self.engineer if verb in ("hold", "resume", "end") else self.world.person("申")
            to = [self.world.id(self.dice.choice(OTHERS))] if verb == "copy" else []
            return workflow.act(instance, verb, actor=actor, opinion="试", to=to)
        return self.act_on_item(instance, verb)

    def act_on_item(self, instance: Instance, verb: str) -> Instance:
        rows = list(instance.items.select_related("person").order_by("serial"))
        shown = [row for row in rows if row.state in WorkItem.SHOWN]
        item = self.dice.choice(rows if verb == "withdraw" or self.dice.random() < 0.05 else shown or rows)
        actor = self.engineer if verb == "assign" else self.world.person(item.person.name)
        if verb == "withdraw" and self.dice.random() < 0.1:
            return workflow.act(instance, verb, actor=self.world.person("申"))
        asked = {"opinion": "试", "to": [self.world.id(self.dice.choice(OTHERS))]}
        asked["how"] = self.dice.choice(
            ["before", "after", "beside"] if verb == "add_signer" else ["again", "straight"]
        )
        if verb == "return":
            behind = ["", *(node for node, _ in workflow.nodes_behind(instance))]
            asked["node"] = self.dice.choice(behind)
        if verb == "drop_signer":
            asked["to"] = [row.person_id for row in rows if row.added_by == item.serial][-1:]
        return workflow.act(item, verb, actor=actor, **asked)

    @staticmethod
    def told(instance: Instance) -> list[str]:
        return [f"{one} {one.opinion} {one.note} {one.did.get('items')}" for one in instance.steps.all()]

    def check(self, key: int) -> None:
        """A running matter has somebody whose turn it is; an ended one has nobody; every token is attended."""
        instance = Instance.objects.get(pk=key)
        items = list(instance.items.all())
        turn = [one for one in items if one.state in WorkItem.SHOWN]
        if instance.state == "ended":
            assert not [one for one in items if one.state in WorkItem.OPEN]
            assert instance.outcome
            assert not instance.tokens
            return
        assert turn, f"nobody's turn: {instance.tokens} {self.told(instance)}"
        paused = {one.token for one in items if one.state == WorkItem.State.PAUSED}
        attended = {one.token for one in items if one.state in WorkItem.OPEN}
        for token in instance.tokens:
            assert token in attended, f"{token} has no item"
        for one in turn:
            is_detour = one.token.startswith(("~", "@"))
            assert is_detour or one.token in instance.tokens, f"{one.token} is an orphan"
            assert not (is_detour and paused) or one.back_to


@pytest.mark.parametrize("seed", [20261121])
def test_a_random_walk(world: World, eight: str, engineer, clock, seed: int) -> None:
    walk = Walk(world, engineer, clock, seed)
    for _ in range(ACTIONS):
        walk.step()

    ended = Instance.objects.filter(state="ended").count()
    print(f"\n{ended} ended, {len(walk.open)} open, done {dict(walk.done)}, refused {dict(walk.refused)}")
    assert ended > ACTIONS / 200
    assert {name for name, _ in VERBS} == set(walk.done)
    assert Step.objects.count() > sum(walk.done.values()) / 2


class TestReplay:
    """A history that was touched does not lead to the state any more."""

    def altered(self, world: World, **values) -> Instance:
        world.is_tampered_with = True
        instance = world.approve(world.start(), "甲乙丙丁")
        replay(instance)
        Step.objects.filter(instance=instance, number=3).update(**values)
        return instance

    @pytest.mark.parametrize(
        "values",
        [
            {"opinion": "同意（补）"}, {"by_name": "别人"}, {"verb": "refuse"}, {"node": "one"}, {"did": {}},
            {"after": ["eight#1"]},
        ],
        ids=lambda values: next(iter(values)),
    )  # fmt: skip
    def test_an_altered_row_shows(self, world: World, eight: str, values) -> None:
        with pytest.raises(Altered, match="step 3 was altered"):
            replay(self.altered(world, **values))

    def test_a_missing_row_shows(self, world: World, eight: str) -> None:
        instance = self.altered(world)
        Step.objects.filter(instance=instance, number=5).delete()

        with pytest.raises(Altered, match="last step"):
            replay(instance)

    def test_a_state_that_does_not_follow_shows(self, world: World, eight: str) -> None:
        instance = self.altered(world)
        WorkItem.objects.filter(instance=instance, person_id=world.id("戊")).update(state="done")

        with pytest.raises(Altered, match="items"):
            replay(instance)

    def test_conditions_are_replayed_as_they_came_out_then(self, world: World, drawn) -> None:
        from yanta.kernel.workflow.tests.world import asks, bpmn

        body = (
            '<startEvent id="s"/><endEvent id="e"/><exclusiveGateway id="x"/>'
            + asks("one", "t1")
            + asks("two", "t2")
        )
        key = drawn(
            bpmn(
                body,
                ("s", "one"),
                ("one", "x"),
                ("x", "two", "days &gt; 3"),
                ("x", "e", "days &lt;= 3"),
                ("two", "e"),
            ),
            data=lambda unit: {"days": len(unit.short_name)},
        )
        world.unit.short_name = "四五六七"
        world.unit.save()
        instance = world.approve(world.start(key), "甲")
        world.unit.short_name = "一"
        world.unit.save()

        assert world.asked(instance) == "乙"
        assert drawing_of(instance.version_id).nodes
        replay(instance)
        clockwork.move_due(instance.started_at + timedelta(days=1))
