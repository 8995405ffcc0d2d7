"""What the line of a matter says is still to come, and with whom."""

import pytest
from django.core.cache import cache

from yanta.kernel import workflow
from yanta.kernel.workflow.models import Instance, Step
from yanta.kernel.workflow.tests.world import asks, bpmn, chain

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()


def ahead(instance):
    instance.refresh_from_db()
    return [f"{one.node}:{one.who}" for one in workflow.ahead_of(instance)]


class TestAhead:
    def test_every_step_behind_the_present_one_is_named_with_its_people(self, world, eight):
        instance = world.approve(world.start(), "甲乙")

        assert ahead(instance) == ["four:丁、戊、己", "five:庚", "six:辛", "seven:壬", "eight:癸"]

    def test_in_the_middle_of_a_countersign_those_who_have_still_to_sign_are_not_ahead(self, world, eight):
        instance = world.approve(world.start(), "甲乙丙丁")

        assert ahead(instance)[0] == "five:庚"

    def test_looking_ahead_moves_nothing(self, world, eight):
        instance = world.start()
        before = (Step.objects.count(), world.asked(instance), world.at(instance))

        ahead(instance)

        assert (Step.objects.count(), world.asked(instance), world.at(instance)) == before
        assert world.asked(world.approve(instance, "甲")) == "乙"

    def test_back_with_the_applicant_everything_is_ahead_again(self, world, eight):
        instance = world.act(world.approve(world.start(), "甲"), "乙", "return", opinion="改", how="again")

        assert ahead(instance)[:2] == ["one:甲", "two:乙"]

    def test_a_detour_leads_straight_back_to_who_returned_it(self, world, eight):
        instance = world.act(world.approve(world.start(), "甲"), "乙", "return", opinion="改", how="straight")

        assert ahead(instance)[:2] == ["two:乙", "three:丙"]

    def test_only_the_way_that_the_conditions_take(self, world, drawn):
        drawn(
            bpmn(
                '<startEvent id="s"/><endEvent id="e"/><exclusiveGateway id="g" default="f5"/>'
                + asks("one", "t1") + asks("long", "t2") + asks("short", "t3"),
                *chain("s", "one", "g"), ("g", "long", "days > 3"), ("long", "e"), ("g", "short"), ("short", "e"),
            ),
            key="test.ways", names={"days": "天数"},
        )  # fmt: skip

        assert ahead(world.start("test.ways", days=5)) == ["long:乙"]

    def test_what_is_over_has_nothing_ahead(self, world, eight):
        instance = world.approve(world.start(), "甲乙丙丁戊己庚辛壬癸")

        assert instance.state == Instance.State.ENDED
        assert ahead(instance) == []
