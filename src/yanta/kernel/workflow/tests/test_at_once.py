"""Two people at one item at the same time, each on a connection of their own; and notices, each told once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from yanta.kernel import workflow
from yanta.kernel.base import Refused
from yanta.kernel.notify.models import Message
from yanta.kernel.workflow import replay
from yanta.kernel.workflow.models import Instance, WorkItem
from yanta.kernel.workflow.outbox import tell_arrivals
from yanta.kernel.workflow.tests.world import World, asks, bpmn, chain

ENDS = '<startEvent id="s"/><endEvent id="e"/>'


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    @pytest.fixture
    def either(self, world: World, drawn) -> Instance:
        """One signature of two people is enough."""
        world.relations["free"] = ["甲", "乙"]
        for letter in "甲乙癸":
            world.person(letter)
        body = ENDS + asks("one", "free", sign="one") + asks("last", "t8")
        return world.start(drawn(bpmn(body, *chain("s", "one", "last", "e"))))

    @pytest.fixture
    def acting(self, world: World, either: Instance) -> Iterator[ThreadPoolExecutor]:
        with ThreadPoolExecutor(2) as threads:
            yield threads

    def both(self, acting: ThreadPoolExecutor, world: World, instance: Instance, letters: str) -> list[str]:
        """Everybody approves an item that was open when they looked; what each is told, nothing if it was done."""
        items = [world.item(instance, letter) for letter in letters]
        ready = Barrier(len(letters))

        def approve(letter: str, item: WorkItem) -> str:
            ready.wait(timeout=30)
            try:
                workflow.act(item, "approve", actor=world.person(letter))
            except Refused as refusal:
                return refusal.message
            finally:
                connection.close()
            return ""

        return list(acting.map(approve, letters, items))

    def test_one_wins_and_the_other_is_told_who(self, world: World, either: Instance, acting) -> None:
        told = self.both(acting, world, either, "甲乙")

        assert sorted(told)[0] == ""
        winner = "甲乙"[told.index("")]
        assert max(told) == f"这一步已由{winner}办理，不用再办"
        assert world.asked(either) == "癸"
        replay(Instance.objects.get(pk=either.pk))

    def test_the_same_person_in_two_windows_has_done_it_once(
        self, world: World, either: Instance, acting
    ) -> None:
        told = self.both(acting, world, either, "甲甲")

        assert sorted(told) == ["", "您已经办过这一步"]
        assert either.steps.filter(verb="approve").count() == 1

    def test_whoever_waits_for_the_lock_sees_what_was_done_meanwhile(
        self, world: World, either: Instance, acting
    ) -> None:
        """The second begins while the first holds the matter: it reads the items only after it has the lock."""
        item = world.item(either, "乙")
        with transaction.atomic():
            world.act(either, "甲", "approve")
            second = acting.submit(self.told_on_own_connection, world, item)
            self.wait_until_blocked()

        assert second.result(timeout=30) == "这一步已由甲办理，不用再办"

    @staticmethod
    def told_on_own_connection(world: World, item: WorkItem) -> str:
        try:
            workflow.act(item, "approve", actor=world.person("乙"))
        except Refused as refusal:
            return refusal.message
        finally:
            connection.close()
        return ""

    @staticmethod
    def wait_until_blocked() -> None:
        """Until the database says that somebody waits for this connection."""
        with connection.cursor() as cursor:
            for _ in range(100_000):
                cursor.execute(
                    "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
                )
                if cursor.fetchone()[0]:
                    return
        raise AssertionError("nobody waits")


class TestArrivals:
    def test_are_told_once(self, world: World, eight: str) -> None:
        world.start()
        assert tell_arrivals() == 1
        assert tell_arrivals() == 0

        assert [one.person_id for one in Message.objects.filter(template="workflow.arrived")] == [
            world.id("甲")
        ]

    def test_what_was_done_before_the_notice_needs_none(self, world: World, eight: str) -> None:
        world.approve(world.start(), "甲乙")
        tell_arrivals()

        told = Message.objects.filter(template="workflow.arrived")
        assert [one.person_id for one in told] == [world.id("丙")]

    def test_several_of_one_node_are_told_together(self, world: World, eight: str) -> None:
        world.approve(world.start(), "甲乙丙")
        tell_arrivals()

        told = Message.objects.filter(template="workflow.arrived", title__contains="four")
        assert {one.person_id for one in told} == {world.id(letter) for letter in "丁戊己"}

    def test_an_undone_action_tells_nobody(self, world: World, eight: str) -> None:
        world.unit.short_name = "拦"
        world.unit.save()
        instance = world.start()
        tell_arrivals()
        with pytest.raises(Refused):
            world.approve(instance, "甲")

        assert tell_arrivals() == 0
