"""Who decides that a class is moved or cancelled, and the service as teachers look for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yanta.kernel.workflow import process
from yanta.kernel.workflow.offering import AskedIf, service
from yanta.systems.timetables.models import Adjustment
from yanta.systems.timetables.queries import whose
from yanta.systems.timetables.services import adjusting

Kind = Adjustment.Kind


def _data(one: Adjustment) -> Mapping[str, Any]:
    return {
        "kind": one.kind,
        "week": one.week or 0,
        "changes_room": one.new_room_id not in (None, one.placement.room_id),
    }


ADJUSTMENT = process(
    adjusting.PROCESS, "调课停课审批", subject=Adjustment, file="adjustment.bpmn", data=_data, applicant=lambda one: one.asked_by_id,
    link=lambda one: f"/timetables/adjustment/{one.pk}/", label=lambda one: f"{one}：{adjusting.words_of(one)}", owner="教务处",
    names={"kind": "办理", "week": "原来第几周", "changes_room": "换教室"},
)  # fmt: skip
service(
    "class-change", "调课停课", area="教务", owner="教务处", apply=adjusting.request, process=adjusting.PROCESS, who=("teacher",),
    icon="calendar-share",
    guide="自己上的课要换时间、换教室、停课或补课。提交时就核对教师、班级、教室有没有冲突；批准后课表、日历随即改，学生收到通知。",
    basis=("《本科课堂教学管理规定》",), days=2, words=("换课", "代课", "停课", "补课", "调课"), order=10,
    asked_if=(
        AskedIf("week", "kind", (Kind.MOVE, Kind.CANCEL)),
        *(AskedIf(one, "kind", (Kind.MOVE, Kind.EXTRA)) for one in ("new_week", "new_weekday", "new_period", "new_room")),
    ),
    choices={"placement": lambda actor: whose.lessons_taught(actor.person_id)},
)  # fmt: skip
