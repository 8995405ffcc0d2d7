"""Who signs besides, instead or first: added, handed over, delegated, claimed."""

import pytest

from yanta.kernel.base import Refused
from yanta.kernel.workflow.models import Step
from yanta.kernel.workflow.tests.world import World, bpmn, chain


class TestSigners:
    def test_added_before_sign_first(self, world: World, eight: str) -> None:
        instance = world.act(world.start(), "甲", "add_signer", to=["子"], how="before")
        assert world.asked(instance) == "子"

        instance = world.approve(instance, "子")
        assert world.asked(instance) == "甲"
        assert world.asked(world.approve(instance, "甲")) == "乙"

    def test_added_after_sign_before_it_goes_on(self, world: World, eight: str) -> None:
        instance = world.act(world.start(), "甲", "add_signer", to=["子"], how="after")
        instance = world.approve(instance, "甲")

        assert world.asked(instance) == "子"
        assert world.asked(world.approve(instance, "子")) == "乙"

    def test_added_beside_amid_a_countersign(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲乙丙丁")
        instance = world.act(instance, "戊", "add_signer", to=["子"])
        instance = world.approve(instance, "戊己")

        assert world.asked(instance) == "子"
        assert world.asked(world.approve(instance, "子")) == "庚辛"

    def test_taken_away_again(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲乙丙丁")
        instance = world.act(instance, "戊", "add_signer", to=["子"], how="before")
        instance = world.act(instance, "戊", "drop_signer", to=["子"])

        assert world.asked(instance) == "戊己"

    def test_only_by_who_added(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲乙丙")
        instance = world.act(instance, "戊", "add_signer", to=["子"])

        with pytest.raises(Refused, match="没有您加签"):
            world.act(instance, "丁", "drop_signer", to=["子"])

    def test_who_is_asked_already_is_said(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲乙丙")

        with pytest.raises(Refused, match="己已经在"):
            world.act(instance, "戊", "add_signer", to=["己"])

    def test_never_the_applicant(self, world: World, eight: str) -> None:
        with pytest.raises(Refused, match="自己的事项"):
            world.act(world.start(), "甲", "add_signer", to=["申"])

    def test_handed_over(self, world: World, eight: str) -> None:
        instance = world.approve(world.start(), "甲乙丙")
        instance = world.act(instance, "戊", "hand_over", to=["子"])

        assert world.asked(instance) == "丁己子"
        assert world.asked(world.approve(instance, "丁己子")) == "庚辛"

    def test_delegated_is_said_in_the_history(self, world: World, eight: str) -> None:
        instance = world.act(world.start(), "甲", "delegate", to=["子"])
        world.approve(instance, "子")

        step = Step.objects.filter(instance=instance).order_by("-number")[0]
        assert (step.by_name, step.for_name) == ("子", "甲")


class TestPool:
    def pooled(self, drawn, world: World) -> str:
        from yanta.kernel.testing.factories import RoleGrantFactory

        for letter in "子丑":
            account = world.person(letter).account_id
            RoleGrantFactory.create(account_id=account, account=None, role="clerk", org_unit=world.unit)
        body = '<startEvent id="s"/><endEvent id="e"/><userTask id="take" name="受理" yanta:assignees="pool:clerk"/>'
        return drawn(bpmn(body, *chain("s", "take", "e")))

    def test_whoever_claims_it_decides(self, world: World, drawn) -> None:
        instance = world.start(self.pooled(drawn, world))
        assert world.asked(instance) == "子丑"
        with pytest.raises(Refused, match="先认领"):
            world.act(instance, "子", "approve")

        world.act(instance, "丑", "claim")
        assert world.asked(instance) == "丑"
        world.act(instance, "丑", "release")
        assert world.asked(instance) == "子丑"
        world.act(instance, "子", "claim")
        assert world.approve(instance, "子").outcome == "granted"
