"""Who agrees to the use of a large room, and the service as people look for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yanta.kernel.workflow import process
from yanta.kernel.workflow.offering import service
from yanta.systems.rooms import services
from yanta.systems.rooms.models import Booking
from yanta.systems.rooms.services import booking


def _data(one: Booking) -> Mapping[str, Any]:
    return {"attendance": one.attendance, "seats": one.room.seats, "repeats": one.repeats.count()}


BOOKING = process(
    booking.PROCESS, "会议室审批", subject=Booking, file="booking.bpmn", data=_data, applicant=lambda one: one.booked_for_id,
    link=lambda one: f"/rooms/booking/{one.pk}/", label=lambda one: f"{one.room.building.name} {one.room.name} {one.purpose}",
    owner="后勤处", names={"attendance": "人数", "seats": "座位数", "repeats": "重复场次"},
)  # fmt: skip
service(
    "meeting-room", "会议室预约", area="后勤", owner="后勤处", apply=services.book, process=booking.PROCESS, icon="presentation",
    who=("teacher", "counsellor", "clerk", "head"),
    guide="选会议室和时间，写明参加人。一般会议室当场订上，报告厅须审批；可以每周重复。开始后 15 分钟无人签到自动释放。",
    basis=("《会议室管理办法》",), days=1, words=("开会", "报告厅", "会场", "场地"), order=20,
)  # fmt: skip
