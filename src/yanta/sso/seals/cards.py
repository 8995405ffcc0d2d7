"""Seals among the to-dos and in the menu."""

from __future__ import annotations

from typing import Any

from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import Todo, todos
from yanta.kernel.portal.navigation import Place, places
from yanta.kernel.workflow.models import Instance
from yanta.sso.seals import services
from yanta.sso.seals.models import Certificate, Seal, SealRequest
from yanta.sso.seals.services.applying import APPLY, SIGN

AREA = "办公"
State = SealRequest.State


@places
def own_pages() -> list[Place]:
    """Pages that no noun leads to."""
    return [
        Place(
            "申请用印", "/seals/apply/", AREA, "rubber-stamp", "上传 PDF，审批后盖电子印章", permission=APPLY
        ),
        Place("签署文件", "/seals/sign/", AREA, "signature", "用个人证书在 PDF 上签名", permission=SIGN),
        Place(
            "导入外部证书", "/seals/import/", AREA, "certificate", "其他机构签发的个人证书（PKCS#12）",
            permission=services.issue_certificate.permission,
        ),
        Place("验证签章真伪", "/verify/", AREA, "shield-check", "扫码、编号、上传或摘要"),
    ]  # fmt: skip


@todos
def to_endorse(actor: Actor) -> list[Todo]:
    """Applications that wait for the head's word, one by one so that a phone needs one tap."""
    permission = services.endorse.permission
    if not actor.may(permission):
        return []
    rows = SealRequest.objects.visible_to(actor, permission).filter(state=State.SUBMITTED)
    rows = rows.exclude(applicant_id=actor.person_id).exclude(pk__in=_in_the_inbox())
    rows = rows.select_related("seal", "applicant")
    return [_todo(one, "待审批") for one in rows.order_by("pk")[:20]]


@todos
def to_press(actor: Actor) -> list[Todo]:
    """Applications that wait for the keeper's hand."""
    if actor.person_id is None:
        return []
    rows = SealRequest.objects.filter(state=State.ENDORSED, seal__keeper_id=actor.person_id)
    rows = rows.exclude(pk__in=_in_the_inbox())
    return [_todo(one, "待用印") for one in rows.select_related("seal", "applicant").order_by("pk")[:20]]


def _in_the_inbox() -> Any:
    """Applications under way in the process, which the inbox lists; what systems ask for has none."""
    running = Instance.objects.filter(subject_type=SealRequest._meta.label_lower)
    return running.exclude(state=Instance.State.ENDED).values("subject_id")


def _todo(request: SealRequest, words: str) -> Todo:
    who = request.applicant.name if request.applicant else ""
    return Todo(
        f"{words}：{request.title}", f"/seals/sealrequest/{request.pk}/papers/", f"{who} · {request.seal}", "rubber-stamp",
        "用印",
    )  # fmt: skip


@todos
def to_issue(actor: Actor) -> list[Todo]:
    """Certificates asked for, and seals to be agreed."""
    found = []
    waiting = (
        (
            services.issue_certificate.permission,
            Certificate,
            "applied",
            "张证书待签发",
            "/seals/certificate/",
            "certificate",
        ),
        (services.approve.permission, Seal, "proposed", "枚印章待批准刻制", "/seals/seal/", "rosette"),
    )
    for permission, model, state, words, url, icon in waiting:
        if not actor.may(permission):
            continue
        count = model.objects.visible_to(actor, permission).filter(state=state).count()
        if count:
            found.append(
                Todo(f"{count} {words}", f"{url}?state={state}", icon=icon, kind="印章", count=count)
            )
    return found
