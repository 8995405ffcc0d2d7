"""The door and the pages as browsers use them."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.identity.models import Account, Session
from yanta.kernel.identity.session_store import digest_of
from yanta.kernel.testing.factories import AccountFactory
from yanta.systems.course_selection import services
from yanta.systems.course_selection.models import Decision
from yanta.systems.course_selection.views import door as doors

SCRIPT = Path(__file__).parents[1] / "templates" / "course_selection" / "recompute.txt"
KEY = "a-cookie-of-a-browser"


@pytest.fixture
def door():
    made = doors.Door(lambda environ, start: [b"inside"])
    yield made
    line = getattr(made.held, "line", None)
    if line is not None:
        line.close()


@pytest.fixture
def browser(student):
    one = student()
    now = timezone.now()
    account = AccountFactory.create(person=one.person)
    Session.objects.create(
        key_digest=digest_of(KEY), account=account, seen_at=now, expires_at=now + timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
    )  # fmt: skip
    return one


def call(door, method, name, body=None, **extra):
    said = []
    text = json.dumps(body).encode() if body else b""
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": f"/course-selection/rush/{name}/", "HTTP_HOST": "school.test",
        "HTTP_COOKIE": f"a=b; yanta_session={KEY}", "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(text)),
        "HTTP_X_REQUESTED_WITH": "fetch", "wsgi.input": io.BytesIO(text), **extra,
    }  # fmt: skip
    answer = b"".join(door(environ, lambda status, headers: said.append((status, dict(headers)))))
    return int(said[0][0][:3]), said[0][1], answer


def asking(film, **changes):
    return {"verb": "take", "place": film.pk, "key": str(uuid4()), **changes}


@pytest.mark.django_db(transaction=True)
class TestDoor:
    def test_a_decision_with_its_receipt_and_again_the_same(self, door, browser, place, window):
        asked = asking(place())

        first, second = call(door, "POST", "decide", asked), call(door, "POST", "decide", asked)

        assert first[0] == 200
        assert json.loads(first[2]) == json.loads(second[2])
        assert json.loads(first[2])["receipt"] == Decision.objects.get().receipt

    @pytest.mark.parametrize(
        "asking_for",
        [
            {"HTTP_COOKIE": f"yanta_session={KEY}; django_language=en"},
            {"HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.9"},
        ],
    )
    def test_the_answer_is_in_the_language_of_the_page(self, door, browser, place, window, asking_for):
        answer = call(door, "POST", "decide", asking(place()), **asking_for)

        assert json.loads(answer[2])["words"] == "Course selected"

    def test_plans_made_before_the_first_choice_are_good_for_the_ten_thousandth(self, door):
        """PostgreSQL reads a table that it knows to be empty from end to end, and keeps that plan while it fills."""
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE course_selection_sheet")

        plan = door.query(
            "EXPLAIN SELECT id FROM course_selection_sheet WHERE term_id = 1 AND student_id = 1", ()
        )

        assert "Index" in plan[0][0]

    def test_a_page_gets_words(self, door, browser, place, window):
        _status, headers, body = call(door, "POST", "decide", asking(place()), HTTP_HX_REQUEST="true")

        assert headers["Content-Type"].startswith("text/html")
        assert "选课成功" in body.decode()

    def test_nobody_without_a_session(self, door, browser, place, window):
        film = place()
        assert call(door, "POST", "decide", asking(film), HTTP_COOKIE="yanta_session=x")[0] == 401
        assert call(door, "GET", "mine", HTTP_COOKIE="")[0] == 401
        Account.objects.filter(person=browser.person).update(state="locked")

        assert call(door, "POST", "decide", asking(film))[0] == 401
        assert not Decision.objects.exists()

    def test_no_other_site_can_click(self, door, browser, place, window):
        film = place()
        assert call(door, "POST", "decide", asking(film), HTTP_ORIGIN="https://evil.test")[0] == 403
        assert call(door, "POST", "decide", asking(film), HTTP_X_REQUESTED_WITH="")[0] == 403

    @pytest.mark.parametrize("changes", [{"verb": "add"}, {"verb": "swap"}, {"key": "x"}, {"place": None}])
    def test_requests_that_are_none(self, door, browser, place, window, changes):
        assert call(door, "POST", "decide", asking(place(), **changes))[0] == 400

    def test_a_hand_that_is_too_quick(self, door, browser, place, window):
        asked = asking(place())

        answers = [call(door, "POST", "decide", asked) for _ in range(doors.CLICKS + 1)]

        assert [one[0] for one in answers[-2:]] == [200, 429]
        assert int(answers[-1][1]["Retry-After"]) >= 1

    def test_a_held_row_is_answered_honestly(self, door, browser, place, window, monkeypatch):
        from django.db import transaction

        from yanta.systems.course_selection.models import Sheet

        film = place()
        Sheet.objects.create(term=film.term, student=browser)
        monkeypatch.setattr(doors, "PATIENCE_MS", 200)
        asked = asking(film)
        with transaction.atomic():
            list(Sheet.objects.select_for_update().filter(student=browser))
            status, headers, _body = call(door, "POST", "decide", asked)
        assert (status, headers["Retry-After"]) == (503, "1")
        assert not Decision.objects.exists()

        assert call(door, "POST", "decide", asked)[0] == 200

    def test_a_decision_is_told_although_nobody_could_be_filled_in(
        self, door, browser, place, window, monkeypatch
    ):
        film = place()
        call(door, "POST", "decide", asking(film))

        def gone(_place):
            raise OperationalError("the database went away")

        monkeypatch.setattr(services, "fill", gone)

        status, _headers, body = call(door, "POST", "decide", asking(film, verb="drop"))

        assert (status, json.loads(body)["outcome"]) == (200, "granted")

    def test_seats_are_sent_when_they_changed(self, door, browser, place, window):
        film = place(3)

        status, headers, body = call(door, "GET", "seats")

        assert (status, json.loads(body)) == (200, [[film.pk, 3, 0]])
        assert call(door, "GET", "seats", HTTP_IF_NONE_MATCH=headers["ETag"])[0] == 304

    def test_kept_seats_are_told_apart(self, door, browser, place, window):
        film = place(3)
        kept = film.pools.create(programme=browser.programme, grade=2020, capacity=2)

        (row,) = json.loads(call(door, "GET", "seats")[2])

        assert row == [film.pk, 5, 0, [[kept.programme_id, 2020, None, 2]]]

    def test_my_courses_with_their_times(self, door, browser, place, window):
        film = place(times=[(3, 1, 2, "1-16")])
        call(door, "POST", "decide", asking(film))

        (mine,) = json.loads(call(door, "GET", "mine")[2])["courses"]

        assert (mine["place"], mine["weekday"], mine["weeks"]) == (film.pk, 3, "1-16")

    def test_everything_else_goes_inside(self, door):
        assert list(door({"PATH_INFO": "/course-selection/"}, None)) == [b"inside"]


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def client(self, browser, school):
        from yanta.kernel.testing.factories import RoleGrantFactory

        account = Account.objects.get(person=browser.person)
        RoleGrantFactory.create(account=account, role="student", org_unit=school)
        client = Client()
        client.cookies["yanta_session"] = KEY
        return client

    def test_why_not_before_the_click(self, client, place, window):
        place(name="电影欣赏")
        place(name="健美操", sex="2")

        text = client.get("/course-selection/").content.decode()

        assert "余 1 / 1 座" in text
        assert "这个教学班只收女生" in text
        assert text.count('name="verb" value="take"') == 1

    def test_what_a_swap_would_cost_is_said_before(self, client, browser, student, place, ask):
        film = place(1, times=[(1, 1, 2, "1-16")])
        music = place(5, name="音乐", points=3, times=[(1, 2, 3, "1-16")])
        ask(browser, "take", film)
        ask(student(), "wait", film)
        assert f"/course-selection/swap/{music.pk}/" in client.get("/course-selection/").content.decode()

        text = client.get(f"/course-selection/swap/{music.pk}/").content.decode()

        assert "有 1 人候补，马上递补给别人" in text
        assert "学分 2 → 3" in text
        assert f'name="old" value="{film.pk}"' in text
        assert client.get("/course-selection/swap/987654/").status_code == 404

    def test_a_window_that_is_not_open_says_so(self, client, place, window):
        place()
        type(window).objects.update(is_paused=True)
        assert "暂停中" in client.get("/course-selection/").content.decode()
        type(window).objects.update(opens_at=timezone.now() + timedelta(hours=1))
        text = client.get("/course-selection/").content.decode()
        assert "还没有开放" in text
        assert "&lt;time" not in text

    def test_courses_and_receipts(self, client, browser, place, ask):
        ask(browser, "take", place())

        text = client.get("/course-selection/mine/").content.decode()

        assert "已选 1 门 · 2 学分" in text
        assert Decision.objects.get().receipt in text

    def test_wishes_with_their_odds(self, client, place, window):
        type(window).objects.update(kind="lottery")
        film = place()

        client.post("/course-selection/lottery/", {"add": film.pk})

        assert "中签机会约 100%" in client.get("/course-selection/lottery/").content.decode()

    def test_points_are_spread_moved_and_kept(self, client, place, window):
        type(window).objects.update(kind="lottery", points=100)
        film, music = place(), place(name="音乐")
        for one in (film, music):
            client.post("/course-selection/lottery/", {"add": one.pk})

        client.post("/course-selection/lottery/", {f"points-{film.pk}": "30", f"points-{music.pk}": "50"})
        client.post("/course-selection/lottery/", {"up": music.pk})

        text = client.get("/course-selection/lottery/").content.decode()
        assert "还有 20 分没有分配" in text
        assert text.index("音乐") < text.index("电影欣赏")
        assert f'name="points-{music.pk}" min="0" max="100" value="50"' in text

    def test_more_points_than_there_are_is_said(self, client, place, window):
        type(window).objects.update(kind="lottery", points=100)
        film = place()
        client.post("/course-selection/lottery/", {"add": film.pk})

        answer = client.post("/course-selection/lottery/", {f"points-{film.pk}": "101"})

        assert answer.status_code == 409
        assert "请减去 1 分" in answer.content.decode()

    def test_the_list_of_a_draw_and_the_script(self, client, browser, place, window):
        type(window).objects.update(kind="lottery")
        client.post("/course-selection/lottery/", {"add": place().pk})
        address = f"/course-selection/lottery/{window.pk}/draw.csv"
        assert client.get(address).status_code == 404
        services.seal_seed(window, actor=Actor.system("test"))
        type(window).objects.update(closes_at=timezone.now())
        window.refresh_from_db()
        services.draw(window, actor=Actor.system("test"))

        rows = client.get(address).content.decode().splitlines()

        assert [one.partition(",")[0] for one in rows] == ["seed", "by", "seats", "wish"]
        assert browser.number not in rows[-1]
        script = client.get("/course-selection/lottery/recompute.py").content.decode()
        assert script.strip() == SCRIPT.read_text("utf-8").strip()

    def test_the_console_is_the_registrys(self, client, place, window):
        place()

        assert client.get("/course-selection/console/").status_code == 403
