"""Processes for services that departments design; bundles of services; where designed services come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from yanta.kernel.workflow import process
from yanta.kernel.workflow.declare import Answers
from yanta.kernel.workflow.offering import Service, bundle, services_from
from yanta.systems.hall.models import Matter
from yanta.systems.hall.queries import designed, papers


@services_from
def designed_services() -> Iterable[Service]:
    return designed.open_designs()


def _data(matter: Matter) -> Mapping[str, Any]:
    """What conditions may read: which service, and every single answer by the name of its question."""
    values = (matter.answers or {}).get("values", {})
    single = {name: value for name, value in values.items() if isinstance(value, str | int | float | bool)}
    return {"service": matter.service, **single}


COMMON: dict[str, Any] = {
    "subject": Matter, "data": _data, "applicant": lambda matter: matter.applicant_id, "owner": "信息中心",
    "link": lambda matter: f"/hall/mine/{matter.pk}/", "names": {"service": "事项标识"},
    "answers": Answers(lambda matter: matter.service, papers.asked, papers.said),
}  # fmt: skip

HANDLING = process("hall.handling", "部门直接受理", file="handling.bpmn", **COMMON)
ENDORSED = process("hall.endorsed", "辅导员（所在单位）审核后部门受理", file="endorsed.bpmn", **COMMON)

bundle(
    "newcomer", "新生入学", who=("student",), icon="school",
    guide="校园卡、宿舍、医保一次申请，学校已有的信息不再填写。",
    services=("card-issue", "bed-choice", "medical-insurance", "military-kit"),
    optional=("medical-insurance", "military-kit"),
)  # fmt: skip
bundle(
    "graduation", "毕业离校", who=("student",), icon="certificate",
    guide="证书、宿舍、校园卡、网络账号一次办结，各部门同时受理。",
    services=("certificate-pickup", "bed-return", "card-refund", "account-keep"), optional=("account-keep",),
)  # fmt: skip
bundle(
    "joining", "教职工入职", who=("teacher",), icon="user-plus",
    guide="校园卡、邮箱、办公用房、医保一次申请。",
    services=("card-issue", "mailbox", "office-place"), optional=("office-place",),
)  # fmt: skip
