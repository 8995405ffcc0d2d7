"""How a fault goes from the report to the reporter's word, and the service as people look for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from yanta.kernel.workflow import process, relation
from yanta.kernel.workflow.offering import service
from yanta.systems.repairs import services
from yanta.systems.repairs.models import Job, Order
from yanta.systems.repairs.services import reporting


@relation("repairs.worker", "派到的维修人员")
def worker_of(order: Order) -> Collection[int]:
    """Whoever has the live job."""
    return list(order.jobs.filter(status__in=Job.LIVE).values_list("worker__person_id", flat=True))


def _data(order: Order) -> Mapping[str, Any]:
    return {
        "is_given": order.jobs.filter(status__in=Job.LIVE).exists(), "urgency": order.urgency, "trade": order.category.trade,
        "reworks": order.reworks,
    }  # fmt: skip


MENDING = process(
    reporting.PROCESS, "报修", subject=Order, file="mending.bpmn", data=_data, applicant=lambda order: order.reporter_id,
    link=lambda order: f"/repairs/order/{order.pk}/", owner="后勤处",
    names={"is_given": "已派人", "urgency": "紧急程度", "trade": "工种", "reworks": "返修次数"},
)  # fmt: skip
service(
    "repair", "报修", area="后勤", owner="后勤处", apply=services.report, process=reporting.PROCESS, icon="tool",
    who=("student", "teacher", "counsellor", "clerk", "head"),
    guide="水、电、门窗、空调、网络、桌椅坏了都在这里报，扫门上的码更快。按类别承诺几时修好，修好请您确认；没修好可以返修。",
    basis=("《后勤维修服务承诺》",), days=3, words=("维修", "漏水", "停电", "灯坏了", "空调", "修"), order=10,
)  # fmt: skip
