"""Half a year of repairs in the demo school: workers, parts in the store, faults in every state."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from yanta.kernel.base.bulk import copy_in, new_ids
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.workflow.demo import hand_in
from yanta.masterdata.models import Campus, Room, StaffMember, Student
from yanta.systems.hall import public as hall
from yanta.systems.repairs import rules
from yanta.systems.repairs.models import Category, Job, Material, Order, Worker
from yanta.systems.repairs.services.reporting import PROCESS

CATEGORIES = (
    ("水龙头漏水", "water", 24, 4, False), ("下水堵塞", "water", 12, 4, False), ("跑水", "water", 2, 1, True),
    ("暖气不热", "water", 24, 8, False), ("灯不亮", "electric", 24, 8, False), ("插座没电", "electric", 12, 4, False),
    ("跳闸断电", "electric", 4, 2, True), ("门锁损坏", "carpentry", 12, 4, False), ("窗户关不上", "carpentry", 30, 8, False),
    ("桌椅损坏", "carpentry", 40, 12, False), ("空调不制冷", "cooling", 24, 8, False), ("空调漏水", "cooling", 20, 6, False),
    ("网口不通", "network", 20, 6, False), ("投影不亮", "network", 8, 2, False), ("墙皮脱落", "general", 60, 12, False),
)  # fmt: skip
SAID = {
    "水龙头漏水": ("洗手池水龙头关不紧，一直滴", "阀芯换新"), "下水堵塞": ("地漏返水，洗漱间积水", "疏通，取出异物"),
    "跑水": ("水管爆裂，水流到走廊", "关总阀，换 20 cm 管"), "暖气不热": ("暖气片一半凉", "放气，清洗过滤网"),
    "灯不亮": ("靠窗一排灯不亮", "换灯管两支"), "插座没电": ("讲台插座没电", "换插座"), "跳闸断电": ("一开电热就跳闸，整间没电", "换漏电保护器"),
    "门锁损坏": ("钥匙插进去转不动", "换锁芯"), "窗户关不上": ("推拉窗掉轨", "换滑轮"), "桌椅损坏": ("第三排两把椅子断腿", "焊接加固"),
    "空调不制冷": ("开到 18 度还是热风", "加氟，清洗滤网"), "空调漏水": ("室内机滴水到桌面", "疏通排水管"), "网口不通": ("墙上网口没有信号", "重做水晶头"),
    "投影不亮": ("投影仪指示灯红，不亮", "换灯泡"), "墙皮脱落": ("窗边墙皮掉了一片", "铲除重刷"),
}  # fmt: skip
MATERIALS = (
    ("水龙头", "4 分快开", "个", "38.00", 60, 20), ("阀芯", "35 mm", "个", "12.00", 8, 15), ("PPR 水管", "20 mm", "米", "9.50", 200, 50),
    ("LED 灯管", "T8 16W", "支", "18.00", 240, 60), ("五孔插座", "10A", "个", "14.00", 85, 30), ("漏电保护器", "2P 40A", "个", "96.00", 12, 6),
    ("锁芯", "85 mm", "个", "55.00", 22, 10), ("窗滑轮", "铝合金", "副", "16.00", 4, 10), ("水晶头", "六类", "个", "2.50", 300, 100),
    ("投影灯泡", "UHP 210W", "个", "680.00", 5, 4), ("制冷剂", "R410A", "公斤", "72.00", 30, 10), ("外墙涂料", "白", "桶", "180.00", 9, 4),
)  # fmt: skip
TRADES = ("water", "electric", "carpentry", "cooling", "network", "general")
VISITS = ("工作日全天", "中午 12 点到 14 点", "18 点以后", "随时，可请楼管开门")
ORDER = (
    "id", "room_id", "spot", "category_id", "description", "urgency", "phone", "visit", "reporter_id", "department_id",
    "status", "reported_at", "promised_at", "mended_at", "closed_at", "reworks", "cost",
)  # fmt: skip
JOB = (
    "order_id",
    "worker_id",
    "status",
    "assigned_by",
    "assigned_at",
    "accepted_at",
    "finished_at",
    "result",
)
COUNT = 900


def fill(today: date) -> None:
    """Those who mend are staff of the logistics department; a few of them can be signed in as."""
    draw = random.Random(31)  # noqa: S311 - reproducible sample data
    copy_in(Category, ("name", "trade", "hours", "urgent_hours", "is_urgent"), CATEGORIES)
    copy_in(
        Material,
        ("name", "spec", "unit", "price", "stock", "minimum"),
        [(*m[:3], Decimal(m[3]), *m[4:]) for m in MATERIALS],
    )
    if _workers():
        _history(draw, timezone.now())


def settle(today: date) -> None:
    """What is not yet closed is under way in the process, as far as its state says."""
    rows = Order.objects.exclude(status__in=("closed", "cancelled")).select_related(
        "room__building", "category", "department"
    )
    for order in rows.order_by("pk"):
        if order.status == Order.Status.MENDED:
            Order.objects.filter(pk=order.pk).update(status="closed", closed_at=order.mended_at)
        else:
            hand_in(PROCESS, order)
    _into_the_hall(random.Random(32))  # noqa: S311 - reproducible sample data


def _into_the_hall(draw: random.Random) -> None:
    """What is over stands in the hall, where every other reporter has said something of it."""
    over = Order.objects.filter(status=Order.Status.CLOSED, closed_at__isnull=False).order_by("pk")
    hall.bring("repair", Order._meta.label_lower, [_past(order, draw) for order in over])


def _past(order: Order, draw: random.Random) -> hall.Past:
    stars = 2 if order.reworks else draw.choice((5, 5, 5, 4, 4, 3))
    said = "第一次没修好，第二次才好" if order.reworks else ""
    ended = order.closed_at or order.reported_at
    is_said = draw.random() < 0.5
    return hall.Past(
        order.pk,
        order.reporter_id,
        order.reported_at,
        ended,
        stars if is_said else None,
        said if is_said else "",
    )


def _workers() -> bool:
    unit = OrgUnit.objects.filter(name="后勤管理处").first()
    if unit is None:
        return False
    staff = StaffMember.objects.filter(department__path__startswith=unit.path, status="active")
    # Whoever can be signed in as comes first, so that a newcomer sees the worker's phone.
    people = staff.order_by("-person__account__state", "pk").values_list("person_id", "department_id")
    chosen = sorted(people.filter(person__account__username="repairer")) + list(people[:15])
    campuses = list(Campus.objects.order_by("code").values_list("pk", flat=True))
    rows, seen = [], set()
    for turn, (person_id, department_id) in enumerate(dict.fromkeys(chosen)):
        if person_id not in seen:
            campus = campuses[turn // 2 % len(campuses)] if turn > 5 else None
            rows.append(
                (
                    person_id,
                    department_id,
                    TRADES[turn % 6],
                    TRADES[(turn + 2) % 6] if turn % 3 == 0 else "",
                    campus,
                    turn % 7 != 6,
                )
            )
            seen.add(person_id)
    copy_in(Worker, ("person_id", "department_id", "trade", "second_trade", "campus_id", "is_on_duty"), rows)
    return bool(rows)


def _history(draw: random.Random, now: datetime) -> None:
    rooms = list(Room.objects.order_by("pk").values_list("pk", "building__campus_id"))
    people = [
        *Student.objects.order_by("pk").values_list("person_id", "department_id")[:400],
        *StaffMember.objects.order_by("pk").values_list("person_id", "department_id")[:80],
    ]
    kinds, workers = list(Category.objects.all()), list(Worker.objects.all())
    orders, jobs, busy = [], [], Counter[int]()
    for key in new_ids(Order, COUNT):
        age = timedelta(hours=draw.uniform(0, 30) if draw.random() < 0.09 else draw.uniform(30, 4300))
        order, own = _order(
            draw,
            key,
            draw.choice(rooms)[0],
            draw.choice(people),
            draw.choice(kinds),
            timezone.localtime(now - age),
        )
        orders.append(order)
        jobs += own(workers, busy)
    copy_in(Order, ORDER, orders)
    copy_in(Job, JOB, jobs)


def _order(
    draw: random.Random, key: int, room: int, who: tuple[int, int], kind: Category, at: datetime
) -> Any:
    """One order as a row, and what makes its jobs from the workers."""
    urgent = kind.is_urgent or draw.random() < 0.08
    hours = kind.urgent_hours if urgent else kind.hours
    promised = rules.promised_at(at, hours=hours, around_the_clock=urgent)
    spent = (promised - at) * draw.choice((0.2, 0.4, 0.5, 0.7, 0.9, 1.3))
    now = timezone.now()
    status = (
        "closed"
        if at + spent < now - timedelta(days=1)
        else "mended"
        if at + spent < now
        else draw.choice(("reported", "assigned", "mending"))
    )
    mended = at + spent if status in ("closed", "mended") else None
    reworks = int(status == "closed" and draw.random() < 1 / 7)
    said = SAID[kind.name]
    row = (
        key, room, "", kind.pk, said[0], "urgent" if urgent else "normal", "16800000000", draw.choice(VISITS), *who, status, at,
        promised, mended, mended + timedelta(hours=5) if status == "closed" and mended else None, reworks,
        Decimal(draw.randrange(0, 120)) if mended else Decimal(0),
    )  # fmt: skip

    def jobs(workers: list[Worker], busy: Counter[int]) -> Iterator[tuple[Any, ...]]:
        fitting = [one for one in workers if kind.trade in (one.trade, one.second_trade)] or workers
        chosen = (
            draw.choice(fitting)
            if mended
            else min(workers, key=lambda one: (busy[one.pk], one not in fitting))
        )
        busy[chosen.pk] += not mended
        if status != "reported":
            state = {"assigned": "assigned", "mending": "on_the_way"}.get(status, "finished")
            begun = at + timedelta(minutes=20) if state != "assigned" else None
            yield (
                key,
                draw.choice(fitting).pk,
                state,
                "自动派工",
                at,
                begun,
                mended,
                said[1] if mended else "",
            )

    return row, jobs
