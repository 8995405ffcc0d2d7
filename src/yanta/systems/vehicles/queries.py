"""Who and what is free for a ride, which runs go the same way, what it came to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.systems.vehicles import rules
from yanta.systems.vehicles.models import Driver, Ride, Run, Vehicle

BUSY = (Run.Status.PLANNED, Run.Status.OUT)


def may_see_board(actor: Actor) -> bool:
    return actor.may("vehicles.run.view") and actor.may("vehicles.driver.view")


def overlapping(ride: Ride) -> QuerySet[Run]:
    """Runs at the same time; looks at the whole fleet."""
    return Run.objects.filter(status__in=BUSY, starts_at__lt=ride.ends_at, ends_at__gt=ride.starts_at)


def vehicle_for(ride: Ride) -> Vehicle | None:
    """The smallest free one that holds them all and whose papers last until the return."""
    on = timezone.localtime(ride.ends_at).date()
    free = Vehicle.objects.filter(
        status=Vehicle.Status.IN_USE, seats__gte=ride.people, inspected_until__gte=on, insured_until__gte=on
    ).exclude(pk__in=overlapping(ride).values("vehicle"))
    if not ride.goods:
        free = free.exclude(kind=Vehicle.Kind.TRUCK)
    return free.order_by("seats", "mileage", "pk").first()


def driver_for(ride: Ride, vehicle: Vehicle) -> Driver | None:
    """Of those on duty and allowed, the one with the least to do that day."""
    day = timezone.localtime(ride.starts_at).date()
    found = list(Driver.objects.filter(is_on_duty=True).select_related("person"))
    counts: dict[int, int] = dict(
        Run.objects.filter(status__in=BUSY, starts_at__date=day).values_list("driver").annotate(Count("pk"))
    )
    fitting = [one for one in found if refusal_of(one, vehicle, ride) is None]
    return min(fitting, key=lambda one: (counts.get(one.pk, 0), one.pk), default=None)


def refusal_of(driver: Driver, vehicle: Vehicle, ride: Ride) -> str | None:
    """Why this driver cannot take this ride in this vehicle, or None."""
    starts, ends = timezone.localtime(ride.starts_at), timezone.localtime(ride.ends_at)
    refusal = rules.refusal_to_drive(
        licence=driver.licence, kind=vehicle.kind, licence_until=driver.licence_until, on=ends.date()
    )
    if refusal:
        return refusal
    near = driver.runs.filter(
        status__in=BUSY, starts_at__lt=ends + timedelta(days=1), ends_at__gt=starts - timedelta(days=1)
    )
    duties = [
        rules.Duty(timezone.localtime(a), timezone.localtime(b))
        for a, b in near.values_list("starts_at", "ends_at")
    ]
    return rules.refusal_to_work(duties, wanted=rules.Duty(starts, ends))


def wish_of(ride: Ride) -> rules.Wish:
    return rules.Wish(
        ride.pk, ride.origin, ride.destination, ride.starts_at, ride.ends_at, ride.people, ride.shares
    )


def joinable(ride: Ride) -> list[Run]:
    """Planned runs whose rides all go the same way and agree to share, with seats left."""
    near = Run.objects.filter(
        status=Run.Status.PLANNED, starts_at__gte=ride.starts_at - rules.SAME_WAY, starts_at__lte=ride.starts_at + rules.SAME_WAY
    ).select_related("vehicle", "driver__person").prefetch_related("rides")  # fmt: skip
    return [run for run in near if _has_room(run, ride)]


def _has_room(run: Run, ride: Ride) -> bool:
    aboard = [one for one in run.rides.all() if one.status == Ride.Status.PLANNED]
    seats = run.vehicle.seats - sum(one.people for one in aboard)
    return (
        bool(aboard)
        and seats >= ride.people
        and all(rules.same_way(wish_of(ride), wish_of(one)) for one in aboard)
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """A run on the board: where it begins and how long it is, in per cent of the day."""

    run: Run
    left: float
    width: float

    @property
    def span(self) -> str:
        return f"{timezone.localtime(self.run.starts_at):%H:%M}–{timezone.localtime(self.run.ends_at):%H:%M}"


def day_board(on: date) -> list[tuple[Vehicle, list[Bar], str]]:
    """Each vehicle with its runs of a day and why it stays at home, if it does."""
    begin = timezone.make_aware(datetime.combine(on, datetime.min.time()))
    end = begin + timedelta(days=1)
    bars: dict[int, list[Bar]] = defaultdict(list)
    runs = Run.objects.exclude(status=Run.Status.CANCELLED).filter(starts_at__lt=end, ends_at__gt=begin)
    for run in runs.select_related("driver__person").order_by("starts_at"):
        left, right = max(run.starts_at, begin), min(run.ends_at, end)
        day = (end - begin).total_seconds()
        bars[run.vehicle_id].append(
            Bar(run, (left - begin).total_seconds() / day * 100, (right - left).total_seconds() / day * 100)
        )
    vehicles = Vehicle.objects.exclude(status=Vehicle.Status.RETIRED).select_related("campus")
    return [(one, bars[one.pk], one.refusal_on(on) or "") for one in vehicles.order_by("kind", "plate")]


def costs_by_unit(rides: QuerySet[Ride], *, since: date) -> list[dict[str, Any]]:
    """What each unit's rides came to, the most first."""
    done = rides.filter(status=Ride.Status.DONE, starts_at__date__gte=since)
    rows = done.values("department__name").annotate(times=Count("pk"), people=Sum("people"), cost=Sum("cost"))
    return [dict(row) for row in rows.order_by("-cost")]


def consumption(vehicles: Iterable[Vehicle]) -> dict[int, Decimal]:
    """Litres per hundred kilometres of each, from the first filling to the last."""
    found = {}
    for vehicle in vehicles:
        rows = list(vehicle.fuels.order_by("mileage").values_list("mileage", "litres"))
        km = rows[-1][0] - rows[0][0] if len(rows) > 1 else 0
        if km:
            found[vehicle.pk] = (sum((litres for _, litres in rows[1:]), Decimal(0)) / km * 100).quantize(
                Decimal("0.1")
            )
    return found
