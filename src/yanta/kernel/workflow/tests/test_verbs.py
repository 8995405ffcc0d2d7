"""Approving and refusing, alone and together, on a process of eight steps with a countersign of three in the middle."""

import pytest

from yanta.kernel import workflow
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.testing import published
from yanta.kernel.workflow import events
from yanta.kernel.workflow.models import Step
from yanta.kernel.workflow.tests.world import World, asks, bpmn, chain, history, note_of


class TestForward:
    def test_runs_through_eight_steps_to_the_end(self, world: World, eight: str) -> None:
        instance = world.start()
        assert world.asked(instance) == "甲"

        for letters in ("甲", "乙", "丙", "丁戊己"):
            world.approve(instance, letters)
        assert world.asked(instance) == "庚辛"
        instance = world.approve(instance, "辛庚壬癸")

        assert (instance.state, instance.outcome) == ("ended", "granted")
        assert note_of(instance) == "+甲=decided"
        ended = [event for event in published() if isinstance(event, events.InstanceEnded)]
        assert [event.outcome for event in ended] == ["granted"]

    def test_each_action_is_one_row(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲乙")

        assert history(instance) == ["申:start", "甲:approve", "乙:approve"]
        step = Step.objects.get(instance=instance, number=2)
        assert (step.before, step.after) == (["one#1"], ["two#1"])

    def test_the_assignment_is_the_right_and_for_this_row_only(self, world: World, eight: str) -> None:
        from yanta.kernel.workflow.tests.world import note

        with pytest.raises(NotAllowed):
            note(world.unit, actor=world.person("甲"))
        world.approve(world.start(), "甲")

    def test_a_refusal_of_the_operation_undoes_everything(self, world: World, eight: str) -> None:
        instance = world.start()
        type(world.unit).objects.filter(pk=world.unit.pk).update(short_name="拦")

        with pytest.raises(Refused, match="现在不能记"):
            world.approve(instance, "甲")

        assert world.asked(instance) == "甲"
        assert history(instance) == ["申:start"]

    def test_nobody_else_can_act(self, world: World, eight: str) -> None:
        instance = world.start()

        with pytest.raises(NotAllowed, match="不是交给您"):
            workflow.act(world.item(instance, "甲"), "approve", actor=world.person("乙"))

    def test_twice_is_told(self, world: World, eight: str) -> None:
        instance = world.start()
        item = world.item(instance, "甲")
        world.approve(instance, "甲")

        with pytest.raises(Refused, match="已经办过"):
            workflow.act(item, "approve", actor=world.person("甲"))

    def test_a_row_is_handed_in_once(self, world: World, eight: str) -> None:
        world.start()

        with pytest.raises(Refused, match="已经在办理中"):
            world.start()


class TestRefuse:
    def test_ends_the_matter_with_the_reason(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲")
        instance = world.act(instance, "乙", "refuse", opinion="材料不实")

        assert (instance.state, instance.outcome) == ("ended", "refused")
        assert note_of(instance) == "no:材料不实"
        assert world.asked(instance) == ""

    def test_needs_an_opinion(self, world: World, eight: str) -> None:
        with pytest.raises(Refused, match="写明意见"):
            world.act(world.start(), "甲", "refuse")

    def test_one_veto_of_three_refuses(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲乙丙丁")
        instance = world.act(instance, "己", "refuse", opinion="不妥")

        assert instance.outcome == "refused"

    def test_follows_the_drawing_where_a_condition_reads_the_verdict(self, world: World, drawn) -> None:
        key = drawn(
            bpmn(
                '<startEvent id="s"/><endEvent id="e"/><exclusiveGateway id="x" default="f3"/>'
                + asks("one", "t1")
                + asks("mend", "t2"),
                ("s", "one"),
                ("one", "x"),
                ("x", "e"),
                ("x", "mend", "verdict == 'refuse'"),
                ("mend", "one"),
            )
        )
        instance = world.act(world.start(key), "甲", "refuse", opinion="再改改")

        assert world.asked(instance) == "乙"
        instance = world.approve(instance, "乙甲")
        assert instance.outcome == "granted"


class TestSigning:
    def drawn(self, drawn, **attributes: str) -> str:
        body = (
            '<startEvent id="s"/><endEvent id="e"/>' + asks("four", "t4", **attributes) + asks("last", "t8")
        )
        return drawn(bpmn(body, *chain("s", "four", "last", "e")))

    def test_one_of_three(self, world: World, drawn) -> None:
        instance = world.approve(world.start(self.drawn(drawn, sign="one")), "戊")

        assert world.asked(instance) == "癸"

    def test_the_slower_is_told_who_was_faster(self, world: World, drawn) -> None:
        instance = world.start(self.drawn(drawn, sign="one"))
        slow = world.item(instance, "己")
        world.approve(instance, "戊")

        with pytest.raises(Refused, match="已由戊办理"):
            workflow.act(slow, "approve", actor=world.person("己"))

    def test_all_of_three(self, world: World, drawn) -> None:
        instance = world.approve(world.start(self.drawn(drawn, sign="all")), "己丁")

        assert world.asked(instance) == "戊"
        assert world.asked(world.approve(instance, "戊")) == "癸"

    def test_two_thirds(self, world: World, drawn) -> None:
        instance = world.start(self.drawn(drawn, sign="share", share="66", veto="false"))
        world.act(instance, "丁", "refuse", opinion="不同意")

        assert world.asked(world.approve(instance, "戊己")) == "癸"

    def test_a_share_that_cannot_be_reached_refuses(self, world: World, drawn) -> None:
        instance = world.start(self.drawn(drawn, sign="share", share="66", veto="false"))
        world.act(instance, "丁", "refuse", opinion="一")
        instance = world.act(instance, "己", "refuse", opinion="二")

        assert instance.outcome == "refused"

    def test_in_turn(self, world: World, drawn) -> None:
        instance = world.start(self.drawn(drawn, sign="all", order="sequential"))
        assert world.asked(instance) == "丁"
        with pytest.raises(Refused, match="轮到您"):
            world.act(instance, "己", "approve")

        instance = world.approve(instance, "丁戊己")
        assert world.asked(instance) == "癸"
