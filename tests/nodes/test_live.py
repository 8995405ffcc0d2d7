"""From a vendor's MariaDB through the school to whoever reads it: a department's read-only database, a web hook, the
province. Four servers, all real; what is changed or deleted at the source is seen at each within seconds of the run."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.nodes.conftest import Pair
from tests.nodes.installations import ANSWERS_WITHIN, Installation, wait_until_answered
from tests.nodes.living import LEFT, PIPELINE
from yanta.hub.exchange.tests import servers
from yanta.hub.sharing import keys

Probe = Callable[[], bool]


@dataclass
class Receiver:
    """The consumer's own service: what it was told, and by whose signature."""

    address: str
    grades: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)
    signed: list[tuple[str, str, bytes]] = field(default_factory=list)

    def take(self, target: str, authorization: str, content: bytes) -> None:
        told = json.loads(content)
        self.signed.append((target, authorization, content))
        for row in told["rows"]:
            self.fields |= row.keys()
            self.names[row["_id"]], self.grades[row["number"]] = row["number"], row["grade"]
        for gone in told["removed"]:
            self.grades.pop(self.names.pop(gone))

    def is_signed_with(self, secret: str) -> bool:
        return all(_is_true(target, said, content, secret) for target, said, content in self.signed)


def _is_true(target: str, authorization: str, content: bytes, secret: str) -> bool:
    proof = keys.proof_of(authorization)
    assert proof is not None
    text = keys.signed_text("POST", target, proof.time, proof.nonce, content)
    return keys.is_true(proof, keys.kept_of(secret), text)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            made.take(self.path, self.headers["Authorization"], content)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made = Receiver(f"http://127.0.0.1:{server.server_port}/changes")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()


@pytest.fixture(scope="module")
def legacy() -> Iterator[servers.MariaServer]:
    if not servers.has_maria():
        pytest.skip("mariadbd and mariadb-install-db are not installed")
    with servers.maria() as server:
        yield server


def change(legacy: servers.MariaServer, *statements: str) -> None:
    legacy.run(*statements, database="legacy")


@contextmanager
def reading(school: Installation, told: dict[str, str]) -> Iterator[psycopg.Connection[Any]]:
    """The department's own sign-in to the school's database."""
    own = make_conninfo(school.address, user=told["role"], password=told["password"])
    with psycopg.connect(own, autocommit=True) as line:
        yield line


def seconds_until(**probes: Probe) -> dict[str, float]:
    """When each came true, counted from now."""
    began, found = time.monotonic(), dict[str, float]()
    while len(found) < len(probes):
        assert time.monotonic() - began < ANSWERS_WITHIN, f"not seen at {probes.keys() - found.keys()}"
        for name, probe in probes.items():
            if name not in found and probe():
                found[name] = round(time.monotonic() - began, 2)
        time.sleep(0.02)
    return found


def test_what_changes_in_mariadb_is_seen_by_everybody_who_reads_it(
    pair: Pair, legacy: servers.MariaServer, receiver: Receiver
) -> None:
    school, province = pair.school, pair.province
    rows = school.rows("SELECT number, grade FROM masterdata_student ORDER BY number")
    numbers = [str(number) for number, _ in rows]
    changed, gone, elsewhere = numbers[0], numbers[1], numbers[-1]
    change(
        legacy,
        "CREATE TABLE XSXX (XH varchar(20) PRIMARY KEY, NJ smallint)",
        "INSERT INTO XSXX VALUES " + ", ".join(f"('{number}', {grade})" for number, grade in rows),
    )
    pair.above.start("serve")
    wait_until_answered(province)
    first = pair.below.step("connect", legacy.port)
    told = pair.below.step("share", receiver.address)
    pair.below.start("live")

    with reading(school, told) as line:
        seconds_until(province=lambda: bool(above(province, elsewhere)))  # the first package holds everything
        before = dict(line.execute("SELECT number, grade FROM enrolled").fetchall())
        change(legacy, f"UPDATE XSXX SET NJ = 1998 WHERE XH = '{changed}'")
        change(legacy, f"UPDATE XSXX SET NJ = 1997 WHERE XH = '{elsewhere}'")
        seen = seconds_until(
            schema=lambda: grade_in(line, changed) == 1998,
            webhook=lambda: receiver.grades.get(changed) == 1998,
            province=lambda: above(province, changed).get("grade") == "1998",
        )
        # A department is shown its own rows; the province sees the other college's change too.
        seconds_until(province=lambda: above(province, elsewhere).get("grade") == "1997")

        change(legacy, f"UPDATE XSXX SET NJ = 1996 WHERE XH = '{gone}'")
        seconds_until(webhook=lambda: receiver.grades.get(gone) == 1996)
        change(legacy, f"DELETE FROM XSXX WHERE XH = '{gone}'")
        left = seconds_until(
            schema=lambda: grade_in(line, gone) is None,
            webhook=lambda: gone not in receiver.grades,
            province=lambda: above(province, gone).get("status") == LEFT,
        )
        after = line.execute("SELECT * FROM enrolled").fetchall()
    pair.below.stop("live")
    pair.above.stop("serve")
    print(f"seconds from the commit in MariaDB: changed {seen}, deleted {left}")

    assert (first["read"], first["unchanged"]) == (len(rows), len(rows))
    assert len(before) == len(rows) - 2
    assert {elsewhere} & {*before, *receiver.grades} == set()
    assert len(after) == len(before) - 1
    assert receiver.fields == {"_id", "number", "grade"}
    assert receiver.is_signed_with(told["secret"])
    assert_accounts(school)


def grade_in(line: psycopg.Connection[Any], number: str) -> int | None:
    found = line.execute("SELECT grade FROM enrolled WHERE number = %s", [number]).fetchone()
    return None if found is None else int(found[0])


def above(province: Installation, number: str) -> dict[str, str]:
    query = "SELECT data FROM nodes_regionalrow WHERE subject = 'student' AND key = '{}'"
    found = province.rows(query.format(number))
    return {name: str(value) for name, value in found[0][0].items()} if found else {}


def assert_accounts(school: Installation) -> None:
    """What the runs say they read is what was changed; every delivery to the department stands in the read log."""
    ((changed, removed),) = school.rows(
        "SELECT sum((r.counts ->> 'changed')::int), sum((r.counts ->> 'removed')::int) FROM pipelines_pipelinerun r"
        f" JOIN pipelines_pipeline p ON p.id = r.pipeline_id WHERE p.code = '{PIPELINE}' AND r.state = 'done'"
    )
    assert (changed, removed) == (3, 1)
    others = school.rows(
        "SELECT r.state FROM pipelines_pipelinerun r JOIN pipelines_pipeline p ON p.id = r.pipeline_id"
        f" WHERE p.code = '{PIPELINE}' AND r.state <> 'done'"
    )
    assert {state for (state,) in others} <= {
        "running"
    }  # the one that was under way when the worker was ended
    ((pushed,),) = school.rows("SELECT sum(count) FROM sharing_readentry WHERE how = 'webhook'")
    assert pushed >= 2
