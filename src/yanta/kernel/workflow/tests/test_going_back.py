"""Returned, taken back, withdrawn: out of a countersign, a branch, and from behind what took effect."""

import pytest

from yanta.kernel import workflow
from yanta.kernel.base import Refused
from yanta.kernel.workflow.models import WorkItem
from yanta.kernel.workflow.tests.world import EIGHT, World, asks, bpmn, chain, note_of


class TestReturn:
    def test_to_an_earlier_node_and_forward_again_through_all(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲乙丙丁")
        instance = world.act(instance, "戊", "return", node="two", opinion="再核")

        assert world.asked(instance) == "乙"
        assert world.asked(world.approve(instance, "乙丙")) == "丁戊己"

    def test_amid_a_parallel_branch_leaves_the_other_alone(self, world: World, drawn) -> None:
        body = (
            '<startEvent id="s"/><endEvent id="e"/><parallelGateway id="g"/><parallelGateway id="j"/>'
            + "".join(asks(node, f"t{at}") for at, node in enumerate(("a", "b1", "b2", "c", "d"), 1))
        )
        world.relations["t4"] = ["丁"]
        key = drawn(bpmn(body, *chain("s", "a", "g", "b1", "b2", "j", "d", "e"), ("g", "c"), ("c", "j")))
        instance = world.approve(world.start(key), "甲乙")
        instance = world.act(instance, "丙", "return", node="b1", opinion="重来")
        assert world.asked(instance) == "丁乙"

        instance = world.approve(instance, "丁乙丙")
        assert world.asked(instance) == "庚"
        instance = world.act(instance, "庚", "return", node="b1", opinion="汇合之后退回")
        assert world.at(instance) == ["b1"]
        instance = world.approve(instance, "乙丙庚")
        assert instance.outcome == "granted"

    def test_past_what_took_effect_undoes_it(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲乙")
        assert note_of(instance) == "+甲"
        instance = world.act(instance, "丙", "return", node="one", opinion="x")

        assert note_of(instance) == ""
        assert world.asked(instance) == "甲"

    def test_past_what_cannot_be_undone_is_refused(self, world: World, drawn) -> None:
        key = drawn(EIGHT.replace('yanta:compensate="organisation.orgunit.rub_out"', ""))
        instance = world.approve(world.start(key), "甲乙")

        with pytest.raises(Refused, match="没有写明怎样撤销"):
            world.act(instance, "丙", "return", node="one", opinion="x")

    def test_to_the_applicant_and_through_all_again(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲乙丙丁")
        instance = world.act(instance, "戊", "return", opinion="补充材料")
        assert world.asked(instance) == "申"
        assert world.at(instance) == ["@applicant"]
        with pytest.raises(Refused, match="已经取消"):
            workflow.act(
                WorkItem.objects.get(instance=instance, person_id=world.id("己")),
                "approve",
                actor=world.person("己"),
            )

        instance = world.act(instance, "申", "approve", values={"name": "！"})
        assert world.asked(instance) == "甲"
        assert note_of(instance) == "again！"

    def test_to_the_applicant_and_straight_back_keeps_what_others_signed(
        self, world: World, eight: str
    ) -> None:
        instance = world.approve(world.start(), "甲乙丙丁")
        instance = world.act(instance, "戊", "return", how="straight", opinion="补一页")
        assert world.asked(instance) == "申"
        with pytest.raises(Refused, match="退回处理中"):
            world.act(instance, "己", "approve")

        instance = world.act(instance, "申", "approve")
        assert world.asked(instance) == "戊己"
        assert world.asked(world.approve(instance, "戊己")) == "庚辛"

    def test_straight_to_a_node_and_back(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲乙丙丁戊己庚")
        instance = world.act(instance, "辛", "return", node="two", how="straight", opinion="核一下")
        assert world.asked(instance) == "乙"

        assert world.asked(world.approve(instance, "乙")) == "辛"

    def test_only_where_the_drawing_allows(self, world: World, drawn) -> None:
        key = drawn(EIGHT.replace('id="three" name="three"', 'id="three" name="three" yanta:returns="none"'))
        instance = world.approve(world.start(key), "甲乙")

        with pytest.raises(Refused, match="不能退回"):
            world.act(instance, "丙", "return", node="two", opinion="x")

    def test_not_forward(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲")

        with pytest.raises(Refused, match="还没有办过"):
            world.act(instance, "乙", "return", node="eight", opinion="x")


class TestRecall:
    def test_a_signature_amid_the_countersign(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲乙丙丁")
        item = WorkItem.objects.get(instance=instance, person_id=world.id("丁"))
        instance = workflow.act(item, "withdraw", actor=world.person("丁"))

        assert world.asked(instance) == "丁戊己"

    def test_of_the_last_signature_keeps_the_others(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲乙丙丁戊己")
        item = WorkItem.objects.get(instance=instance, person_id=world.id("己"))
        instance = workflow.act(item, "withdraw", actor=world.person("己"))

        assert world.at(instance) == ["four"]
        assert world.asked(instance) == "己"
        assert world.asked(world.approve(instance, "己")) == "庚辛"

    def test_not_once_the_next_has_acted(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲乙丙丁戊己庚")
        item = WorkItem.objects.get(instance=instance, person_id=world.id("己"))

        with pytest.raises(Refused, match="庚已经办理"):
            workflow.act(item, "withdraw", actor=world.person("己"))

    def test_undoes_the_operation(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲")
        item = WorkItem.objects.get(instance=instance, person_id=world.id("甲"))
        instance = workflow.act(item, "withdraw", actor=world.person("甲"))

        assert (world.asked(instance), note_of(instance)) == ("甲", "")

    def test_one_of_several_who_could_reopens_all(self, world: World, drawn) -> None:
        body = '<startEvent id="s"/><endEvent id="e"/>' + asks("four", "t4") + asks("last", "t8")
        instance = world.approve(world.start(drawn(bpmn(body, *chain("s", "four", "last", "e")))), "戊")
        item = WorkItem.objects.get(instance=instance, person_id=world.id("戊"))
        instance = workflow.act(item, "withdraw", actor=world.person("戊"))

        assert world.asked(instance) == "丁戊己"


class TestWithdraw:
    def test_by_the_applicant(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲乙丙丁")
        instance = workflow.act(instance, "withdraw", actor=world.person("申"))

        assert (instance.state, instance.outcome, note_of(instance)) == ("ended", "withdrawn", "")
        assert world.asked(instance) == ""

    def test_by_nobody_else(self, world: World, eight: str) -> None:
        with pytest.raises(Refused, match="只有申请人"):
            workflow.act(world.start(), "withdraw", actor=world.person("乙"))

    def test_not_once_it_is_over(self, world: World, eight: str) -> None:
        instance = world.act(world.start(), "甲", "refuse", opinion="x")

        with pytest.raises(Refused, match="已经办结"):
            workflow.act(instance, "withdraw", actor=world.person("申"))
