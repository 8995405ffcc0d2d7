from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from yanta.kernel.base import Actor
from yanta.kernel.events import Event, delivery, on, outbox, publish, replay
from yanta.kernel.events.models import Delivery, OutboxEvent
from yanta.kernel.testing import deliver, published

heard: list[tuple[str, Event, Actor]] = []
failing: set[str] = set()


@dataclass(frozen=True)
class LampLit(Event):
    lamp_id: int
    price: Decimal
    lit_on: date
    rooms: tuple[str, ...] = ()


@dataclass(frozen=True)
class LampBroken(Event):
    lamp_id: int


@on(LampLit)
def count_light(event: LampLit, *, actor: Actor) -> None:
    heard.append(("count_light", event, actor))


@on(LampLit)
def pay_for_light(event: LampLit, *, actor: Actor) -> None:
    if "pay_for_light" in failing:
        publish(LampBroken(event.lamp_id))
        raise RuntimeError("no money")
    heard.append(("pay_for_light", event, actor))


@pytest.fixture(autouse=True)
def _silence():
    heard.clear()
    failing.clear()


LIT = LampLit(7, Decimal("1.50"), date(2026, 11, 20), ("A101", "B2"))


def names():
    return [name for name, _, _ in heard]


class TestPublish:
    def test_is_named_after_app_and_class(self):
        assert LampLit.wire.endswith(".lamp-lit")

    def test_two_events_of_one_name_are_refused(self):
        with pytest.raises(TypeError, match="two events"):
            type("Other", (Event,), {"wire": LampLit.wire, "__module__": "elsewhere"})

    def test_keeps_every_value_as_it_was(self, db):
        publish(LIT)

        assert published() == [LIT]

    def test_vanishes_with_its_transaction(self, db):
        with transaction.atomic():
            publish(LIT)
            transaction.set_rollback(True)

        assert published() == []

    def test_many_cost_two_statements(self, db, django_assert_max_num_queries):
        with django_assert_max_num_queries(3):
            publish(*[LampBroken(n) for n in range(500)])

        assert OutboxEvent.objects.count() == 500

    def test_wakes_the_worker_once_per_transaction(self, db, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
            publish(LIT)
            publish(LampBroken(1))

        assert callbacks == [outbox.wake]


class TestDelivery:
    def test_reaches_every_handler_as_the_system(self, db):
        publish(LIT)

        assert deliver() == 2
        assert sorted(names()) == ["count_light", "pay_for_light"]
        assert heard[0][1] == LIT
        assert heard[0][2].is_system

    def test_happens_once(self, db):
        publish(LIT)
        deliver()

        assert deliver() == 0
        assert len(heard) == 2

    def test_a_failing_handler_is_retried_alone_and_leaves_nothing_behind(self, db, clock):
        failing.add("pay_for_light")
        publish(LIT)
        delivery.deliver_all()
        assert names() == ["count_light"]
        assert published(LampBroken) == []  # what the handler did before failing is undone

        failing.clear()
        assert delivery.deliver_all() == 0  # not yet due
        clock.advance(seconds=3)
        delivery.deliver_all()

        assert names() == ["count_light", "pay_for_light"]

    def test_a_handler_that_never_succeeds_ends_as_a_dead_letter_and_can_be_revived(self, db, clock):
        failing.add("pay_for_light")
        publish(LIT)
        for _ in range(len(delivery.PAUSES) + 1):
            delivery.deliver_all()
            clock.advance(hours=9)
        dead = Delivery.objects.get(state=Delivery.State.DEAD)
        assert "no money" in dead.error

        failing.clear()
        delivery.revive(dead)
        delivery.deliver_all()

        dead.refresh_from_db()
        assert dead.state == Delivery.State.DONE

    def test_an_event_that_the_code_no_longer_knows_is_dead_at_once(self, db):
        event = OutboxEvent.objects.create(name="gone.thing-done", payload={}, fanned_out_at=timezone.now())
        Delivery.objects.create(event=event, handler="gone.react")

        delivery.deliver_all()

        assert Delivery.objects.get().state == Delivery.State.DEAD


class TestReplay:
    def test_lets_one_handler_hear_a_period_again(self, db):
        publish(LIT)
        deliver()
        now = timezone.now()
        handler = Delivery.objects.get(handler__endswith="count_light").handler

        count = replay(
            name=LIT.wire, handler=handler, since=now - timedelta(hours=1), until=now + timedelta(hours=1)
        )
        deliver()

        assert count == 1
        assert names().count("count_light") == 2
        assert names().count("pay_for_light") == 1


class TestRetention:
    def test_forgets_what_was_delivered_and_keeps_what_was_not(self, db, clock):
        failing.add("pay_for_light")
        publish(LIT)
        publish(LampBroken(1))
        delivery.deliver_all()
        OutboxEvent.objects.update(published_at=clock.now - timedelta(days=100))

        delivery.forget_old(kept=timedelta(days=90))

        assert [event.name for event in OutboxEvent.objects.all()] == [LIT.wire]


@pytest.mark.django_db(transaction=True)
class TestCrash:
    def test_after_the_commit_the_event_is_found_by_the_next_tick(self, monkeypatch):
        monkeypatch.setattr(outbox, "wake", lambda: None)  # the process died before it could wake anybody
        with transaction.atomic():
            publish(LIT)
        assert heard == []

        delivery.deliver_all()

        assert len(heard) == 2

    def test_in_the_middle_of_a_handler_the_event_is_delivered_again(self, monkeypatch):
        class Died(BaseException):
            """The process is gone; nothing in it catches this."""

        publish(LIT)
        original = delivery._hear
        monkeypatch.setattr(delivery, "_hear", lambda d: (_ for _ in ()).throw(Died))
        with pytest.raises(Died):
            delivery.deliver_all()
        assert not connection.in_atomic_block
        monkeypatch.setattr(delivery, "_hear", original)

        delivery.deliver_all()

        assert len(heard) == 2

    def test_a_commit_queues_one_waking_for_all_that_wait(self):
        for lamp in range(3):
            with transaction.atomic():
                publish(LampBroken(lamp))

        assert ProcrastinateJob.objects.filter(task_name=outbox.TASK, status="todo").count() == 1
