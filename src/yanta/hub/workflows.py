"""Who decides that a value is wrong, and the service as people look for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils import timezone

from yanta.hub import queries
from yanta.hub.elements import ELEMENTS
from yanta.hub.models import Correction
from yanta.hub.services import corrections
from yanta.kernel.workflow import process, relation
from yanta.kernel.workflow.offering import Material, service


@relation("hub.correction_owner", "数据归口部门")
def owners_of(correction: Correction) -> Collection[int]:
    """The clerks and heads of the department that owns the value."""
    return queries.deciders_of(correction.owner, on=timezone.localdate())


def _data(correction: Correction) -> Mapping[str, Any]:
    return {"element": correction.element, "has_evidence": correction.evidence_id is not None}


def _label(correction: Correction) -> str:
    return f"更正{correction.person.name}的{ELEMENTS[correction.element].label}"


CORRECTION = process(
    corrections.PROCESS, "数据更正核准", subject=Correction, file="correction.bpmn", data=_data, label=_label,
    applicant=lambda correction: correction.person_id, link=lambda correction: f"/hub/corrections/{correction.pk}/", owner="信息中心",
    tells_applicant=False,
    names={"element": "数据元", "has_evidence": "有佐证材料"},
)  # fmt: skip
service(
    "correction", "信息更正", area="数据", owner="信息中心", url="/me/", process=corrections.PROCESS, icon="flag",
    who=("student", "teacher"),
    guide="发现自己的姓名、证件、电话等有误，在“我的数据”里点开这一项说“这里不对”。归口部门核准后写回源头，各处随即更新。",
    basis=("《数据管理办法》一数一源",), materials=(Material("佐证材料", note="姓名、证件号更正须附", required=False),), days=3,
    words=("改名字", "改电话", "数据有误", "身份证号错了"), order=10,
)  # fmt: skip
