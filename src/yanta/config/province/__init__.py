"""One province and three schools in four databases: built, joined, reported, aggregated; each a node of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from yanta.config import databases, environment

Say = Callable[[str], None]
YANTA = (sys.executable, "-m", "yanta.config.cli")
STEP = (sys.executable, "-m", "yanta.config.province.steps")
ANSWERS_WITHIN = 300


@dataclass(frozen=True, slots=True)
class Place:
    """One node to be: its database is `<prefix>_<slug>`, its port is the first port plus `offset`."""

    slug: str
    code: str
    name: str
    level: str
    offset: int
    students: int = 0
    files: bool = True


PROVINCE = Place("province", "610000", "陕西省教育厅", "province", 0)
SCHOOLS = (
    Place("a", "4161010001", "雁塔科技大学", "school", 1, 1400),
    Place("b", "4161010002", "渭水师范学院", "school", 2, 1000),
    Place("c", "4161010003", "秦岭职业技术学院", "school", 3, 700),
)
# Who asks whom for what, between schools.
AGREEMENT = {
    "dataset": "joint-students",
    "title": "联合培养学生名单",
    "fields": "number,name,grade,programme_name",
}
# What the authority says to the three reports: one is right, one is not, one waits.
JUDGED = {
    "accept": SCHOOLS[0].code, "send_back": SCHOOLS[1].code, "codes": "ZC1",
    "reason": "占地面积与上年批复不一致，请核对土地证后重新填报",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Province:
    """Where the four of them live."""

    prefix: str
    port: int

    def database(self, place: Place) -> str:
        return f"{self.prefix}_{place.slug}"

    def url(self, place: Place) -> str:
        return f"http://127.0.0.1:{self.port + place.offset}"

    def environ(self, place: Place) -> dict[str, str]:
        """What makes the same software this node."""
        return {
            "YANTA_DATABASE_URL": make_conninfo(databases.address(), dbname=self.database(place)),
            "YANTA_HOME": str(environment.home() / self.prefix / place.slug),
            "YANTA_NODE_LEVEL": place.level, "YANTA_NODE_CODE": place.code, "YANTA_NODE_NAME": place.name,
            "YANTA_SCHOOL": place.name, "YANTA_PORT": str(self.port + place.offset), "YANTA_WORKERS": "1",
        }  # fmt: skip

    def start_line(self, place: Place) -> str:
        """How a person starts this node by hand."""
        shown = {name: value for name, value in self.environ(place).items() if name != "YANTA_WORKERS"}
        return " ".join(f"{name}='{value}'" for name, value in shown.items()) + " yanta serve --with-work"


def build(province: Province, *, students: int | None = None, say: Say) -> None:
    """Everything from empty databases to receipts that agree; says what it does."""
    began = time.monotonic()
    _make_databases(province, say)
    with serving(province, [PROVINCE], with_work=False):
        province_step = _step(
            province, PROVINCE, "province", {"schools": [[one.code, one.name] for one in SCHOOLS]}
        )
        codes = json.loads(_line_of(province_step))
        say(f"{PROVINCE.name}：入网码已签发")
        waiting = list(SCHOOLS)
        running: list[tuple[Place, subprocess.Popen[str]]] = []
        while waiting or running:
            while waiting and len(running) < 2:
                place = waiting.pop(0)
                facts = {"code": codes[place.code], "address": province.url(PROVINCE),
                         "students": students or place.students, "seed": 1958 + place.offset,
                         "files": place.files}  # fmt: skip
                running.append((place, _step(province, place, "school", facts)))
            place, process = running.pop(0)
            say(f"{place.name}：{_ended(process)}")
        _ended(province_step)
        say(_ended(_step(province, PROVINCE, "judge", JUDGED)))
        hearing = [(place, _step(province, place, "hear", {})) for place in SCHOOLS]
        for place, process in hearing:
            say(f"{place.name}：{_ended(process)}")
        _agree(province, say)
    say(f"用时 {time.monotonic() - began:.0f} 秒")


def _agree(province: Province, say: Say) -> None:
    """The first school asks the second for a dataset; the province has vouched for either to the other."""
    asking, giving = SCHOOLS[:2]
    _ended(_step(province, giving, "offer", {**AGREEMENT, "partner": asking.code}))
    with serving(province, [giving], with_work=False):
        number = _ended(_step(province, asking, "propose", {**AGREEMENT, "partner": giving.code}))
        _ended(_step(province, giving, "agree", {"number": number}))
        said = _ended(_step(province, asking, "take", {"number": number}))
    say(f"{asking.name}与{giving.name}的协议 {number}：{said}")


def summary(province: Province) -> str:
    """The aggregates as the province now has them."""
    return _ended(_step(province, PROVINCE, "summary", {}))


def _make_databases(province: Province, say: Say) -> None:
    """One is brought up to date, the others are copies of it."""
    first, *others = [province.database(place) for place in (PROVINCE, *SCHOOLS)]
    with psycopg.connect(
        make_conninfo(databases.address(), dbname="postgres"), autocommit=True
    ) as connection:
        for name in (first, *others):
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(first)))
        say("数据库与代码表……")
        subprocess.run(
            [*YANTA, "migrate"], env=_env(province, PROVINCE), check=True, stdout=subprocess.DEVNULL
        )
        for name in others:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(first))
            )
    for place in (PROVINCE, *SCHOOLS):
        Path(province.environ(place)["YANTA_HOME"]).mkdir(parents=True, exist_ok=True)


def _env(province: Province, place: Place) -> dict[str, str]:
    return {"YANTA_LOG_LEVEL": "ERROR", **os.environ, **province.environ(place)}


def _step(province: Province, place: Place, name: str, facts: Mapping[str, object]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*STEP, name, json.dumps(facts)], env=_env(province, place), stdout=subprocess.PIPE, text=True
    )


def _line_of(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise RuntimeError(f"a step ended with {process.wait()}")
    return line


def _ended(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"a step ended with {process.returncode}: {said}")
    return said.strip()


@contextlib.contextmanager
def serving(province: Province, places: list[Place], *, with_work: bool) -> Iterator[None]:
    """These nodes answer the web for as long as this lasts."""
    extra = ["--with-work"] if with_work else []
    processes = [
        subprocess.Popen([*YANTA, "serve", "--workers", "1", *extra], env=_env(province, place))
        for place in places
    ]
    try:
        for place in places:
            _wait_until_answered(f"{province.url(place)}/healthz")
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(30)


def _wait_until_answered(url: str) -> None:
    deadline = time.monotonic() + ANSWERS_WITHIN
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"{url} does not answer")
