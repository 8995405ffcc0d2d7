"""The rush with things dying in the middle: web processes, the worker, the database; no answer may become untrue.

Runs in a cluster of its own with fsync, below a folder that is thrown away: the database is really killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from yanta.kernel.testing.processes import free_port

USERS = 1_000
# What would lead to another database, or to one that does not wait for its disk.
ELSEWHERE = {"YANTA_DATABASE_URL", "YANTA_CLUSTER_HASTY"}
# Long enough for the worker's minute to come round, and for what a dead process left undone.
SETTLES_WITHIN = 150
# Seconds: whoever has no answer by then never gets one.
LONGEST = 900
# Seconds a web server may take to start on a machine that does other things.
STARTS_WITHIN = 400
# Everything that was said, against what is held: whoever was last granted a seat has it, and nobody else does.
STANDING = """
SELECT count(*) FROM (
    SELECT DISTINCT ON (student_id, place_id) student_id, place_id, verb IN ('take', 'fill') AS holds
    FROM course_selection_decision WHERE outcome = 'granted' AND verb IN ('take', 'fill', 'drop')
    ORDER BY student_id, place_id, id DESC) said
FULL JOIN course_selection_enrolment e USING (student_id, place_id)
WHERE coalesce(said.holds, false) <> (e.id IS NOT NULL)
"""
UNFILLED = """
SELECT count(*) FROM course_selection_pool p WHERE p.taken < p.capacity
AND EXISTS (SELECT FROM course_selection_waiting w WHERE w.place_id = p.place_id)
"""


def run(users: int = USERS, *, address: str) -> dict[str, Any]:
    """In a process and a cluster of its own; `address` is that of the scratch database, which stays untouched."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o755)  # the cluster's own user must reach its files
        kept = {key: value for key, value in os.environ.items() if key not in ELSEWHERE}
        said = subprocess.run(
            [sys.executable, __file__, str(users)], env={**kept, "YANTA_HOME": str(home)}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    if said.returncode:
        raise RuntimeError(said.stderr[-3000:])
    figures: dict[str, Any] = json.loads(said.stdout)
    return figures


def _inside(users: int) -> dict[str, Any]:
    """The cluster is started for us alone and goes with this process."""
    from yanta.config import cluster
    from yanta.config.cli import prepare
    from yanta.config.cli.opening import open_django

    open_django()
    prepare.bring_up_to_date()
    return asyncio.run(_storm(users, cluster.address()))


class House:
    """The processes of an installation, and how each of them dies and comes back."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.port = free_port()
        self.web = self._start("serve", "--port", str(self.port))
        self.worker = self._start("work")

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "yanta.config.cli", *words], start_new_session=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**os.environ, "YANTA_DATABASE_URL": self.address},
        )  # fmt: skip

    async def answers(self) -> None:
        async with asyncio.timeout(STARTS_WITHIN):
            while True:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                        return
                await asyncio.sleep(0.2)

    async def one_web_process(self) -> None:
        """A child of the server dies; the server replaces it."""
        while not (children := self._children()):
            await asyncio.sleep(0.2)
        os.kill(children[0], signal.SIGKILL)

    def _children(self) -> list[int]:
        listed = Path(f"/proc/{self.web.pid}/task/{self.web.pid}/children")
        return [int(number) for number in listed.read_text().split()] if listed.exists() else []

    async def whole_web_server(self) -> None:
        os.killpg(self.web.pid, signal.SIGKILL)
        await self.answers()

    async def background_worker(self) -> None:
        os.killpg(self.worker.pid, signal.SIGKILL)

    async def database(self) -> None:
        """Killed, not stopped: what it answered must be in its log, and nothing else."""
        from yanta.config import cluster

        number = int((cluster.folder() / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(number, signal.SIGKILL)
        while Path(f"/proc/{number}/cwd").exists():  # a process that is still dying looks like one that runs
            await asyncio.sleep(0.05)
        await asyncio.to_thread(cluster.start)

    async def kept_alive(self) -> None:
        """What a service manager does: what ended, because its database did, begins again."""
        while True:
            await asyncio.sleep(1)
            if self.worker.poll() is not None:
                self.worker = self._start("work")
            if self.web.poll() is not None:
                self.web = self._start("serve", "--port", str(self.port))

    def end(self) -> None:
        for process in (self.worker, self.web):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in (self.worker, self.web):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


async def _storm(users: int, address: str) -> dict[str, Any]:
    import rush
    from asgiref.sync import sync_to_async

    students, places = await sync_to_async(rush.make)(users)
    house = House(address)
    seen, died, began = rush.Seen(), Counter[str](), time.monotonic()
    try:
        keeper = asyncio.create_task(house.kept_alive())
        await house.answers()
        lasts = max(12.0, users / rush.ARRIVING)
        draw = random.Random(13)
        visits = [
            _visit(rush.Browser(house.port, n, seen), places, random.Random(n), draw.random() * lasts)
            for n in range(1, users + 1)
        ]
        async with asyncio.timeout(LONGEST):
            await asyncio.gather(_kill(house, lasts, died), *visits)
        lasted = time.monotonic() - began
        settled = await _settled()
        keeper.cancel()
        figures = await sync_to_async(_verified)(seen, students)
    finally:
        house.end()
    return {
        **figures, "users": users, "killed": dict(died), "seconds": round(lasted, 1), "settled_s": settled,
        **rush.latency(seen),
    }  # fmt: skip


async def _kill(house: House, lasts: float, died: Counter[str]) -> None:
    """One after another while the crowd is there, the database in the thick of it."""
    steps: list[Callable[[], Awaitable[None]]] = [
        house.one_web_process, house.database, house.background_worker, house.whole_web_server, house.database,
        house.one_web_process,
    ]  # fmt: skip
    for step in steps:
        await asyncio.sleep(lasts / (len(steps) + 1))
        await step()
        died[step.__name__] += 1


async def _visit(browser: Any, places: list[int], draw: random.Random, after: float) -> None:
    """Takes, waits where it is full, gives back now and then; every request until it has its answer."""
    import rush

    await asyncio.sleep(after)
    for place in draw.sample(places[: rush.POPULAR], 2) + draw.sample(places[rush.POPULAR :], 1):
        outcome = await browser.decide(place)
        if outcome == "granted" and draw.random() < 0.3:
            await browser.decide(place, "drop")
        elif outcome == "refused" and draw.random() < 0.5:
            await browser.decide(place, "wait")
    browser.close()


async def _settled() -> float:
    """Seconds until nobody waits beside a free seat: what a dead process left undone, the worker does."""
    import rush
    from asgiref.sync import sync_to_async

    await sync_to_async(_connect_anew)()
    began = time.monotonic()
    while await sync_to_async(rush.asked)(UNFILLED) and time.monotonic() - began < SETTLES_WITHIN:
        await asyncio.sleep(1)
    return round(time.monotonic() - began, 1)


def _connect_anew() -> None:
    """This thread's connection was made before the database died."""
    from django.db import connection

    connection.close()


def _verified(seen: Any, students: list[int]) -> dict[str, Any]:
    """Every receipt as it was told, seats as the receipts say, and nobody beside a free seat."""
    import rush

    from yanta.systems.course_selection.models import Decision

    names = ("pk", "student_id", "place_id", "verb", "outcome", "code")
    kept = {f"XK{key:09d}": tuple(rest) for key, *rest in Decision.objects.values_list(*names)}
    told = {
        receipt: (students[number - 1], place, verb, outcome, code)
        for receipt, (number, place, verb, outcome, code) in seen.said.items()
    }
    twice = "SELECT count(*) FROM (SELECT FROM course_selection_decision GROUP BY student_id, key HAVING count(*) > 1) d"
    return {
        "answers": len(told), "untrue": sum(kept.get(receipt) != one for receipt, one in told.items()),
        "lost": len(told.keys() - kept.keys()), "unexplained": rush.asked(STANDING), "decided_twice": rush.asked(twice),
        "unfilled": rush.asked(UNFILLED), **{name: rush.asked(question) for name, question in rush.FAULTS.items()},
        "asked_again": seen.unanswered, "statuses": {str(key): n for key, n in sorted(seen.statuses.items())},
        "fsync": rush.asked("SHOW fsync"), "synchronous_commit": rush.asked("SHOW synchronous_commit"),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(_inside(int(sys.argv[1]))))
