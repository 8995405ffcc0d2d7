"""Three departments' systems, really there and really read: rooms with two runs, courses with a draft, beds gone silent."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from yanta.hub.exchange import opening
from yanta.hub.exchange import services as exchange
from yanta.hub.exchange.models import Connection
from yanta.hub.pipelines import suggesting
from yanta.hub.pipelines.documents import Document, Pair
from yanta.hub.pipelines.models import Pipeline, Version
from yanta.hub.pipelines.running.carrying import Wish
from yanta.hub.pipelines.services import pipelines as drawing
from yanta.hub.pipelines.services import runs
from yanta.hub.pipelines.targets import target
from yanta.kernel.base import Actor
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import Course, Room, Student

ACTOR = Actor.system("demo")
ROOMS = {"number": "FJH", "name": "FJMC", "building": "JZWH", "floor": "FJLC", "seats": "ZWS", "area": "SYMJ"}


def fill(today: date) -> None:
    """The runs are real ones; only the clock of the silent source is set back."""
    place = opening.folders()[0] / "demo"
    place.mkdir(parents=True, exist_ok=True)
    _rooms(place / "assets.db", today)
    _courses(place / "teaching.db", today)
    _beds(place / "dormitory.db", today)


def _unit(*names: str) -> OrgUnit:
    for name in names:
        found = OrgUnit.objects.filter(name__contains=name).order_by("depth", "pk").first()
        if found is not None:
            return found
    return OrgUnit.objects.order_by("depth", "pk")[0]


def _table(path: Path, name: str, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as line:
        line.execute(f"CREATE TABLE {name} ({', '.join(f'{column} TEXT' for column in columns)})")
        line.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", rows)
        line.commit()


def _connection(code: str, title: str, path: Path, table: str, owner: OrgUnit) -> Connection:
    row = Connection(
        code=code,
        title=title,
        kind="sqlite",
        address=f"demo/{path.name}",
        owner=owner,
        note="部门业务系统的库文件，只读",
    )
    opening.check(row)
    row.save()
    exchange.test(row, actor=ACTOR)
    exchange.register_table(row, actor=ACTOR, table=table, title=title)
    return row


def _pipeline(
    code: str,
    title: str,
    connection: Connection,
    table: str,
    subject: str,
    columns: dict[str, str],
    receiver: OrgUnit,
    **facts: Any,
) -> Pipeline:
    goal = target(subject)
    options = {name: facts.pop(name) for name in list(facts) if not hasattr(Pipeline, name)}
    pipeline = Pipeline.objects.create(
        code=code,
        title=title,
        connection=connection.code,
        table=table,
        subject=subject,
        owner=connection.owner,
        receiver=receiver,
        **facts,
    )
    pairs = tuple(
        Pair(name, column, steps=suggesting.steps_for(goal.field(name))) for name, column in columns.items()
    )
    version = Version.objects.create(
        pipeline=pipeline, number=1, document=Document(goal.key, pairs, **options).as_json(), author="王工"
    )
    drawing.publish_draft(version, actor=ACTOR, note="首次接入")
    return pipeline


def _run(pipeline: Pipeline, kind: str = "manual") -> None:
    pipeline.refresh_from_db()
    runs.carry_out(pipeline, actor=ACTOR, wish=Wish(kind))


def _rooms(path: Path, today: date) -> None:
    """As the assets office keeps them: other widths, units in the figures, some seats corrected, some rows that cannot be."""
    rooms = list(
        Room.objects.order_by("pk").values_list("number", "name", "building__code", "floor", "seats", "area")
    )[:400]
    rows = [_as_assets_write(turn, room) for turn, room in enumerate(rooms)]
    building = rooms[0][2]
    rows += [
        (f"{building}-9{n:02}", f"智慧教室{n}", building, "2", "48", "96.5㎡", str(today))
        for n in range(1, 7)
    ]
    rows += [
        (f"{building}-999", "待建", "ZZ", "2", "0", "", str(today)),
        (f"{building}-998", "报告厅", building, "2", "三百", "", str(today)),
    ]
    columns = ["FJH", "FJMC", "JZWH", "FJLC", "ZWS", "SYMJ", "GXRQ"]
    _table(path, "FJXX", columns, rows)
    link = _connection("assets", "资产管理系统", path, "FJXX", _unit("资产", "后勤"))
    pipeline = _pipeline(
        "rooms", "资产系统房间", link, "FJXX", "room", ROOMS, _unit("信息化", "信息中心", "网络"), partition="JZWH", cron="30 1 * * *",
        expected_minutes=60 * 24 * 30,
    )  # fmt: skip
    _run(pipeline)
    with closing(sqlite3.connect(path)) as line:
        line.execute("UPDATE FJXX SET ZWS = '52' WHERE FJMC LIKE '智慧教室%'")
        line.commit()
    _run(pipeline)


def _as_assets_write(turn: int, room: tuple[Any, ...]) -> tuple[Any, ...]:
    number, name, building, floor, seats, area = room
    wide = str(floor).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    told = f"{area}㎡" if area is not None and turn % 3 == 0 else area
    fixed = seats + 2 if turn % 40 == 7 else seats
    return (
        number,
        f" {name}" if turn % 5 == 0 else name,
        building,
        wide if turn % 4 == 0 else str(floor),
        str(fixed),
        None if told is None else str(told),
        "",
    )


def _courses(path: Path, today: date) -> None:
    """From the teaching system, with a draft whose suggestions wait for a person."""
    found = list(Course.objects.order_by("pk").values_list("code", "name", "credits", "hours"))[:300]
    rows = [(*one[:2], str(one[2]), str(one[3]), str(today)) for one in found]
    _table(path, "KCXX", ["KCH", "KCMC", "XF", "XS", "GXSJ"], rows)
    link = _connection("teaching", "教务管理系统", path, "KCXX", _unit("教务"))
    columns = {"code": "KCH", "name": "KCMC", "credits": "XF", "hours": "XS"}
    pipeline = _pipeline(
        "courses",
        "教务系统课程",
        link,
        "KCXX",
        "course",
        columns,
        _unit("信息化", "信息中心", "网络"),
        cron="0 2 * * *",
        creates=False,
    )
    pipeline.depends_on.set(Pipeline.objects.filter(code="rooms"))
    _run(pipeline)
    draft = drawing.begin_draft(pipeline, actor=ACTOR)
    document = Document.of(draft.document)
    pairs = [
        Pair.of({**_plain(pair), "suggested": pair.field in ("hours", "credits"), "why": "列名相近"})
        for pair in document.pairs
    ]
    drawing.keep(draft, Document.of({**document.as_json(), "pairs": [_plain(pair) for pair in pairs]}))


def _plain(pair: Pair) -> dict[str, Any]:
    return {slot: getattr(pair, slot) for slot in Pair.__slots__}


def _beds(path: Path, today: date) -> None:
    """The dormitory system promised a delivery a day and has said nothing for three."""
    numbers = list(Student.objects.order_by("pk").values_list("number", flat=True)[:300])
    rows = [
        (number, f"{1 + turn // 100}号楼-{101 + turn // 4 % 25}-{1 + turn % 4}", str(today))
        for turn, number in enumerate(numbers)
    ]
    _table(path, "RZXX", ["XH", "CWH", "RZRQ"], rows)
    link = _connection("dormitory", "公寓管理系统", path, "RZXX", _unit("学生工作", "学工", "后勤"))
    pipeline = _pipeline(
        "beds", "公寓系统床位", link, "RZXX", "student", {"number": "XH", "bed": "CWH"}, _unit("信息化", "信息中心", "网络"), creates=False,
        expected_minutes=60 * 24,
    )  # fmt: skip
    _run(pipeline)
    Pipeline.objects.filter(pk=pipeline.pk).update(heard_at=timezone.now() - timedelta(days=3))
