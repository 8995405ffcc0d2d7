"""The fleet finds a vehicle and a driver, or a seat in a run that goes the same way."""

from __future__ import annotations

from typing import Annotated

from django.utils import timezone

from yanta.kernel import notify
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.operation import Label, operation
from yanta.systems.vehicles import events, queries
from yanta.systems.vehicles.models import Driver, Ride, Run, Vehicle

Status = Ride.Status
Joined = Annotated[Run, Label("并入哪次出车")]


def is_endorsed(ride: Ride) -> bool:
    return ride.status == Status.ENDORSED


@operation("派车", icon="car", bulk=False, roles=("owner",), when=is_endorsed)
def plan(
    ride: Ride, *, actor: Actor, vehicle: Annotated[Vehicle | None, Label("车辆", "留空选坐得下、停得近的")] = None,
    driver: Annotated[Driver | None, Label("司机", "留空选准驾、当天任务最少的")] = None,
) -> None:  # fmt: skip
    """A run of its own; papers, seats, rest and other duties are checked."""
    if not is_endorsed(ride):
        raise Refused(f"这份用车申请{ride.get_status_display()}，不能派车")
    vehicle = vehicle or queries.vehicle_for(ride)
    if vehicle is None:
        raise Refused("这段时间没有坐得下的空车，请改时间、拼车或租车", field="vehicle")
    _require_fit(vehicle, ride)
    driver = driver or queries.driver_for(ride, vehicle)
    if driver is None:
        raise Refused("这段时间没有准驾这种车、又休息够了的司机", field="driver")
    _require_free(driver, vehicle, ride)
    route = f"{ride.origin}—{ride.destination}"[:120]
    run = Run.objects.create(
        vehicle=vehicle, driver=driver, starts_at=ride.starts_at, ends_at=ride.ends_at, route=route
    )
    _take(ride, run)
    notify.send(
        "vehicles.run", to=[driver.person_id], link=f"/vehicles/run/{run.pk}/", once=f"run:{run.pk}",
        context={"where": route, "words": f"{_when(run)} {vehicle.plate}，{ride.people} 人：{ride.passengers}"},
    )  # fmt: skip


def _require_fit(vehicle: Vehicle, ride: Ride) -> None:
    refusal = vehicle.refusal_on(timezone.localtime(ride.ends_at).date())
    if refusal:
        raise Refused(f"{refusal}，不能出车", field="vehicle")
    if ride.people > vehicle.seats:
        raise Refused(f"{vehicle.plate} 只能坐 {vehicle.seats} 人，这次 {ride.people} 人", field="vehicle")
    if queries.overlapping(ride).filter(vehicle=vehicle).exists():
        raise Refused(f"{vehicle.plate} 这段时间已派出", field="vehicle")


def _require_free(driver: Driver, vehicle: Vehicle, ride: Ride) -> None:
    refusal = queries.refusal_of(driver, vehicle, ride)
    if refusal:
        raise Refused(f"{driver.person.name}：{refusal}", field="driver")


@operation("拼车", icon="users-group", bulk=False, roles=("owner",), when=is_endorsed)
def join(ride: Ride, *, actor: Actor, run: Joined) -> None:
    """Into a run that goes the same way and has seats left."""
    if not is_endorsed(ride):
        raise Refused(f"这份用车申请{ride.get_status_display()}，不能派车")
    if not ride.shares:
        raise Refused("申请人不拼车", field="run")
    if run.pk not in {one.pk for one in queries.joinable(ride)}:
        raise Refused("那次出车不同路、不同时、不拼车，或座位不够", field="run")
    _take(ride, run)


def _when(run: Run) -> str:
    return f"{timezone.localtime(run.starts_at):%m-%d %H:%M} 至 {timezone.localtime(run.ends_at):%m-%d %H:%M}"


def _take(ride: Ride, run: Run) -> None:
    ride.run, ride.status = run, Status.PLANNED
    ride.save(update_fields=["run", "status", "updated_at"])
    publish(events.RidePlanned(ride_id=ride.pk))
    words = f"{_when(run)}，{run.vehicle.plate}（{run.vehicle.model_name}），司机{run.driver.person.name} {run.driver.phone}"
    notify.send(
        "vehicles.planned", to=[ride.applicant_id], link=f"/vehicles/ride/{ride.pk}/", once=f"{ride.pk}:{run.pk}",
        context={"where": str(ride), "words": words},
    )  # fmt: skip
