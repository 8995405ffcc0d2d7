"""Who decides about a trip, and the service as people look for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yanta.kernel.workflow import process
from yanta.kernel.workflow.offering import service
from yanta.systems.trips import rules, services
from yanta.systems.trips.models import Trip


def _data(trip: Trip) -> Mapping[str, Any]:
    needs_leader = rules.needs_leader(estimate=trip.estimate, is_abroad=trip.is_abroad)
    return {
        "days": trip.days, "estimate": float(trip.estimate), "is_abroad": trip.is_abroad, "clashes": trip.clashes,
        "needs_leader": needs_leader,
    }  # fmt: skip


APPROVAL = process(
    services.PROCESS, "出差审批", subject=Trip, file="approval.bpmn", data=_data, applicant=lambda trip: trip.traveller_id,
    link=lambda trip: f"/trips/trip/{trip.pk}/", label=lambda trip: f"{trip} {trip.days} 天", owner="人事处",
    names={"days": "天数", "estimate": "标准内费用", "is_abroad": "境外", "clashes": "冲突的课", "needs_leader": "须校领导批准"},
)  # fmt: skip
service(
    "trip", "出差审批", area="人事", owner="人事处", apply=services.ask, process=services.PROCESS, icon="briefcase",
    who=("teacher", "counsellor", "clerk", "head"),
    guide="出差前申请。按目的地和职级算出标准内的费用；撞了课会指出来，批准后从这里去调课。五千元以内单位批，更高和出境的由分管校领导批。",
    basis=("《中央和国家机关差旅费管理办法》（财行〔2013〕531 号）", "《差旅费管理实施细则》"), days=2,
    words=("差旅", "开会", "调研", "出国", "公出"), order=20,
)  # fmt: skip
