"""A fleet of eighteen, its drivers, half a year of rides, and some that wait."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from yanta.kernel.base.bulk import copy_in, new_ids
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.workflow.demo import hand_in
from yanta.masterdata.models import Campus, StaffMember
from yanta.systems.vehicles.models import Driver, Fuel, Ride, Run, Vehicle
from yanta.systems.vehicles.services import asking

FLEET = (
    ("car", "红旗 H5", 4, "1.60"), ("car", "比亚迪 汉 EV", 4, "1.20"), ("car", "大众 帕萨特", 4, "1.60"), ("van", "别克 GL8", 6, "2.20"),
    ("van", "上汽大通 G10", 8, "2.20"), ("van", "丰田 柯斯达", 18, "3.20"), ("bus", "宇通 ZK6876", 37, "5.50"),
    ("bus", "宇通 ZK6126", 51, "6.80"), ("truck", "江铃 凯运", 2, "2.60"),
)  # fmt: skip
WAYS = (
    ("雁塔校区东门", "咸阳国际机场", 42), ("雁塔校区东门", "西安北站", 22), ("雁塔校区东门", "省教育厅", 9), ("长安校区南门", "雁塔校区东门", 18),
    ("雁塔校区东门", "草堂校区", 38), ("草堂校区", "西安北站", 52), ("雁塔校区东门", "西咸新区创新港", 45), ("雁塔校区东门", "宝鸡实习基地", 180),
)  # fmt: skip
PURPOSES = (
    "接外请专家",
    "送评审材料",
    "校区间教学",
    "带学生实习",
    "参加工作会议",
    "送研究生外出调研",
    "招生宣传",
)
LICENCES = ("A1", "A1", "B1", "C1", "A1", "B2", "C1", "B1")
RUN = (
    "id",
    "vehicle_id",
    "driver_id",
    "starts_at",
    "ends_at",
    "route",
    "status",
    "km_before",
    "km_after",
    "tolls",
    "note",
)
RIDE = (
    "applicant_id", "department_id", "purpose", "origin", "destination", "starts_at", "ends_at", "people", "passengers", "goods",
    "phone", "shares", "run_id", "status", "opinion", "decided_by", "cost",
)  # fmt: skip
TIMES = ((7, 11), (8, 12), (13, 17), (14, 18))


def fill(today: date) -> None:
    """The fleet belongs to the logistics department, whose staff drive it."""
    draw = random.Random(37)  # noqa: S311 - reproducible sample data
    campuses = list(Campus.objects.order_by("code").values_list("pk", flat=True))
    copy_in(
        Vehicle,
        (
            "plate",
            "kind",
            "model_name",
            "seats",
            "campus_id",
            "price_per_km",
            "inspected_until",
            "insured_until",
            "mileage",
            "status",
        ),
        [_vehicle(draw, turn, campuses, today) for turn in range(18)],
    )
    if _drivers(today):
        _history(draw, today)


def settle(today: date) -> None:
    """Eight rides of the next days go through the process: some wait for the unit, some for a vehicle."""
    college = OrgUnit.objects.filter(name="计算机科学与技术学院").first()
    staff = StaffMember.objects.filter(
        status="active", department__path__startswith=college.path if college else ""
    )
    for turn, one in enumerate(staff.select_related("person").order_by("pk")[3:11]):
        origin, destination, _km = WAYS[turn // 2 % len(WAYS)]
        begin = timezone.make_aware(
            datetime.combine(today + timedelta(days=2 + turn // 4), time(8 + turn % 2 // 2))
        )
        ride = Ride.objects.create(
            applicant=one.person, department=college, purpose=PURPOSES[turn % 7], origin=origin, destination=destination, starts_at=begin,
            ends_at=begin + timedelta(hours=3), people=2 + turn % 3, passengers=one.person.name, phone="029-88200000",
        )  # fmt: skip
        hand_in(asking.PROCESS, ride, steps=1 if turn % 4 else 0)


def _vehicle(draw: random.Random, turn: int, campuses: list[int], today: date) -> tuple[Any, ...]:
    kind, name, seats, price = FLEET[turn % len(FLEET)]
    papers = [today + timedelta(days=draw.randrange(40, 330)) for _ in range(2)]
    if turn in (4, 7):
        papers[turn % 2] = today + timedelta(days=12)
    status = "in_repair" if turn == 11 else "in_use"
    return (
        f"陕A{draw.randrange(10000, 99999)}", kind, name, seats, campuses[turn % len(campuses)], Decimal(price), *papers,
        draw.randrange(20_000, 160_000), status,
    )  # fmt: skip


def _drivers(today: date) -> bool:
    unit = OrgUnit.objects.filter(name="后勤管理处").first()
    if unit is None:
        return False
    staff = StaffMember.objects.filter(department__path__startswith=unit.path, status="active")
    people = list(staff.filter(person__account__username="driver").values_list("person_id", "department_id"))
    people += list(staff.order_by("-pk").values_list("person_id", "department_id")[:9])
    unique = dict(people)
    rows = [
        (person, department, LICENCES[turn % 8], today + timedelta(days=20 if turn == 3 else 900 + turn * 31), f"029-8820{4100 + turn}", turn != 6)
        for turn, (person, department) in enumerate(unique.items())
    ]  # fmt: skip
    copy_in(Driver, ("person_id", "department_id", "licence", "licence_until", "phone", "is_on_duty"), rows)
    return bool(rows)


def _history(draw: random.Random, today: date) -> None:
    """Each vehicle has one run on most working days, and its driver goes with it."""
    vehicles, drivers = (
        list(Vehicle.objects.filter(status="in_use").order_by("pk")),
        list(Driver.objects.order_by("pk")),
    )
    staff = list(
        StaffMember.objects.filter(status="active")
        .order_by("pk")
        .values_list("person_id", "department_id", "person__name")[:200]
    )
    pairs = list(zip(vehicles, drivers, strict=False))
    days = [today + timedelta(days=offset) for offset in range(-120, 4)]
    wanted = [(pair, day) for day in days if day.weekday() < 5 for pair in pairs if draw.random() < 0.5]
    runs, rides, meters = [], [], {vehicle.pk: vehicle.mileage - 15_000 for vehicle, _ in pairs}
    for key, ((vehicle, driver), day) in zip(new_ids(Run, len(wanted)), wanted, strict=True):
        run, ride = _trip(draw, key, vehicle, driver, day, today, meters, draw.choice(staff))
        runs.append(run)
        rides.append(ride)
    copy_in(Run, RUN, runs)
    copy_in(Ride, RIDE, rides)
    copy_in(Fuel, ("vehicle_id", "filled_on", "litres", "amount", "mileage", "by"), _fuel(draw, pairs, today))


def _trip(
    draw: random.Random, key: int, vehicle: Vehicle, driver: Driver, day: date, today: date, meters: dict[int, int],
    who: tuple[int, int, str],
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:  # fmt: skip
    origin, destination, km = draw.choice(WAYS)
    begin, end = (timezone.make_aware(datetime.combine(day, time(hour))) for hour in draw.choice(TIMES))
    is_done = day < today
    before = meters[vehicle.pk] if is_done else None
    if is_done:
        meters[vehicle.pk] += 2 * km
    tolls = Decimal(draw.choice((0, 0, 15, 40))) if is_done else Decimal(0)
    cost = 2 * km * vehicle.price_per_km + tolls if is_done else None
    run = (
        key, vehicle.pk, driver.pk, begin, end, f"{origin}—{destination}", "back" if is_done else "planned", before,
        before + 2 * km if before is not None else None, tolls, "",
    )  # fmt: skip
    people = draw.randrange(1, min(vehicle.seats, 30) + 1)
    ride = (
        who[0], who[1], draw.choice(PURPOSES), origin, destination, begin, end, people, who[2], "", "029-88200000",
        draw.random() < 0.7, key, "done" if is_done else "planned", "同意", "单位负责人", cost,
    )  # fmt: skip
    return run, ride


def _fuel(draw: random.Random, pairs: list[Any], today: date) -> list[tuple[Any, ...]]:
    rows = []
    for vehicle, _driver in pairs:
        meter, each = vehicle.mileage - 15_000, {"car": 8, "van": 11, "bus": 24, "truck": 14}[vehicle.kind]
        for turn in range(8):
            meter += draw.randrange(450, 650)
            litres = Decimal(each * 5 + draw.randrange(0, 8))
            rows.append(
                (
                    vehicle.pk,
                    today - timedelta(days=110 - turn * 13),
                    litres,
                    litres * Decimal("7.68"),
                    meter,
                    "车队",
                )
            )
    return rows
