"""A legacy card system, a drop of the library and this installation's own API, really there and really read."""

from __future__ import annotations

import csv
import os
import random
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from yanta.hub.exchange import opening, public, services
from yanta.hub.exchange.models import Connection, Table
from yanta.kernel.base import Actor
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import Student

CARD_TABLES = (
    "CREATE TABLE CARD_HOLDER (CARD_NO TEXT PRIMARY KEY, HOLDER_NO TEXT NOT NULL, HOLDER_NAME TEXT, KIND TEXT,"
    " BALANCE INTEGER, VALID_TO DATE, UPDATED DATETIME)",
    "CREATE TABLE CARD_KIND (KIND TEXT PRIMARY KEY, KIND_NAME TEXT)",
)
KINDS = (("1", "本科生"), ("2", "研究生"), ("3", "教职工"))


def fill(today: date) -> None:
    """Two reads of the card system, one delivery taken, one change of shape that waits for a decision."""
    actor = Actor.system("demo")
    place = opening.folders()[0] / "demo"
    (place / "library").mkdir(parents=True, exist_ok=True)
    people = list(Student.objects.order_by("pk").values_list("number", "person__name")[:3000])
    base = _card_base(place / "card.db", people, today)
    card = _connection(
        "card-legacy", "一卡通旧库", "sqlite", "demo/card.db", "老一卡通系统每日导出的库文件，只读"
    )
    services.test(card, actor=actor)
    services.register_table(
        card, actor=actor, table="CARD_HOLDER", title="持卡人", watermark_column="UPDATED"
    )
    services.register_table(card, actor=actor, table="CARD_KIND", title="卡类型")
    _read(card, "CARD_KIND")
    _read(card, "CARD_HOLDER", by="UPDATED")
    _later(base, people[:120], today)
    _read(card, "CARD_HOLDER", by="UPDATED")
    with closing(sqlite3.connect(base)) as line:
        line.execute("ALTER TABLE CARD_HOLDER ADD COLUMN PHOTO_STATE TEXT")
        line.commit()
    services.compare(Table.objects.get(connection=card, name="CARD_HOLDER"), actor=actor)
    _library(place / "library", people[:400], actor)
    _own_interface()


def _owner() -> OrgUnit:
    named = OrgUnit.objects.filter(name__contains="信息").order_by("depth", "pk").first()
    return named or OrgUnit.objects.order_by("depth", "pk")[0]


def _connection(code: str, title: str, kind: str, address: str, note: str, settings: str = "") -> Connection:
    row = Connection(
        code=code, title=title, kind=kind, address=address, note=note, settings=settings, owner=_owner()
    )
    opening.check(row)
    row.save()
    return row


def _card_base(path: Path, people: Iterable[tuple[str, str]], today: date) -> Path:
    """Made beside and put in place, for another build may be reading."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with closing(sqlite3.connect(draft)) as line:
        for statement in CARD_TABLES:
            line.execute(statement)
        line.executemany("INSERT INTO CARD_KIND VALUES (?, ?)", KINDS)
        line.executemany(
            "INSERT INTO CARD_HOLDER VALUES (?, ?, ?, ?, ?, ?, ?)", _holders(people, today, days=30)
        )
        line.commit()
    os.replace(draft, path)
    return path


def _holders(people: Iterable[tuple[str, str]], today: date, *, days: int) -> list[tuple[Any, ...]]:
    draw = random.Random(3)  # noqa: S311 - reproducible sample data
    start = datetime.combine(today - timedelta(days=days), time(8))
    return [
        (f"61{number[-8:]}", number, name, "1", draw.randrange(0, 60000), (today + timedelta(days=900)).isoformat(),
         (start + timedelta(minutes=place * 7)).isoformat(" "))
        for place, (number, name) in enumerate(people)
    ]  # fmt: skip


def _later(path: Path, people: Iterable[tuple[str, str]], today: date) -> None:
    """What changed over there since the first read."""
    moment = datetime.combine(today, time(7)).isoformat(" ")
    with closing(sqlite3.connect(path)) as line:
        line.executemany(
            "UPDATE CARD_HOLDER SET BALANCE = BALANCE + 5000, UPDATED = ? WHERE HOLDER_NO = ?",
            [(moment, number) for number, _ in people],
        )
        line.commit()


def _read(row: Connection, table: str, *, by: str | None = None) -> None:
    """As a pipeline reads: every row looked at, then the watermark remembered."""
    kept = Table.objects.get(connection=row, name=table)
    connector = public.connector(row.pk)
    reading = connector.read(table, by=by, after=kept.watermark or None)
    for _ in reading.batches:
        pass
    connector.close()
    public.remember(row.pk, table, watermark=reading.watermark)


def _library(folder: Path, people: Iterable[tuple[str, str]], actor: Actor) -> None:
    """One delivery that was taken, one that lies there; the second is fresh and waits for its next round."""
    for old in folder.glob("*.csv"):
        old.unlink()
    rows = list(people)
    name = f"dz_{timezone.localdate():%Y%m%d}.csv"
    _deliver(folder / name, rows[:300])
    row = _connection(
        "library-drop",
        "图书馆读者投放",
        "folder",
        "demo/library",
        "图书系统每晚投放的读者名册",
        "table.读者 = dz_*.csv\nsettle = 0",
    )
    services.test(row, actor=actor)
    services.register_table(row, actor=actor, table="读者", title="读者名册")
    _read(row, "读者")
    _deliver(folder / f"dz_{timezone.localdate():%Y%m%d}_2.csv", rows[300:])


def _deliver(path: Path, people: Iterable[tuple[str, str]]) -> None:
    with path.open("w", encoding="gb18030", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["读者证号", "姓名", "读者类型"])
        writer.writerows((number, name, "本科生") for number, name in people)


def _own_interface() -> None:
    """Not tested: it needs a token that only a person can issue."""
    _connection(
        "own-api", "本系统开放接口", "rest", "http://127.0.0.1:8000/api/v1", "示范 REST 连接：领取令牌填入口令后再测试",
        "auth = bearer\npaging = page\nitems = items\nstream.课程 = /masterdata/course/\nstream.机构 = /organisation/orgunit/",
    )  # fmt: skip
