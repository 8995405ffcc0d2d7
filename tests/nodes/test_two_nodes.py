"""Two installations side by side, each with its own server and worker, as `yanta serve --with-work` starts them."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.nodes.conftest import Pair
from tests.nodes.installations import CLI, ROOT, Installation, end, until, wait_until_answered

SECONDS = 60


@contextmanager
def serving(node: Installation, *extra: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [*CLI, "serve", "--port", str(node.port), "--workers", "1", *extra]
    process = subprocess.Popen(command, env=node.environ, cwd=ROOT, start_new_session=True)
    try:
        wait_until_answered(node)
        yield process
    finally:
        end(process)


@contextmanager
def working(node: Installation) -> Iterator[None]:
    process = subprocess.Popen([*CLI, "work", "--concurrency", "2"], env=node.environ, cwd=ROOT)
    try:
        yield
    finally:
        end(process)


def test_a_change_at_the_school_is_at_the_province_within_seconds(pair: Pair) -> None:
    province, school = pair.province, pair.school
    with working(school):
        with serving(province) as server:
            until("SELECT 1 FROM nodes_receipt WHERE subject = 'student' AND side = 'got'", school)
            ((number,),) = school.rows("SELECT min(number) FROM masterdata_student")

            school.execute("UPDATE masterdata_student SET grade = 1999 WHERE number = %s", [number])
            assert until(grade_of(number, 1999), province) < SECONDS

            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
        school.execute("UPDATE masterdata_student SET grade = 2001 WHERE number = %s", [number])
        until("SELECT 1 FROM nodes_stream WHERE waiting_since IS NOT NULL AND error <> ''", school)
        with serving(province):
            until(grade_of(number, 2001), province)
            said = school.run(*CLI, "nodes", "receipts")
    assert said.rstrip().endswith("两方一致")


def grade_of(number: object, grade: int) -> str:
    return f"SELECT 1 FROM nodes_regionalrow WHERE key = '{number}' AND data ->> 'grade' = '{grade}'"
