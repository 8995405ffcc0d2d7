"""Rides on the home page, papers that run out among the to-dos, the fleet in the menu."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.calendar import Entry, calendar
from yanta.kernel.portal.cards import CardContent, CardRow, card
from yanta.kernel.portal.navigation import Place, places
from yanta.kernel.portal.todos import Todo, todos
from yanta.systems.vehicles import rules, services
from yanta.systems.vehicles.models import Driver, Ride, Run, Vehicle


@places
def pages() -> list[Place]:
    seen = "vehicles.run.view"
    return [
        Place(
            "派车看板",
            "/vehicles/board/",
            "后勤",
            "car",
            "哪辆车在外、哪辆空着、谁还等车",
            services.plan.permission,
        ),
        Place(
            "我的出车",
            "/vehicles/drive/",
            "后勤",
            "steering-wheel",
            "司机手机上登记出车、回车",
            seen,
            roles=("teacher",),
            in_menu=False,
        ),
    ]


@card(title="我的用车", order=44, for_roles=("teacher",), icon="car")
def my_rides(actor: Actor) -> CardContent | None:
    """What is coming."""
    rows = Ride.objects.filter(
        applicant_id=actor.person_id, status__in=Ride.LIVE, ends_at__gte=timezone.now()
    ).select_related("run__vehicle").order_by("starts_at")[:3]  # fmt: skip
    found = [
        CardRow(
            str(one), f"/vehicles/ride/{one.pk}/", f"{timezone.localtime(one.starts_at):%m-%d %H:%M}",
            one.run.vehicle.plate if one.run else one.get_status_display(),
        )
        for one in rows
    ]  # fmt: skip
    return CardContent(rows=found, more_url="/vehicles/ride/", more="全部用车") if found else None


@card(title="我的出车", order=5, for_roles=("teacher",), icon="steering-wheel")
def my_runs(actor: Actor) -> CardContent | None:
    """Only for drivers."""
    rows = Run.objects.filter(
        driver__person_id=actor.person_id, status__in=(Run.Status.PLANNED, Run.Status.OUT)
    ).select_related("vehicle").order_by("starts_at")[:4]  # fmt: skip
    found = [
        CardRow(
            one.route,
            "/vehicles/drive/",
            one.vehicle.plate,
            f"{timezone.localtime(one.starts_at):%m-%d %H:%M}",
        )
        for one in rows
    ]
    return CardContent(rows=found, more_url="/vehicles/drive/", more="去登记") if found else None


@todos
def papers(actor: Actor) -> list[Todo]:
    """Inspections, insurances and licences that run out within a month."""
    if not actor.may(services.plan.permission):
        return []
    until = timezone.localdate() + timedelta(days=rules.WARNING_DAYS)
    vehicles = Vehicle.objects.exclude(status=Vehicle.Status.RETIRED).filter(
        Q(inspected_until__lte=until) | Q(insured_until__lte=until)
    )
    found = [_of_vehicle(one, until) for one in vehicles]
    drivers = Driver.objects.filter(licence_until__lte=until).select_related("person")
    return found + [
        Todo(
            f"{one.person.name}的驾驶证快到期",
            f"/vehicles/driver/{one.pk}/",
            f"有效期至 {one.licence_until}",
            "id",
            "公车",
            one.licence_until,
        )
        for one in drivers
    ]


def _of_vehicle(one: Vehicle, until: date) -> Todo:
    due = min(one.inspected_until, one.insured_until)
    parts = [("年检", one.inspected_until), ("保险", one.insured_until)]
    said = "、".join(f"{name} {day}" for name, day in parts if day <= until)
    return Todo(f"{one.plate} 证照快到期", f"/vehicles/vehicle/{one.pk}/", said, "car", "公车", due)


@calendar("用车", key="rides", icon="car", colour="grey", order=50)
def rides(person_ids: Collection[int], start: date, end: date) -> Iterator[Entry]:
    """Planned rides, for who is driven."""
    rows = Ride.objects.filter(
        applicant_id__in=person_ids, status=Ride.Status.PLANNED, starts_at__date__lte=end, ends_at__date__gte=start
    ).select_related("run__vehicle")  # fmt: skip
    for one in rows:
        plate = one.run.vehicle.plate if one.run else ""
        yield Entry(
            one.applicant_id, f"ride-{one.pk}", f"用车：{one.destination}", one.starts_at, one.ends_at, one.origin, plate,
            link=f"/vehicles/ride/{one.pk}/",
        )  # fmt: skip


@calendar("出车", key="runs", icon="steering-wheel", colour="ink", order=51)
def runs(person_ids: Collection[int], start: date, end: date) -> Iterator[Entry]:
    """What a driver has to drive; what was called off appears cancelled."""
    rows = Run.objects.filter(
        driver__person_id__in=person_ids, starts_at__date__lte=end, ends_at__date__gte=start
    ).select_related("vehicle", "driver")  # fmt: skip
    for one in rows:
        yield Entry(
            one.driver.person_id, f"run-{one.pk}", one.route, one.starts_at, one.ends_at, "", one.vehicle.plate,
            link="/vehicles/drive/", is_cancelled=one.status == Run.Status.CANCELLED,
        )  # fmt: skip
