"""Who decides about a ride, and the service as people look for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yanta.kernel.workflow import process
from yanta.kernel.workflow.offering import service
from yanta.systems.vehicles import services
from yanta.systems.vehicles.models import Ride
from yanta.systems.vehicles.services import asking


def _data(ride: Ride) -> Mapping[str, Any]:
    hours = (ride.ends_at - ride.starts_at).total_seconds() / 3600
    return {"people": ride.people, "hours": hours, "shares": ride.shares}


RIDE = process(
    asking.PROCESS, "用车审批", subject=Ride, file="ride.bpmn", data=_data, applicant=lambda ride: ride.applicant_id,
    link=lambda ride: f"/vehicles/ride/{ride.pk}/", label=lambda ride: f"{ride} {ride.people} 人", owner="后勤处",
    names={"people": "人数", "hours": "小时数", "shares": "可以拼车"},
)  # fmt: skip
service(
    "ride", "公车预约", area="后勤", owner="后勤处", apply=services.ask, process=asking.PROCESS, icon="car",
    who=("teacher", "counsellor", "clerk", "head"),
    guide="公务用车至少提前两小时申请。单位负责人同意后车队派车，同路的可以拼车，费用按人数分到单位。",
    basis=("《公务用车管理办法》",), days=1, words=("用车", "派车", "接站", "接机", "班车"), order=30,
)  # fmt: skip
