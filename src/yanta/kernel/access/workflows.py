"""Who decides that somebody gets a right that no appointment brings, and the service as people look for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yanta.kernel.access import proposals
from yanta.kernel.access.models import RoleProposal
from yanta.kernel.workflow import process
from yanta.kernel.workflow.offering import service


def _data(proposal: RoleProposal) -> Mapping[str, Any]:
    return {"role": proposal.role}


RIGHTS = process(
    proposals.PROCESS, "权限申请审批", subject=RoleProposal, file="rights.bpmn", data=_data,
    applicant=lambda proposal: proposal.account.person_id, link=lambda proposal: f"/access/roleproposal/{proposal.pk}/",
    label=lambda proposal: f"{proposal.account.name}申请{proposal.get_role_display()}权限", owner="信息中心", names={"role": "角色"},
)  # fmt: skip
service(
    "rights", "账号与权限申请", area="办公", owner="信息中心", apply=proposals.ask, process=proposals.PROCESS, icon="key",
    who=("teacher", "counsellor", "clerk"),
    guide="工作需要、而任职信息还没带来的权限，在这里申请，写明依据和期限。单位负责人确认，信息中心授权；到期自动收回。",
    basis=("《信息系统账号与权限管理办法》",), days=2, words=("开权限", "账号", "授权", "系统权限"), order=10,
)  # fmt: skip
