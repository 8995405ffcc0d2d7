"""Ten thousand students after forty popular sections: a real server, a real database, both cores shared with the load."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg.conninfo import conninfo_to_dict

from yanta.kernel.identity.models import Account, Session
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person
from yanta.kernel.testing.processes import free_port
from yanta.masterdata.models import Course, Programme, Student, Term
from yanta.systems.course_selection.models import Decision, Place, Pool, Round, SectionTime

USERS, POPULAR, OTHERS, SEATS = 10_000, 40, 160, 110
# Students a second who come to the page; each sends four requests and more when refused.
ARRIVING = int(os.environ.get("YANTA_BENCH_ARRIVING", "125"))
CLIENTS, COMPARED = 8, 8000
# Seconds after which a browser gives an answer up and asks again.
LONGEST = 20
SAME = """
\\set s random(1, {users})
\\set p random(1, {places})
SELECT s.student, d.* FROM course_selection_student(encode(sha256(('bench' || :s)::bytea), 'hex')) s
LEFT JOIN LATERAL course_selection_decide(s.student, 'take', {first} + :p - 1, NULL, gen_random_uuid(), '', '') d ON true;
"""
CLEAR = """
TRUNCATE course_selection_decision, course_selection_enrolment, course_selection_waiting, course_selection_sheet;
UPDATE course_selection_pool SET taken = 0;
"""
FAULTS = {
    "oversold": "SELECT count(*) FROM course_selection_pool p WHERE p.taken > p.capacity OR p.capacity <"
    " (SELECT count(*) FROM course_selection_enrolment e WHERE e.pool_id = p.id)",
    "uneven": "SELECT count(*) FROM course_selection_pool p WHERE p.taken <>"
    " (SELECT count(*) FROM course_selection_enrolment e WHERE e.pool_id = p.id)",
    "double": "SELECT count(*) FROM (SELECT FROM course_selection_enrolment GROUP BY student_id, course_id"
    " HAVING count(*) > 1) d",
}  # fmt: skip


@dataclass
class Seen:
    """What the load generator was told."""

    took: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    # Receipt → student, place, verb, outcome, code.
    said: dict[str, tuple[int, int, str, str, str]] = field(default_factory=dict)
    # Number of the student → the ticket of the entrance; seconds in line as first told and as it was.
    tickets: dict[int, str] = field(default_factory=dict)
    waited: list[tuple[float, float]] = field(default_factory=list)
    went_back: int = 0
    unanswered: int = 0
    decided: int = 0


def run(users: int = USERS, *, address: str) -> dict[str, Any]:
    """Latency in the mixed rush; then decisions a second, saturated, beside pgbench with the same statement."""
    students, places = make(users)
    with TemporaryDirectory() as home:
        server, port = _serve(address, home)
        try:
            began = time.monotonic()
            seen = asyncio.run(rush(port, students, places))
            lasted = time.monotonic() - began
            faults = verify(seen)
            _clear()
            decisions = asyncio.run(saturate(port, students, places, seen.tickets))
            saturated = {name: asked(question) for name, question in FAULTS.items()}
        finally:
            server.terminate()
            server.wait(30)
        _clear()
        tps = pgbench(address, users, places[0], Path(home))
    return {
        **latency(seen), "requests": len(seen.took) + seen.unanswered, "answered": len(seen.took),
        **{name: count + saturated.get(name, 0) for name, count in faults.items()},
        "decisions_per_s": round(decisions, 1), "pgbench_tps": round(tps, 1), "ratio": round(decisions / tps, 3),
        "users": users, "arriving_per_s": ARRIVING, "seconds": round(lasted, 1), "decisions": seen.decided,
        "granted": len(granted(seen)), **line(seen), "statuses": {str(key): count for key, count in sorted(seen.statuses.items())},
        "requests_per_s": round(len(seen.took) / lasted, 1), "load_of_machine": os.getloadavg()[0],
        "fsync": asked("SHOW fsync"), "synchronous_commit": asked("SHOW synchronous_commit"),
    }  # fmt: skip


def latency(seen: Seen) -> dict[str, float]:
    """Milliseconds of the answers that came."""
    took = sorted(seen.took)
    return {
        "p50_ms": round(statistics.median(took) * 1000, 1), "p99_ms": round(took[int(len(took) * 0.99)] * 1000, 1),
    }  # fmt: skip


def line(seen: Seen) -> dict[str, Any]:
    """How many stood in line, how long, and how true the first estimate was."""
    waited = sorted(seen.waited, key=lambda one: one[1])
    late = sorted(was - told for told, was in waited)
    found = {
        "in_line": len(waited),
        "line_went_back": seen.went_back,
        "entry_pace": settings.YANTA_ENTRY_PACE,
    }
    if not waited:
        return found
    at = int(len(waited) * 0.99)
    return {
        **found, "line_p50_s": round(waited[len(waited) // 2][1], 1), "line_p99_s": round(waited[at][1], 1),
        "told_too_little_p50_s": round(late[len(late) // 2], 1), "told_too_little_p99_s": round(late[at], 1),
    }  # fmt: skip


def granted(seen: Seen) -> list[tuple[int, int]]:
    """Who was told to have a seat, and where."""
    return [
        (number, place) for number, place, _verb, outcome, _code in seen.said.values() if outcome == "granted"
    ]


def make(users: int) -> tuple[list[int], list[int]]:
    """Students who are signed in, forty popular sections and more that nobody fights for."""
    now = timezone.now()
    unit = OrgUnit.add_root(code="B000", name="测试大学", kind="school")
    programme = Programme.objects.create(
        code="B1", catalogue_code="080901", name="软件", department=unit, level="3"
    )
    people = Person.objects.bulk_create(
        [Person(number=f"B{n:08d}", name="测", sex="1", home_unit=unit) for n in range(1, users + 1)]
    )
    students = Student.objects.bulk_create([
        Student(number=one.number, person=one, department=unit, programme=programme, grade=2026, level="3")
        for one in people
    ])  # fmt: skip
    accounts = Account.objects.bulk_create(
        [Account(username=one.number, person=one, name="测", state="active") for one in people]
    )
    later = now + timedelta(hours=2)
    Session.objects.bulk_create([
        Session(key_digest=hashlib.sha256(f"bench{n}".encode()).hexdigest(), account=one, seen_at=now, expires_at=later,
                ends_at=later)
        for n, one in enumerate(accounts, 1)
    ])  # fmt: skip
    return [one.pk for one in students], _places(unit, now)


def _places(unit: OrgUnit, now: Any) -> list[int]:
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    term = Term.objects.create(
        code="B",
        name="学期",
        academic_year="2026-2027",
        half="1",
        starts_on=monday,
        ends_on=monday + timedelta(days=120),
    )
    Round.objects.create(
        term=term, name="正选", opens_at=now - timedelta(hours=1), closes_at=now + timedelta(hours=2)
    )
    kinds = range(1, POPULAR + OTHERS + 1)
    courses = Course.objects.bulk_create(
        [Course(code=f"B{n}", name=f"通识课{n}", department=unit, credits=2, hours=32) for n in kinds]
    )
    places = Place.objects.bulk_create([
        Place(term=term, section_id=n, number=f"B-{n}", course=one, department=unit) for n, one in enumerate(courses, 1)
    ])  # fmt: skip
    Pool.objects.bulk_create([Pool(place=one, capacity=SEATS) for one in places])
    SectionTime.objects.bulk_create([
        SectionTime(place=one, weekday=n % 5 + 1, first_period=n // 5 % 6 * 2 + 1, last_period=n // 5 % 6 * 2 + 2,
                    weeks="1-16", week_bits=0xFFFF)
        for n, one in enumerate(places)
    ])  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return [one.pk for one in places]


def _serve(address: str, home: str) -> tuple[subprocess.Popen[bytes], int]:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "yanta.config.cli", "serve", "--port", str(port)],
        env={**os.environ, "YANTA_DATABASE_URL": address, "YANTA_HOME": home},
    )
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server, port
        if server.poll() is not None:
            break
        time.sleep(0.2)
    raise RuntimeError("the web server did not start")


class Browser:
    """One kept connection with one student's cookie."""

    def __init__(self, port: int, number: int, seen: Seen) -> None:
        self.port, self.number, self.seen = port, number, seen
        self.line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.tag = ""

    async def send(self, method: str, name: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        text = json.dumps(body).encode() if body else b""
        head = (
            f"{method} /course-selection/rush/{name}/ HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Cookie: yanta_session=bench{self.number}; yanta_turn={self.seen.tickets.get(self.number, '')}\r\n"
            f"X-Requested-With: fetch\r\nContent-Type: application/json\r\n"
            f"If-None-Match: {self.tag}\r\nContent-Length: {len(text)}\r\n\r\n"
        ).encode()
        began = time.monotonic()
        try:
            async with asyncio.timeout(LONGEST):
                if self.line is None:
                    self.line = await asyncio.open_connection("127.0.0.1", self.port)
                self.line[1].write(head + text)
                status, answer = await self._read(self.line[0])
        except (OSError, EOFError, asyncio.IncompleteReadError):
            self.close()
            self.seen.unanswered += 1
            return 0, None
        self.seen.took.append(time.monotonic() - began)
        self.seen.statuses[status] += 1
        return status, answer

    async def _read(self, reader: asyncio.StreamReader) -> tuple[int, Any]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        fields = {
            line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in head.split("\r\n")[1:]
        }
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        self.tag = fields.get("etag", self.tag)
        if "set-cookie" in fields:
            self.seen.tickets[self.number] = fields["set-cookie"].partition(";")[0].partition("=")[2]
        status = int(head[9:12])
        return status, json.loads(body) if body and status != 304 else fields.get("retry-after")

    async def decide(self, place: int, verb: str = "take") -> str:
        """The same key until there is an answer, as the page does; what was answered is remembered."""
        asked = {"verb": verb, "place": place, "key": str(uuid4())}
        stood: list[tuple[float, dict[str, Any]]] = []
        while True:
            status, answer = await self.send("POST", "decide", asked)
            if status == 200:
                break
            if status == 202:
                stood.append((time.monotonic(), answer))
            await asyncio.sleep(
                float(answer["retry_after"]) if isinstance(answer, dict) and "retry_after" in answer else 0.5
            )
        self.stood(stood)
        self.seen.decided += 1
        self.seen.said[answer["receipt"]] = (self.number, place, verb, answer["outcome"], answer["code"])
        return str(answer["outcome"])

    def stood(self, heard: list[tuple[float, dict[str, Any]]]) -> None:
        """What was told in the line, beside what became of it."""
        if heard and heard[0][1]["seconds"] is not None:
            self.seen.waited.append((heard[0][1]["seconds"], time.monotonic() - heard[0][0]))
        places = [one["place"] for _at, one in heard]
        self.seen.went_back += places != sorted(places, reverse=True)

    def close(self) -> None:
        if self.line:
            self.line[1].close()
        self.line = None


async def rush(port: int, students: list[int], places: list[int]) -> Seen:
    """Everybody comes within the first minutes: looks, clicks, is refused and clicks again, looks at the own timetable."""
    seen, draw = Seen(), random.Random(40)
    await asyncio.gather(
        *(visit(port, n, seen, places, random.Random(n), draw.random() * len(students) / ARRIVING)
          for n in range(1, len(students) + 1))
    )  # fmt: skip
    return seen


async def visit(
    port: int, number: int, seen: Seen, places: list[int], draw: random.Random, after: float
) -> None:
    await asyncio.sleep(after)
    browser = Browser(port, number, seen)
    await browser.send("GET", "seats")
    wanted = draw.sample(places[:POPULAR], 2) + draw.sample(places[POPULAR:], 1)
    for place in wanted:
        if await browser.decide(place) == "granted":
            break
        await browser.send("GET", "seats")
    await browser.send("GET", "mine")
    browser.close()


async def saturate(port: int, students: list[int], places: list[int], tickets: dict[int, str]) -> float:
    """Decisions a second when nothing else is asked; the same crowd and the same sections as pgbench below."""
    seen, draw = Seen(tickets=tickets), random.Random(8)

    async def drive() -> None:
        browser = Browser(port, 1, seen)
        for _ in range(COMPARED // CLIENTS):
            browser.number = draw.randint(1, len(students))
            await browser.decide(places[draw.randrange(POPULAR)])
        browser.close()

    began = time.monotonic()
    await asyncio.gather(*(drive() for _ in range(CLIENTS)))
    return seen.decided / (time.monotonic() - began)


def pgbench(address: str, users: int, first: int, folder: Path) -> float:
    """Transactions a second of the same statement, from PostgreSQL's own tool."""
    script = folder / "same.sql"
    script.write_text(SAME.format(users=users, places=POPULAR, first=first))
    tool = shutil.which("pgbench") or str(
        next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))))
    )
    given = {key: str(value) for key, value in conninfo_to_dict(address).items() if value is not None}
    known = [
        word
        for key, flag in (("host", "-h"), ("port", "-p"), ("user", "-U"))
        if key in given
        for word in (flag, given[key])
    ]
    command = [
        tool, "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-t", str(COMPARED // CLIENTS), "-f", str(script),
        *known, given["dbname"],
    ]  # fmt: skip
    environment = {**os.environ, "PGPASSWORD": given.get("password", "")}
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    return float(said.split("tps = ")[1].split()[0])


def verify(seen: Seen) -> dict[str, int]:
    """What was said, against what the database holds."""
    kept = {f"XK{key:09d}" for key in Decision.objects.values_list("pk", flat=True)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT student_id, place_id FROM course_selection_enrolment")
        held = set(cursor.fetchall())
        cursor.execute("SELECT id FROM masterdata_student ORDER BY id")
        students = [key for (key,) in cursor.fetchall()]
    lost = len(seen.said.keys() - kept) + sum(
        (students[number - 1], place) not in held for number, place in granted(seen)
    )
    return {"lost": lost, **{name: asked(question) for name, question in FAULTS.items()}}


def asked(question: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone()
    return row[0] if row else None


def _clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute(CLEAR)
