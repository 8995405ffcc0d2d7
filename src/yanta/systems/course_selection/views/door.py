"""The door of the rush: requests of students answered before the whole middle of the web server.

A decision is one statement: whose browser it is, the rules, the seat and the receipt. Pages stay with Django.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.http import HttpRequest
from django.utils import translation

from yanta.systems.course_selection import services
from yanta.systems.course_selection.rules import words
from yanta.systems.course_selection.rules.line import pause_for
from yanta.systems.course_selection.views.entrance import TICKET, Entrance, Turn

log = logging.getLogger(__name__)
PREFIX = "/course-selection/rush/"
LARGEST_BODY = 2000
VERBS = {"take", "drop", "swap", "wait", "leave"}
# Longer than this nobody stands at a counter: the answer is to come again, and nothing was decided.
PATIENCE_MS = 1500
# Plans are kept, and the first are made while the tables of a round are still empty: reading all of them looks cheap then.
ALWAYS_BY_INDEX = "-c enable_seqscan=off -c jit=off"
SEATS_KEPT = 1.0
SHEETS_KEPT = 20.0
# A hand does not click more often than this; the answer says when to come again.
CLICKS, WITHIN = 20, 10.0

DECIDE = (
    "SELECT s.student, d.* FROM course_selection_student(%s) s,"
    " LATERAL course_selection_decide(s.student, %s, %s, %s, %s, '', '') d WHERE s.student IS NOT NULL"
)
WHO = "SELECT student FROM course_selection_student(%s)"
SEATS = """
SELECT p.id, sum(greatest(o.capacity - o.taken, 0))::int,
    (SELECT count(*) FROM course_selection_waiting w WHERE w.place_id = p.id)::int,
    jsonb_agg(jsonb_build_array(o.programme_id, o.grade, o.campus_id, greatest(o.capacity - o.taken, 0)) ORDER BY o.id)
        FILTER (WHERE o.programme_id IS NOT NULL OR o.grade IS NOT NULL OR o.campus_id IS NOT NULL)
FROM course_selection_place p JOIN course_selection_pool o ON o.place_id = p.id
JOIN course_selection_round r ON r.term_id = p.term_id AND r.closes_at > now() AND r.opens_at < now() + interval '7 days'
WHERE p.is_open GROUP BY p.id ORDER BY p.id
"""
MINE = """
SELECT e.place_id, p.number, c.name, c.credits::float, t.weekday, t.first_period, t.last_period, t.weeks, t.room
FROM course_selection_student(%s) s JOIN course_selection_enrolment e ON e.student_id = s.student
JOIN course_selection_place p ON p.id = e.place_id JOIN masterdata_course c ON c.id = e.course_id
LEFT JOIN course_selection_sectiontime t ON t.place_id = p.id
WHERE e.term_id = (SELECT r.term_id FROM course_selection_round r WHERE r.opens_at < now() ORDER BY r.opens_at DESC LIMIT 1)
ORDER BY e.id, t.weekday, t.first_period
"""
Environ = dict[str, Any]
Start = Callable[[str, list[tuple[str, str]]], Any]
Answered = tuple[str, list[tuple[str, str]], bytes]
Asked = tuple[str, int, int | None, UUID]
HTML = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")]


class Door:
    """A WSGI application around another: answers below its prefix, passes on everything else."""

    def __init__(self, inside: Callable[..., Any]) -> None:
        self.inside = inside
        self.held = threading.local()
        self.kept: dict[str, tuple[float, Any]] = {}
        self.clicks: dict[str, tuple[float, int]] = {}
        self.entrance = Entrance(self.query)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        began = time.monotonic()
        try:
            return self._answered(environ, start)
        finally:
            self.entrance.load.worked(time.monotonic() - began)

    def _answered(self, environ: Environ, start: Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith(PREFIX):
            passed: Iterable[bytes] = self.inside(environ, start)
            return passed
        try:
            status, headers, body = self.answer(path[len(PREFIX) :], environ)
        except (psycopg.OperationalError, psycopg.InterfaceError):
            status, headers, body = self.busy()
        start(status, [*headers, ("Content-Length", str(len(body))), ("X-Content-Type-Options", "nosniff")])
        return [body]

    def answer(self, name: str, environ: Environ) -> Answered:
        digest = _digest(environ)
        if environ["REQUEST_METHOD"] == "POST" and name == "decide/":
            return self.decide(digest, environ)
        if environ["REQUEST_METHOD"] != "GET" or name not in ("seats/", "mine/", "line/"):
            return _json("404 Not Found", {"title": "没有这个地址"})
        if name == "line/":
            return self.line(digest, environ)
        return self.seats(digest, environ) if name == "seats/" else self.mine(digest)

    def decide(self, digest: str, environ: Environ) -> Answered:
        if not _is_ours(environ):
            return _json("403 Forbidden", {"title": "请从选课页面提交"})
        try:
            asked = _asked(environ)
        except (ValueError, KeyError, TypeError):
            return _json("400 Bad Request", {"title": "请求不完整"})
        held = _cookie(environ, TICKET)
        turn = self.entrance.standing(digest, held)
        if turn.place:
            # A page that waits asks by itself; that is no click and costs no look at the database.
            return self.waits(turn, asked, environ)
        wait = self.pace(digest)
        if wait:
            return _later("429 Too Many Requests", wait, "点得太快了，请稍后再试")
        given = self.entrance.turn(digest, held)
        if given is None:
            return _json("401 Unauthorized", {"title": "请先以有在读学籍的账号登录"})
        answered = self.waits(given, asked, environ) if given.place else self.decided(digest, asked, environ)
        return _handed(answered, given)

    def waits(self, turn: Turn, asked: Asked, environ: Environ) -> Answered:
        """Nothing is decided yet: where this browser stands, and when to ask the same again."""
        with translation.override(_language(environ)):
            said = words.in_line(turn.place, turn.seconds)
        pause = pause_for(turn.seconds)
        if environ.get("HTTP_HX_REQUEST"):
            return "202 Accepted", HTML, _asking_again(asked, said, pause).encode()
        line = {"title": said, "place": turn.place, "seconds": turn.seconds, "retry_after": pause}
        return _json("202 Accepted", line)

    def line(self, digest: str, environ: Environ) -> Answered:
        """For a page that was loaded anew: the place that this browser still has, until it is inside."""
        turn = self.entrance.standing(digest, _cookie(environ, TICKET))
        if not turn.place:
            return "200 OK", HTML, b""
        with translation.override(_language(environ)):
            said = words.in_line(turn.place, turn.seconds)
        again = f'hx-get="{PREFIX}line/" hx-trigger="every {pause_for(turn.seconds)}s" hx-swap="outerHTML"'
        return "200 OK", HTML, f'<p class="y-notice info" role="status" {again}>{said}</p>'.encode()

    def decided(self, digest: str, asked: Asked, environ: Environ) -> Answered:
        began = time.monotonic()
        rows = self.query(DECIDE, (digest, *asked))
        self.entrance.took(time.monotonic() - began)
        if not rows:
            return _json("401 Unauthorized", {"title": "请先以有在读学籍的账号登录"})
        _student, receipt, verb, outcome, code, detail = rows[0]
        if (outcome == "granted" and verb in ("drop", "swap")) or outcome == "waiting":
            _fill(asked[2] or asked[1])
        with translation.override(_language(environ)):
            said = words.said(verb, outcome, code or "", detail or "")
        return _said(environ, receipt, outcome, code, said)

    def seats(self, digest: str, environ: Environ) -> Answered:
        """Free seats of everything, made once a second for everybody; 304 when nothing has changed."""
        if not self.known(digest):
            return _json("401 Unauthorized", {"title": "请先登录"})
        made = self.kept.get("seats")
        now = time.monotonic()
        if made is None or made[0] < now:
            rows = self.query(SEATS, ())
            # Place, free seats, how many wait; then the kept ones among the free: programme, grade, campus, seats.
            shown = [row if row[3] else row[:3] for row in rows]
            body = json.dumps(shown, separators=(",", ":")).encode()
            made = (
                now + SEATS_KEPT,
                (f'"{hashlib.sha1(body, usedforsecurity=False).hexdigest()[:16]}"', body),
            )
            self.kept["seats"] = made
        tag, body = made[1]
        headers = [("ETag", tag), ("Cache-Control", "private, no-cache")]
        if environ.get("HTTP_IF_NONE_MATCH") == tag:
            return "304 Not Modified", headers, b""
        return "200 OK", [*headers, ("Content-Type", "application/json")], body

    def mine(self, digest: str) -> Answered:
        """My courses with their times."""
        if not self.known(digest):
            return _json("401 Unauthorized", {"title": "请先登录"})
        names = ("place", "number", "course", "credits", "weekday", "first", "last", "weeks", "room")
        rows = self.query(MINE, (digest,))
        return _json("200 OK", {"courses": [dict(zip(names, row, strict=True)) for row in rows]})

    def known(self, digest: str) -> bool:
        """Reading is open to a browser that was signed in some seconds ago; deciding asks every time."""
        now, made = time.monotonic(), self.kept.get(digest)
        if made is None or made[0] < now:
            if len(self.kept) > 50_000:
                self.kept.clear()
            made = (now + SHEETS_KEPT, bool(self.query(WHO, (digest,))))
            self.kept[digest] = made
        return bool(made[1])

    def pace(self, digest: str) -> int:
        """Seconds to wait, 0 when one may go on."""
        now = time.monotonic()
        since, count = self.clicks.get(digest, (now, 0))
        if now - since > WITHIN:
            since, count = now, 0
        if len(self.clicks) > 50_000:
            self.clicks.clear()
        self.clicks[digest] = (since, count + 1)
        return 0 if count < CLICKS else max(1, int(since + WITHIN - now))

    def query(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """On this thread's own connection, which is made anew when it was lost."""
        line: psycopg.Connection[Any] | None = getattr(self.held, "line", None)
        if line is None or line.closed or line.broken:
            line = self.held.line = _connect()
        return line.execute(statement, values).fetchall()

    def busy(self) -> Answered:
        self.entrance.took(PATIENCE_MS / 1000)
        return _later(
            "503 Service Unavailable", 1, "现在人太多，这次没有收到结果。请用原来的请求再点一次，不会重复选课"
        )


def _fill(place_id: int) -> None:
    """What became free goes to those who wait; here no middleware has looked after Django's own connection.

    The decision stands and must be told whatever happens now: what is not filled here, the job fills.
    """
    close_old_connections()
    try:
        services.fill(place_id)
    except DatabaseError:
        log.warning("the seats of place %s are left to the job", place_id, exc_info=True)


def _connect() -> psycopg.Connection[Any]:
    given = connection.get_connection_params()
    kept = {
        key: value
        for key, value in given.items()
        if key not in ("cursor_factory", "context", "prepare_threshold")
    }
    options = f"-c statement_timeout={PATIENCE_MS} -c lock_timeout={PATIENCE_MS} {ALWAYS_BY_INDEX}"
    kept["options"] = f"{kept.get('options', '')} {options}".strip()
    return psycopg.connect(**kept, autocommit=True, prepare_threshold=1)


def _digest(environ: Environ) -> str:
    return hashlib.sha256(_cookie(environ, settings.SESSION_COOKIE_NAME).encode()).hexdigest()


def _cookie(environ: Environ, name: str) -> str:
    text, mark = environ.get("HTTP_COOKIE", ""), f"{name}="
    at = text.find(mark)
    return text[at + len(mark) :].partition(";")[0].strip() if at >= 0 else ""


def _handed(answered: Answered, turn: Turn) -> Answered:
    """With the number that was just drawn, for the browser to keep."""
    if not turn.ticket:
        return answered
    status, headers, body = answered
    kept = f"{TICKET}={turn.ticket}; Path={PREFIX}; HttpOnly; SameSite=Lax"
    return (
        status,
        [*headers, ("Set-Cookie", f"{kept}; Secure" if settings.SESSION_COOKIE_SECURE else kept)],
        body,
    )


def _language(environ: Environ) -> str:
    """That of the page around the button: what was chosen, else what the browser asks for."""
    held = {settings.LANGUAGE_COOKIE_NAME: _cookie(environ, settings.LANGUAGE_COOKIE_NAME)}
    return translation.get_language_from_request(
        cast(HttpRequest, SimpleNamespace(META=environ, COOKIES=held))
    )


def _is_ours(environ: Environ) -> bool:
    """No page of another site can send these: a browser would ask us first, and we do not answer."""
    said = environ.get("HTTP_X_REQUESTED_WITH") or environ.get("HTTP_HX_REQUEST")
    origin = environ.get("HTTP_ORIGIN", "")
    return bool(said) and (not origin or origin.partition("://")[2] == environ.get("HTTP_HOST"))


def _asked(environ: Environ) -> Asked:
    size = int(environ.get("CONTENT_LENGTH") or 0)
    if size > LARGEST_BODY:
        raise ValueError("large")
    text = environ["wsgi.input"].read(size).decode()
    is_json = environ.get("CONTENT_TYPE", "").startswith("application/json")
    fields = parse_qs(text) if not is_json else {}
    given = json.loads(text) if is_json else {name: values[0] for name, values in fields.items()}
    verb, old = str(given["verb"]), given.get("old")
    if verb not in VERBS or (verb == "swap") != bool(old):
        raise ValueError(verb)
    return verb, int(given["place"]), int(old) if old else None, UUID(str(given["key"]))


def _asking_again(asked: Asked, said: str, pause: int) -> str:
    """The same request as a form that sends itself when it may be this browser's turn, again after a failure too."""
    verb, place, old, key = asked
    fields = {"verb": verb, "place": place, **({"old": old} if old else {}), "key": key}
    hidden = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in fields.items())
    return (
        f'<form hx-post="{PREFIX}decide/" hx-swap="outerHTML" hx-trigger="every {pause}s">{hidden}'
        f'<p class="y-notice info" role="status">{said}</p></form>'
    )


def _said(environ: Environ, receipt: int | None, outcome: str, code: str | None, said: str) -> Answered:
    number = f"XK{receipt:09d}" if receipt else ""
    if environ.get("HTTP_HX_REQUEST"):
        kind = "success" if outcome == "granted" else "info" if outcome == "waiting" else "warning"
        body = f'<p class="y-notice {kind}" role="status">{said} <span class="quiet">{number}</span></p>'
        return "200 OK", HTML, body.encode()
    return _json("200 OK", {"receipt": number, "outcome": outcome, "code": code or "", "words": said})


def _json(status: str, values: dict[str, Any]) -> Answered:
    body = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    return status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")], body


def _later(status: str, seconds: int, title: str) -> Answered:
    first, headers, body = _json(status, {"title": title, "retry_after": seconds})
    return first, [*headers, ("Retry-After", str(seconds))], body
