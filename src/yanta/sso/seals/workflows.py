"""Who agrees to the use of a seal and who presses it, and the service as people look for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from yanta.kernel.base import Actor
from yanta.kernel.workflow import process, relation
from yanta.kernel.workflow.models import Instance
from yanta.kernel.workflow.offering import Material, service
from yanta.kernel.workflow.papers import Paper, papers
from yanta.sso.seals.models import RequestFile, SealRequest
from yanta.sso.seals.services import applying

MOST_SHOWN = 20


@relation("seals.keeper", "印章保管人")
def keeper_of(request: SealRequest) -> Collection[int]:
    return [request.seal.keeper_id] if request.seal.keeper_id else []


def _data(request: SealRequest) -> Mapping[str, Any]:
    return {
        "needs_head": request.state == SealRequest.State.SUBMITTED,
        "copies": request.copies,
        "kind": request.kind,
    }


USE = process(
    applying.PROCESS, "用印审批", subject=SealRequest, file="use.bpmn", data=_data, applicant=lambda request: request.applicant_id,
    link=lambda request: f"/seals/sealrequest/{request.pk}/papers/", label=lambda request: f"用印：{request}", owner="校办",
    tells_applicant=False,
    names={"needs_head": "须负责人审批", "copies": "份数", "kind": "方式"},
)  # fmt: skip


@papers
def files_of(instance: Instance, actor: Actor) -> Iterator[Paper]:
    """What is to be sealed, for those who decide; once it is, what came of it, for whoever asked."""
    if instance.process != applying.PROCESS:
        return
    files = RequestFile.objects.filter(request=instance.subject_id).select_related("document").order_by("pk")
    for one in files[:MOST_SHOWN]:
        if one.document is None:
            yield Paper(one.name, f"/files/{one.file_id}/?inline", one.refusal or one.get_state_display())
        else:
            note = f"已用印，验真编号 {one.document.shown_number}"
            yield Paper(one.name, f"/files/{one.document.file_id}/", note, "file-certificate")


service(
    "seal-use", "用印申请", area="办公", owner="校办", url="/seals/apply/", process=applying.PROCESS, icon="rubber-stamp",
    who=("teacher", "counsellor", "clerk", "head"),
    guide="上传要盖章的 PDF，选印章和位置。负责人同意、保管人用印，盖好的文件可以扫码验真。每份文件提交时就检查能不能盖。",
    basis=("《印章管理办法》",), materials=(Material("要盖章的 PDF"),), days=2, words=("盖章", "公章", "电子章"), order=10,
)  # fmt: skip
