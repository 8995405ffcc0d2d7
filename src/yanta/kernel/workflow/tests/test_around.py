"""What is done about a matter rather than in it, and which verbs are offered."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from yanta.kernel import workflow
from yanta.kernel.base import Refused
from yanta.kernel.workflow.models import Copy, Instance
from yanta.kernel.workflow.tests.world import World, asks, bpmn, history, note_of


class TestAround:
    def test_urged_not_too_often(self, world: World, eight: str, clock) -> None:
        instance = world.start()
        workflow.act(instance, "urge", actor=world.person("申"), opinion="急")

        with pytest.raises(Refused, match="2 小时内"):
            workflow.act(instance, "urge", actor=world.person("申"))
        clock.advance(hours=3)
        workflow.act(instance, "urge", actor=world.person("申"))
        assert world.item(instance, "甲").urged == 2

    def test_shown_to_others(self, world: World, eight: str) -> None:
        instance = world.start()
        to = [world.id("子")]
        workflow.act(instance, "copy", actor=world.person("甲"), to=to, opinion="请阅")

        assert list(Copy.objects.values_list("person_id", flat=True)) == to
        with pytest.raises(Refused, match="没有参与"):
            workflow.act(instance, "copy", actor=world.person("寅"), to=to)

    def test_held_and_resumed_with_later_deadlines(self, world: World, eight: str, clock, engineer) -> None:
        instance = world.start()
        due = world.item(instance, "甲").due_at
        workflow.act(instance, "hold", actor=engineer, opinion="等通知")
        with pytest.raises(Refused, match="挂起"):
            world.approve(instance, "甲")
        clock.advance(days=2)
        workflow.act(instance, "resume", actor=engineer)

        assert world.item(instance, "甲").due_at == due + timedelta(days=2)
        world.approve(instance, "甲")

    def test_ended_with_what_was_done_undone(self, world: World, eight: str, engineer) -> None:
        instance = world.approve(world.start(), "甲乙丙丁")
        with pytest.raises(Refused, match="只有流程负责人"):
            workflow.act(instance, "end", actor=world.person("乙"), opinion="x")
        instance = workflow.act(instance, "end", actor=engineer, opinion="重复")

        assert (instance.outcome, note_of(instance)) == ("terminated", "")
        assert "已撤销：one" in [step.note for step in instance.steps.all()]

    def test_comments_decide_nothing(self, world: World, eight: str) -> None:
        instance = world.start()
        workflow.act(instance, "comment", actor=world.person("申"), opinion="已补充")

        assert history(instance)[-1] == "申:comment"
        assert world.asked(instance) == "甲"

    def test_assigned_by_a_manager(self, world: World, eight: str, engineer) -> None:
        instance = world.start()
        workflow.act(world.item(instance, "甲"), "assign", actor=engineer, to=[world.id("子")])

        assert world.asked(instance) == "子"

    def test_many_at_once_only_where_the_step_allows(self, world: World, eight: str) -> None:
        instance = world.start()
        first = workflow.act_on_each([world.item(instance, "甲")], "approve", actor=world.person("甲"))
        assert "不能批量" in first[0].refusal
        world.approve(instance, "甲")

        [second] = workflow.act_on_each([world.item(instance, "乙")], "approve", actor=world.person("乙"))
        assert second.done


class TestChoices:
    def verbs(self, target, actor) -> set[str]:
        return {choice.verb.value for choice in workflow.choices(target, actor)}

    def test_offers_what_makes_sense(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲")
        found = self.verbs(world.item(instance, "乙"), world.person("乙"))

        assert {"approve", "refuse", "return", "add_signer", "hand_over", "copy"} <= found
        assert not {"claim", "withdraw", "end", "drop_signer"} & found
        assert self.verbs(instance, world.person("申")) == {"withdraw", "urge", "copy", "comment"}

    def test_says_where_one_can_return_to(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲乙")
        [found] = [
            one
            for one in workflow.choices(world.item(instance, "丙"), world.person("丙"))
            if one.verb == "return"
        ]

        assert found.nodes == (("", "申请人"), ("one", "one"), ("two", "two"))
        assert found.needs_opinion

    def test_the_button_says_what_the_step_does(self, world: World, drawn: Callable[..., str]) -> None:
        one = asks("one", "t1", operation="organisation.orgunit.note") + asks("two", "t2")
        drawn(
            bpmn(f"<startEvent id='s'/>{one}<endEvent id='e'/>", ("s", "one"), ("one", "two"), ("two", "e"))
        )
        instance = world.start()

        assert self.titles(world, instance, "甲")["approve"] == "记一笔"
        world.approve(instance, "甲")
        assert self.titles(world, instance, "乙")["approve"] == "同意"

    def titles(self, world: World, instance: Instance, letter: str) -> dict[str, str]:
        found = workflow.choices(world.item(instance, letter), world.person(letter))
        return {one.verb.value: one.title for one in found}
