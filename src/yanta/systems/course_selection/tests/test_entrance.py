"""The line before the door: everybody has one place, in order, through reloads and dead processes."""

from __future__ import annotations

import io
import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from yanta.kernel.identity.models import Session
from yanta.kernel.identity.session_store import digest_of
from yanta.kernel.testing.factories import AccountFactory
from yanta.systems.course_selection.models import Decision, Line, Round, Turn
from yanta.systems.course_selection.rules.line import Line as Standing
from yanta.systems.course_selection.rules.line import pause_for
from yanta.systems.course_selection.views import door as doors
from yanta.systems.course_selection.views import entrance

CROWD = 60


class TestTheLineInFigures:
    def test_place_and_seconds(self):
        line = Standing(1, admitted=100, per_second=20)

        assert [line.place_of(number) for number in (1, 100, 101, 850)] == [0, 0, 1, 750]
        assert (line.seconds_for(1), line.seconds_for(750)) == (1, 38)

    def test_nobody_knows_how_long_a_pause_lasts(self):
        assert Standing(1, admitted=100, per_second=0).seconds_for(5) is None

    def test_back_at_ones_turn_and_never_a_storm(self):
        assert [pause_for(seconds) for seconds in (0, 1, 9, 600, None)] == [1, 1, 9, 15, 15]


@pytest.fixture
def house(monkeypatch):
    """Web processes: each has its own copy of the line, on one database."""
    opened, connect = [], doors._connect

    def noted():
        opened.append(connect())
        return opened[-1]

    monkeypatch.setattr(doors, "_connect", noted)
    yield lambda: doors.Door(lambda environ, start: [b"inside"])
    for one in opened:
        one.close()


@pytest.fixture
def crowd(student):
    """Signed-in students, each with a cookie."""
    now, ends = timezone.now(), timezone.now() + timedelta(hours=1)
    keys = [f"cookie-{n}" for n in range(CROWD)]
    for key in keys:
        account = AccountFactory.create(person=student().person)
        Session.objects.create(
            key_digest=digest_of(key), account=account, seen_at=now, expires_at=ends, ends_at=ends
        )
    return [Browser(key) for key in keys]


class Browser:
    """Keeps its cookies as a browser does."""

    def __init__(self, key):
        self.cookies = {"yanta_session": key}
        self.key = str(uuid4())

    def ask(self, door, film, *, method="POST", name="decide", **extra):
        text = json.dumps({"verb": "take", "place": film.pk, "key": self.key}).encode()
        said = []
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": f"/course-selection/rush/{name}/", "HTTP_HOST": "school.test",
            "HTTP_COOKIE": "; ".join(f"{one}={value}" for one, value in self.cookies.items()),
            "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(text)), "HTTP_X_REQUESTED_WITH": "fetch",
            "wsgi.input": io.BytesIO(text), **extra,
        }  # fmt: skip
        body = b"".join(door(environ, lambda status, headers: said.append((status, dict(headers)))))
        given = said[0][1].get("Set-Cookie", "")
        if given:
            one, _, value = given.partition(";")[0].partition("=")
            self.cookies[one] = value
        return int(said[0][0][:3]), body.decode()


def stand_still(admitted=0, per_second=0.001):
    """Nobody comes in any more, however long the test takes."""
    Line.objects.update(
        admitted=admitted, per_second=per_second, updated_at=timezone.now() + timedelta(hours=1)
    )


@pytest.fixture
def line(window, house, settings):
    """A line that nobody comes through by itself."""
    house().entrance.line()
    stand_still()
    return Line.objects.get()


@pytest.mark.django_db(transaction=True)
class TestEntrance:
    def test_nobody_waits_while_there_is_no_crowd(self, house, crowd, place, window):
        film, door = place(CROWD), house()

        assert [one.ask(door, film)[0] for one in crowd] == [200] * CROWD

    def test_a_crowd_comes_in_by_number(self, house, crowd, place, line):
        """All at once through two processes: one number each, no two alike, and let in exactly in their order."""
        film, processes = place(CROWD), [house(), house()]
        with ThreadPoolExecutor(12) as pool:
            first = list(pool.map(lambda n: crowd[n].ask(processes[n % 2], film), range(CROWD)))
        assert {status for status, _body in first} == {202}
        places = {n: json.loads(body)["place"] for n, (_status, body) in enumerate(first)}
        turns = sorted(Turn.objects.values_list("pk", flat=True))
        assert sorted(places.values()) == turns
        assert not Decision.objects.exists()

        stand_still(admitted=turns[19])
        fresh = [house(), house()]
        with ThreadPoolExecutor(12) as pool:
            again = list(pool.map(lambda n: crowd[n].ask(fresh[n % 2], film), range(CROWD)))

        came_in = {n for n, (status, _body) in enumerate(again) if status == 200}
        assert came_in == {n for n, one in places.items() if one <= turns[19]}
        assert len(came_in) == Decision.objects.count() == 20
        waiting = {n: json.loads(body)["place"] for n, (status, body) in enumerate(again) if status == 202}
        assert waiting == {n: places[n] - turns[19] for n in set(places) - came_in}

    def test_the_place_outlives_the_page_the_cookie_and_the_process(self, house, crowd, place, line):
        film, one = place(CROWD), crowd[3]
        crowd[0].ask(house(), film)
        first = json.loads(one.ask(house(), film)[1])["place"]

        assert json.loads(one.ask(house(), film)[1])["place"] == first
        del one.cookies[entrance.TICKET]
        assert json.loads(one.ask(house(), film)[1])["place"] == first
        assert Turn.objects.count() == 2

    def test_a_ticket_is_of_no_use_to_anybody_else(self, house, crowd, place, line):
        film, (early, late, *_others) = place(CROWD), crowd
        early.ask(house(), film)
        late.ask(house(), film)
        stand_still(admitted=Turn.objects.order_by("pk").first().pk)
        own = late.cookies[entrance.TICKET]

        for stolen in (early.cookies[entrance.TICKET], re.sub(r"\.\d+\.", ".1.", own), "1.1.x", "1", ""):
            late.cookies[entrance.TICKET] = stolen
            assert late.ask(house(), film)[0] == 202
        assert early.ask(house(), film)[0] == 200

    def test_a_stranger_takes_no_place(self, house, place, line):
        assert Browser("nobody").ask(house(), place())[0] == 401
        assert not Turn.objects.exists()

    def test_a_page_asks_again_by_itself_with_the_same_request(self, house, crowd, place, line):
        film, one = place(CROWD), crowd[0]

        status, body = one.ask(house(), film, HTTP_HX_REQUEST="true")

        assert status == 202
        assert f'name="key" value="{one.key}"' in body
        assert 'hx-trigger="every 15s"' in body
        assert "您在入口排第" in body

    def test_waiting_is_not_clicking(self, house, crowd, place, line):
        film, one, door = place(CROWD), crowd[0], house()

        assert {one.ask(door, film)[0] for _ in range(doors.CLICKS + 5)} == {202}

    def test_a_page_that_is_loaded_anew_says_where_one_stands(self, house, crowd, place, line):
        film, (one, other, *_others) = place(CROWD), crowd
        one.ask(house(), film)

        assert "您在入口排第" in one.ask(house(), film, method="GET", name="line")[1]
        assert other.ask(house(), film, method="GET", name="line") == (200, "")
        assert Turn.objects.count() == 1

    def test_in_a_pause_places_are_kept_and_nobody_comes_in(self, house, crowd, place, line):
        film, one = place(CROWD), crowd[0]
        one.ask(house(), film)
        Line.objects.update(updated_at=timezone.now() - timedelta(seconds=30))
        Round.objects.update(is_paused=True)

        status, body = one.ask(house(), film)

        assert (status, json.loads(body)["seconds"]) == (202, None)
        assert "位置保留" in body


@pytest.mark.django_db
class TestAdmission:
    def admit(self, pace=10, *, slow=False):
        with connection.cursor() as cursor:
            cursor.execute(entrance.ADMIT, [pace, slow])
            return cursor.fetchone()

    def ago(self, seconds, **changes):
        Line.objects.update(updated_at=timezone.now() - timedelta(seconds=seconds), **changes)

    @pytest.fixture
    def numbers(self, window, student):
        self.admit()
        return [Turn.objects.create(round=window, student=student()).pk for _ in range(40)]

    def test_as_many_as_time_has_passed(self, numbers):
        self.ago(1, admitted=numbers[0])

        assert self.admit()[1] - numbers[0] in (10, 11)

    def test_after_a_standstill_no_herd(self, numbers):
        self.ago(600, admitted=numbers[0])

        assert self.admit()[1] - numbers[0] == 20

    def test_never_further_than_a_second_ahead(self, numbers):
        self.ago(600, admitted=numbers[-1])

        assert self.admit()[1] - numbers[-1] == 10

    def test_numbers_of_nobody_are_passed_over(self, numbers):
        Turn.objects.filter(pk__lt=numbers[30]).delete()
        self.ago(1, admitted=numbers[0])

        assert self.admit()[1] - numbers[30] in (9, 10)

    def test_two_processes_at_once_move_it_once(self, numbers):
        self.ago(1, admitted=numbers[0])

        assert self.admit() == self.admit()

    def test_fewer_while_decisions_are_slow_and_more_again(self, numbers):
        self.ago(1, per_second=10)
        assert self.admit(slow=True)[2] == 7
        self.ago(1)
        assert self.admit()[2] == pytest.approx(7.7)
        self.ago(1, per_second=1)
        assert self.admit(slow=True)[2] == 1

    def test_no_line_without_an_open_round_or_in_a_lottery(self, window):
        Round.objects.update(kind="lottery")
        assert self.admit() == (None, None, None)


class TestLoad:
    def test_is_the_share_of_their_time_that_threads_work(self):
        load = entrance.Load(100.0)
        for worker in [threading.Thread(target=load.worked, args=(0.6,)) for _ in range(2)]:
            worker.start()
            worker.join()
            load.worked(0.1)

        assert load.share(101.0) == pytest.approx(1.4 / len(load.threads))
        assert load.share(102.0) == 0, "told once"

    def test_too_full_a_process_lets_fewer_in(self):
        """What waits before the threads is seen by nobody inside; that they never rest is."""
        asked = []

        def query(_statement, values):
            asked.append(values)
            return [(None, None, None)]

        door = entrance.Entrance(query)
        for busy in (0.2, 0.5, 0.0):
            door.copy, door.load.since = (0.0, None), time.monotonic() - 0.5
            door.load.worked(busy)
            door.line()

        assert [is_slow for _pace, is_slow in asked] == [False, True, False]
