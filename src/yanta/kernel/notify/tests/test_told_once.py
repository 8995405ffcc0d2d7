"""Batches: everybody is told exactly once, whatever breaks off in the middle."""

from __future__ import annotations

from typing import Any

import pytest

from yanta.kernel.notify import channel, dispatching, gateways, recall, send, template
from yanta.kernel.notify.models import Dispatch, SimulatedText
from yanta.kernel.testing.factories import PersonFactory

template("test.many", title="停水通知", channels=("sms",))
template("test.outside", title="停电通知", channels=("outside",))
State = Dispatch.State


@channel
class Outside:
    """A service of others: what it was given it has, whatever becomes of us."""

    code = "outside"
    told: list[str] = []
    before: Any = None

    def address_of(self, person: Any) -> str:
        return str(person.phone)

    def deliver(self, address: str, message: Any) -> None:
        if Outside.before:
            Outside.before(address)
        Outside.told.append(address)


@pytest.fixture
def people(db: None) -> list[int]:
    return [PersonFactory(phone=f"1380000000{n}").pk for n in range(7)]


@pytest.fixture
def outside() -> Any:
    Outside.told, Outside.before = [], None
    yield Outside
    Outside.before = None


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateways, "is_simulating", lambda: True)
    monkeypatch.setattr(gateways, "AT_ONCE", 3)


def test_texts_that_stay_with_us_are_booked_together(
    people: list[int], simulated: None, clock: Any, django_assert_max_num_queries: Any
) -> None:
    send("test.many", to=people)

    with django_assert_max_num_queries(30):
        assert dispatching.dispatch_due() == 7

    assert SimulatedText.objects.count() == 7
    assert set(Dispatch.objects.values_list("state", "attempts")) == {(State.SENT, 1)}


def test_who_dies_before_booking_a_batch_has_told_nobody_of_it(
    people: list[int], simulated: None, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    send("test.many", to=people)
    book, booked = dispatching._book_sent, []

    def dies_at_the_second(texts: Any) -> None:
        booked.append(texts)
        if len(booked) == 2:
            raise KeyboardInterrupt
        book(texts)

    monkeypatch.setattr(dispatching, "_book_sent", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        dispatching.dispatch_due()
    assert SimulatedText.objects.count() == 3

    monkeypatch.setattr(dispatching, "_book_sent", book)
    dispatching.dispatch_due()

    addresses = list(SimulatedText.objects.values_list("address", flat=True))
    assert sorted(addresses) == [f"1380000000{n}" for n in range(7)]


def test_what_left_the_house_before_the_end_does_not_leave_again(
    people: list[int], outside: Any, clock: Any
) -> None:
    send("test.outside", to=people)

    def dies(address: str) -> None:
        if len(outside.told) == 4:
            raise KeyboardInterrupt

    outside.before = dies
    with pytest.raises(KeyboardInterrupt):
        dispatching.dispatch_due()
    outside.before = None
    dispatching.dispatch_due()

    assert sorted(outside.told) == [f"1380000000{n}" for n in range(7)]


def test_what_is_taken_back_while_the_batch_runs_stays(people: list[int], outside: Any, clock: Any) -> None:
    send("test.outside", to=people, once="k")
    outside.before = lambda address: recall("test.outside", "k") if len(outside.told) == 2 else None

    dispatching.dispatch_due()

    assert len(outside.told) == 3
    assert Dispatch.objects.filter(state=State.SPARED).count() == 4


def test_one_failure_of_a_batch_leaves_it_whole_for_the_next_time(
    people: list[int], simulated: None, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    send("test.many", to=people)

    def refuses(self: Any, texts: Any) -> None:
        raise gateways.NotSentError("busy")

    with monkeypatch.context() as broken:
        broken.setattr(gateways.Simulator, "send_all", refuses)
        broken.setattr(gateways.Simulator, "send", refuses)
        dispatching.dispatch_due()
    assert not SimulatedText.objects.exists()
    clock.advance(minutes=2)
    dispatching.dispatch_due()

    assert SimulatedText.objects.count() == 7
    assert set(Dispatch.objects.values_list("state", "attempts")) == {(State.SENT, 2)}
