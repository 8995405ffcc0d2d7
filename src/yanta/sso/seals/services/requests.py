"""An application on its way: the head's word, the keeper's hand, a receipt."""

from __future__ import annotations

from typing import Annotated

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from yanta.kernel import files
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.jobs import Cancelled, Progress, job, start
from yanta.kernel.operation import Label, operation
from yanta.sso.seals import events, registering, rules
from yanta.sso.seals.models import RequestFile, Seal, SealRequest
from yanta.sso.seals.services.applying import STAFF, contents_of

State = SealRequest.State
OPINION = Annotated[str, Label("意见")]
AT_ONCE = 10  # more documents are pressed in the background
# The keeper stands in the seal, whatever roles the person has.
KEEPERS = ("clerk", "head", "teacher", "counsellor")


def _move(request: SealRequest, state: SealRequest.State, opinion: str) -> None:
    request.state, request.opinion = state, opinion
    request.save()
    publish(events.RequestMoved(request_id=request.pk))


@operation("同意", icon="check", roles=("head",), when=lambda request: request.state == State.SUBMITTED)
def endorse(request: SealRequest, *, actor: Actor, opinion: OPINION = "同意用印") -> None:
    """The head of the unit that owns the seal agrees; what was handed in is fixed by its digest."""
    if request.state != State.SUBMITTED:
        raise Refused(f"这份申请{request.get_state_display()}，不在负责人环节")
    if not actor.is_system and request.applicant_id == actor.person_id:
        raise Refused("不能审批自己的用印申请", rule="seals.own")
    request.endorsed_by, request.endorsed_at = actor.signature, timezone.now()
    _move(request, State.ENDORSED, opinion)


@operation(
    "用印", icon="rubber-stamp", bulk=False, roles=KEEPERS, confirm="将对全部文件盖章并登记；盖章后不能收回，只能撤回文件",
    when=lambda request: request.state == State.ENDORSED,
)  # fmt: skip
def press(request: SealRequest, *, actor: Actor, opinion: OPINION = "材料核对无误") -> None:
    """The keeper presses the seal onto every document, or puts a standing authority in force."""
    seal = _held(request, actor)
    if request.kind == SealRequest.Kind.STANDING:
        request.kept_by, request.kept_at = actor.signature, timezone.now()
        _move(request, State.IN_FORCE, opinion)
        return
    if contents_of(request) != request.contents:
        raise Refused("材料与审批时不一致，不能用印；请退回重新申请", rule="seals.changed")
    waiting = list(left_to_press(request))
    refusal = seal.refusal_to_press(on=timezone.localdate(), times=len(waiting))
    if refusal:
        raise Refused(refusal, rule="seals.policy")
    if len(waiting) > AT_ONCE:
        _move(request, State.PRESSING, opinion)
        start(press_many, actor=actor, request_id=request.pk)
        return
    for one in waiting:
        _press_one(one, request, seal, actor)
    _finish(request, actor)


def left_to_press(request: SealRequest) -> QuerySet[RequestFile]:
    """What bears no seal yet; what was refused is tried again."""
    return request.files.exclude(state=RequestFile.State.SEALED).select_related("file").order_by("pk")


def _finish(request: SealRequest, actor: Actor) -> None:
    if not request.files.filter(state=RequestFile.State.SEALED).exists():
        raise Refused(f"没有一份可以盖章：{request.files.exclude(refusal='').first() or ''}")
    request.kept_by, request.kept_at = actor.signature, timezone.now()
    _move(request, State.SEALED, request.opinion)


@job("批量用印")
def press_many(progress: Progress, *, actor: Actor, request_id: int) -> None:
    """Every document in a transaction of its own: after a crash the rest is pressed, and nothing twice."""
    request = SealRequest.objects.select_related("seal", "applicant").get(pk=request_id)
    if request.state != State.PRESSING:
        return
    waiting = list(left_to_press(request))
    try:
        for number, one in enumerate(waiting):
            progress.step(number, len(waiting), one.name)
            with transaction.atomic():
                _press_one(one, request, _locked(request), actor)
        with transaction.atomic():
            _finish(request, actor)
    except (Refused, Cancelled):
        # The keeper may go on where it ended; what is sealed stays sealed.
        _move(request, State.ENDORSED, request.opinion)
        raise
    sealed = request.files.filter(state=RequestFile.State.SEALED).count()
    progress.step(len(waiting), len(waiting), f"已用印 {sealed} 份")
    progress.finish(link=f"/seals/sealrequest/{request.pk}/papers/", sealed=sealed)


def _held(request: SealRequest, actor: Actor) -> Seal:
    """The seal, locked, so that two uses are counted as two."""
    if request.state != State.ENDORSED:
        raise Refused(f"这份申请{request.get_state_display()}，不能用印", rule="seals.approval")
    seal = _locked(request)
    if not actor.is_system and actor.person_id != seal.keeper_id:
        raise Refused(f"这枚印章由{seal.keeper.name}保管，只有保管人可以用印", rule="seals.keeper")
    if seal.needs_head and request.endorsed_at is None:
        raise Refused("还没有负责人的审批，不能用印", rule="seals.approval")
    return seal


def _locked(request: SealRequest) -> Seal:
    rows = Seal.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("certificate", "national", "image").get(pk=request.seal_id)


def _press_one(one: RequestFile, request: SealRequest, seal: Seal, actor: Actor) -> None:
    """One document of many: what cannot be sealed is named in the receipt and does not stop the others."""
    with files.open_file(one.file) as content:
        order = registering.Order(
            content.read(), one.name.removesuffix(".pdf") if request.files.count() > 1 else request.title,
            rules.places_in(request.places), approval_of(request), request.copies, request, request.applicant,
        )  # fmt: skip
    one.refusal = ""
    try:
        one.document = registering.seal(order, seal, actor=actor)
        one.state = RequestFile.State.SEALED
    except Refused as refusal:
        one.state, one.refusal = RequestFile.State.REFUSED, refusal.message[:200]
    one.save()


def approval_of(request: SealRequest) -> str:
    """By whose word, as the register keeps it."""
    if request.endorsed_at is None:
        return f"申请 {request.number}，保管人审批"
    return f"申请 {request.number}，{request.endorsed_by} {timezone.localtime(request.endorsed_at):%Y-%m-%d %H:%M} 批准"


@operation(
    "退回", icon="x", danger=True, roles=KEEPERS, when=lambda request: request.state in SealRequest.WAITING
)
def refuse(request: SealRequest, *, actor: Actor, opinion: OPINION) -> None:
    """The head or the keeper says why not."""
    if request.state not in SealRequest.WAITING:
        raise Refused(f"这份申请{request.get_state_display()}，不能退回")
    heads = actor.has_role("head") and request.state == State.SUBMITTED
    if not (actor.is_system or heads or actor.person_id == request.seal.keeper_id):
        raise Refused("只有单位负责人和保管人可以退回", rule="seals.keeper")
    _move(request, State.REFUSED, opinion)


@operation(
    "撤回",
    icon="arrow-back-up",
    bulk=False,
    roles=STAFF,
    when=lambda request: request.state in SealRequest.WAITING,
)
def withdraw(request: SealRequest, *, actor: Actor) -> None:
    """The applicant thinks better of it."""
    if request.state not in SealRequest.WAITING:
        raise Refused("已经用印或退回的申请不能撤回")
    if not actor.is_system and actor.person_id != request.applicant_id:
        raise Refused("只有申请人可以撤回")
    _move(request, State.WITHDRAWN, "")


@operation(
    "结束授权", icon="ban", danger=True, roles=("head",), when=lambda request: request.state == State.IN_FORCE
)
def end(request: SealRequest, *, actor: Actor, opinion: OPINION) -> None:
    """From now on nothing is sealed under it."""
    if request.state != State.IN_FORCE:
        raise Refused("只有生效中的授权可以结束")
    _move(request, State.ENDED, opinion)
