"""A line at the door: how long is said, the browser comes back by itself, and nobody is lost or passed by."""

import os
import threading
import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from yanta.kernel.identity import hashing, waiting
from yanta.kernel.identity.hashing import Busy, HashPool
from yanta.kernel.identity.models import Session, SignIn
from yanta.kernel.identity.tests import factories


@pytest.fixture
def full(monkeypatch):
    """One place, and somebody in it."""
    pool = HashPool(slots=1, line=0)
    monkeypatch.setattr(hashing, "pool", pool)
    return pool


def sign_in(client, account, **more):
    return client.post("/sign-in/", {"login": account.username, "password": factories.PASSWORD, **more})


class TestTurns:
    def test_are_given_one_after_another_at_the_pace_of_hashes(self):
        pool, now = HashPool(slots=2, line=0), time.time()
        pool._mean = 1.0

        told = [pool._sent_away(now).seconds for _ in range(10)]

        assert told == [1, 1, 1, 2, 2, 3, 3, 4, 4, 5]

    def test_nobody_who_comes_later_is_let_in_before(self):
        pool, now = HashPool(slots=1, line=0), time.time()
        pool._mean = 1.0
        for _ in range(5):
            pool._sent_away(now)

        with pytest.raises(Busy):
            pool.check_turn(turn=0, now=now)
        pool.check_turn(turn=now - 1, now=now)
        with pytest.raises(Busy) as early:
            pool.check_turn(turn=now + 3, now=now)
        assert early.value.seconds == 3

    def test_an_empty_house_sends_nobody_away(self):
        HashPool(slots=1, line=0).check_turn(turn=0, now=time.time())

    def test_leaves_threads_to_say_that_there_is_a_line(self, monkeypatch):
        monkeypatch.setenv("YANTA_THREADS", "16")
        assert hashing._line(2) == 12
        monkeypatch.setenv("YANTA_THREADS", "2")
        assert hashing._line(2) == 2


@pytest.mark.django_db
class TestWaiting:
    def test_says_how_long_and_comes_back_without_script(self, client, full):
        account = factories.account()
        with full.slot():
            answer = sign_in(client, account, next="/todos/")

        assert answer.status_code == 503
        assert answer["Retry-After"] == "1"
        assert answer["Refresh"] == "1; url=/sign-in/?waiting"
        assert "前面还有" in answer.content.decode()
        assert factories.PASSWORD not in answer.content.decode()
        assert factories.PASSWORD not in client.cookies[waiting.COOKIE].value
        assert client.cookies[waiting.COOKIE]["httponly"]
        assert not Session.objects.exclude(account=None).exists()

    def test_enters_when_the_turn_has_come(self, client, full, monkeypatch):
        account = factories.account()
        with full.slot():
            sign_in(client, account, next="/todos/", remember="on")
        real = timezone.now()
        monkeypatch.setattr(timezone, "now", lambda: real + timedelta(seconds=5))

        answer = client.get("/sign-in/?waiting")

        assert answer.url == "/todos/"
        assert Session.objects.get(account=account).data["remembered"]
        assert client.cookies[waiting.COOKIE].value == ""
        assert SignIn.objects.get().outcome == "success"

    def test_too_early_keeps_the_turn(self, client, full):
        account = factories.account()
        with full.slot():
            sign_in(client, account)
        before = waiting.read(_request(client)).turn

        answer = client.get("/sign-in/?waiting")

        assert answer.status_code == 503
        assert waiting.read(_request(client)).turn == before

    def test_a_wrong_password_is_told_at_the_turn(self, client, full, monkeypatch):
        account = factories.account()
        with full.slot():
            client.post("/sign-in/", {"login": account.username, "password": "wrong"})
        real = timezone.now()
        monkeypatch.setattr(timezone, "now", lambda: real + timedelta(seconds=5))

        answer = client.get("/sign-in/?waiting")

        assert answer.status_code == 422
        assert client.cookies[waiting.COOKIE].value == ""

    def test_a_made_up_or_old_seal_opens_nothing(self, client, full, monkeypatch):
        client.cookies[waiting.COOKIE] = "AAAA"
        assert client.get("/sign-in/?waiting").status_code == 200
        account = factories.account()
        with full.slot():
            sign_in(client, account)
        late = time.time() + 200
        monkeypatch.setattr(waiting.time, "time", lambda: late)

        assert client.get("/sign-in/?waiting").status_code == 200
        assert not Session.objects.exclude(account=None).exists()

    def test_who_does_not_wait_takes_the_seal_away(self, client, full):
        with full.slot():
            sign_in(client, factories.account())

        client.get("/sign-in/")

        assert client.cookies[waiting.COOKIE].value == ""

    def test_asks_for_the_csrf_token_first(self, full):
        with full.slot():
            assert sign_in(Client(enforce_csrf_checks=True), factories.account()).status_code == 403


def _request(client):
    from django.test import RequestFactory

    made = RequestFactory().get("/sign-in/")
    made.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    return made


def test_hashes_keep_to_few_threads_of_their_own():
    pool = HashPool(slots=2, line=0)

    names = {pool.run(lambda: threading.current_thread().name) for _ in range(8)}

    assert len(names) <= 2
    assert all(name.startswith("hash") for name in names)


def test_a_forked_process_has_threads_to_hash_in():
    assert hashing.pool.run(int) == 0

    child = os.fork()
    if not child:
        os._exit(hashing.pool.run(int))

    assert os.waitpid(child, 0)[1] == 0
