"""What a driver writes down: out, back, filled up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from yanta.kernel import notify
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, operation
from yanta.systems.vehicles import rules
from yanta.systems.vehicles.models import Fuel, Ride, Run, Vehicle

Status = Run.Status
DRIVERS = ("teacher", "owner")
Meter = Annotated[int, Label("里程表读数（公里）")]


@operation(
    "出车", icon="steering-wheel", bulk=False, roles=DRIVERS, when=lambda run: run.status == Status.PLANNED
)
def set_out(run: Run, *, actor: Actor, km: Meter) -> None:
    """The meter never goes backwards."""
    if run.status != Status.PLANNED:
        raise Refused(f"这次出车{run.get_status_display()}")
    if km < run.vehicle.mileage:
        raise Refused(f"上次登记的里程是 {run.vehicle.mileage} 公里，请核对里程表", field="km")
    run.status, run.km_before = Status.OUT, km
    run.save(update_fields=["status", "km_before", "updated_at"])


@operation("回车", icon="home-check", bulk=False, roles=DRIVERS, when=lambda run: run.status == Status.OUT)
def come_back(
    run: Run,
    *,
    actor: Actor,
    km: Meter,
    tolls: Annotated[Decimal, Label("过路停车费（元）")] = Decimal(0),
    note: str = "",
) -> None:
    """The kilometres and tolls are shared out to the units by heads."""
    if run.status != Status.OUT:
        raise Refused(f"这次出车{run.get_status_display()}")
    if run.km_before is None or km < run.km_before:
        raise Refused(f"出车时里程是 {run.km_before} 公里，请核对里程表", field="km")
    if tolls < 0:
        raise Refused("过路停车费不能是负数", field="tolls")
    run.status, run.km_after, run.tolls, run.note = Status.BACK, km, tolls, note or run.note
    run.save(update_fields=["status", "km_after", "tolls", "note", "updated_at"])
    Vehicle.objects.filter(pk=run.vehicle_id).update(mileage=km)
    _charge(run)


def _charge(run: Run) -> None:
    rides = list(run.rides.filter(status=Ride.Status.PLANNED).order_by("pk"))
    if not rides:
        return
    total = rules.cost(km=run.km, price_per_km=run.vehicle.price_per_km, tolls=run.tolls)
    for ride, share in zip(rides, rules.split(total, [one.people for one in rides]), strict=True):
        ride.cost, ride.status = share, Ride.Status.DONE
        ride.save(update_fields=["cost", "status", "updated_at"])


@operation(
    "取消出车",
    icon="car-off",
    danger=True,
    bulk=False,
    roles=("owner",),
    when=lambda run: run.status == Status.PLANNED,
)
def call_off(run: Run, *, actor: Actor, reason: str) -> None:
    """Whoever was to be driven is told; their requests end with the run."""
    if run.status != Status.PLANNED:
        raise Refused(f"这次出车{run.get_status_display()}，不能取消")
    run.status, run.note = Status.CANCELLED, reason
    run.save(update_fields=["status", "note", "updated_at"])
    rides = list(run.rides.filter(status=Ride.Status.PLANNED))
    for ride in rides:
        ride.status, ride.opinion, ride.decided_by = (
            Ride.Status.REFUSED,
            f"出车取消：{reason}",
            actor.signature,
        )
        ride.save(update_fields=["status", "opinion", "decided_by", "updated_at"])
    people = [run.driver.person_id, *(ride.applicant_id for ride in rides)]
    notify.send(
        "vehicles.cancelled",
        to=people,
        link="/vehicles/ride/",
        once=f"off:{run.pk}",
        context={"where": run.route, "words": reason},
    )


@operation("登记加油", icon="gas-station", bulk=False, roles=DRIVERS)
def fill_up(
    vehicle: Vehicle, *, actor: Actor, on: Annotated[date, Label("日期")], litres: Annotated[Decimal, Label("数量（升或度）")],
    amount: Decimal, km: Meter,
) -> Fuel:  # fmt: skip
    """With the meter's reading, from which the consumption follows."""
    if km < vehicle.mileage:
        raise Refused(f"上次登记的里程是 {vehicle.mileage} 公里，请核对里程表", field="km")
    if litres <= 0 or amount <= 0:
        raise Refused("数量和金额须大于零", field="litres")
    vehicle.mileage = km
    vehicle.save(update_fields=["mileage", "updated_at"])
    return Fuel.objects.create(
        vehicle=vehicle, filled_on=on, litres=litres, amount=amount, mileage=km, by=actor.signature
    )
