"""The life of a seal: proposed, approved, in use, suspended, destroyed."""

from __future__ import annotations

from typing import Annotated

from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, operation
from yanta.kernel.people.models import Person
from yanta.sso.seals import authority
from yanta.sso.seals.models import Certificate, Seal, SealRequest

State = Seal.State
OPINION = Annotated[str, Label("意见")]
KEEPER = Annotated[Person, Label("新保管人")]


def _move(seal: Seal, state: Seal.State, opinion: str) -> None:
    seal.state, seal.opinion = state, opinion
    seal.save(update_fields=["state", "opinion", "certificate", "national", "updated_at"])


@operation("批准刻制", icon="check", roles=("leader",), when=lambda seal: seal.state == State.PROPOSED)
def approve(seal: Seal, *, actor: Actor, opinion: OPINION = "同意刻制") -> None:
    """The school agrees that there be this seal."""
    if seal.state != State.PROPOSED:
        raise Refused(f"这枚印章{seal.get_state_display()}，不用再批准")
    _move(seal, State.APPROVED, opinion)


@operation("启用", icon="player-play", when=lambda seal: seal.state == State.APPROVED)
def put_in_use(seal: Seal, *, actor: Actor, opinion: OPINION = "启用") -> None:
    """Its certificates are issued, one for PDF and a national one; from now on it can be pressed."""
    if seal.state != State.APPROVED:
        raise Refused("只有批准刻制的印章可以启用")
    seal.certificate = _certificate(seal, Certificate.Algorithm.RSA)
    seal.national = _certificate(seal, Certificate.Algorithm.SM2)
    _move(seal, State.IN_USE, opinion)


def _certificate(seal: Seal, algorithm: Certificate.Algorithm) -> Certificate:
    row = Certificate(
        kind=Certificate.Kind.UNIT,
        algorithm=algorithm,
        subject=str(seal),
        org_unit=seal.org_unit,
        reason=f"印章“{seal}”启用",
    )
    return authority.issue(row, authority.Holder(str(seal), seal.org_unit.name), at=timezone.now())


@operation("停用", icon="player-pause", danger=True, when=lambda seal: seal.state == State.IN_USE)
def suspend(seal: Seal, *, actor: Actor, opinion: OPINION) -> None:
    """For a time; applications wait."""
    if seal.state != State.IN_USE:
        raise Refused("只有使用中的印章可以停用")
    _move(seal, State.SUSPENDED, opinion)


@operation("恢复使用", icon="player-play", when=lambda seal: seal.state == State.SUSPENDED)
def resume(seal: Seal, *, actor: Actor, opinion: OPINION) -> None:
    if seal.state != State.SUSPENDED:
        raise Refused("只有停用的印章可以恢复")
    _move(seal, State.IN_USE, opinion)


@operation(
    "销毁", icon="trash", danger=True, confirm="销毁后不能恢复：私钥随即销毁，未办完的申请全部退回",
    when=lambda seal: seal.state != State.DESTROYED,
)  # fmt: skip
def destroy(seal: Seal, *, actor: Actor, opinion: OPINION) -> None:
    """For good: the keys are destroyed with it, what waits is refused; what was sealed stays valid."""
    if seal.state == State.DESTROYED:
        raise Refused("这枚印章已经销毁")
    now = timezone.now()
    for row in (seal.certificate, seal.national):
        if row is not None and row.state in (Certificate.State.ISSUED, Certificate.State.SUSPENDED):
            row.state, row.ended_at, row.private = Certificate.State.REVOKED, now, None
            row.ended_for, row.opinion = Certificate.Reason.CLOSED, f"印章销毁：{opinion}"[:200]
            row.save()
    seal.requests.filter(state__in=SealRequest.WAITING).update(
        state=SealRequest.State.REFUSED, opinion="印章已销毁", updated_at=now
    )
    seal.requests.filter(state=SealRequest.State.IN_FORCE).update(
        state=SealRequest.State.ENDED, updated_at=now
    )
    _move(seal, State.DESTROYED, opinion)


@operation("移交保管", icon="user-share", bulk=False, when=lambda seal: seal.state != State.DESTROYED)
def hand_over(seal: Seal, *, actor: Actor, keeper: KEEPER, opinion: OPINION) -> None:
    """Another keeper from now on."""
    if keeper.pk == seal.keeper_id:
        raise Refused("这枚印章已由此人保管", field="keeper")
    seal.keeper, seal.opinion = keeper, opinion
    seal.save(update_fields=["keeper", "opinion", "updated_at"])
