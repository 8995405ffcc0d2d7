"""Borrowing and reading."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from django.db import transaction
from django.utils import timezone

from yanta.kernel import notify
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.operation import Label, operation
from yanta.systems.dossiers import events
from yanta.systems.dossiers.models import Dossier, Loan, Reading
from yanta.systems.dossiers.rules import completeness
from yanta.systems.dossiers.services.collecting import period_names

State = Loan.State
BORROWERS = ("teacher", "counsellor", "clerk", "head", "leader")
DECIDERS = ("clerk", "head")
VIEW = "dossiers.dossier.view"


@dataclass(frozen=True, slots=True)
class Pass:
    """On which ground somebody reads, and which periods of the file."""

    basis: str
    periods: tuple[str, ...]
    is_own: bool = False
    is_lent: bool = False


def pass_of(dossier: Dossier, actor: Actor) -> Pass | None:
    """One's own file whole; within one's reach whole; a borrowed one in the granted periods; else nothing."""
    every = tuple(period_names(dossier.kind))
    if actor.person_id is not None and dossier.person_id == actor.person_id:
        return Pass("本人", every, is_own=True)
    if Dossier.objects.visible_to(actor, VIEW).filter(pk=dossier.pk).exists():
        grants = actor.why(VIEW)
        return Pass(f"管理范围（{grants[0].title}）" if grants else "管理范围", every)
    today = timezone.localdate()
    loans = Loan.objects.filter(
        dossier=dossier, borrower=actor.person_id or 0, state=State.GRANTED, ends_on__gte=today
    )
    loan = loans.order_by("-pk").first()
    if loan is None:
        return None
    return Pass(f"借阅（{loan.purpose}，{loan.decided_by}批准）"[:120], tuple(loan.periods), is_lent=True)


def note_reading(dossier: Dossier, actor: Actor, basis: str, what: str) -> None:
    """Every look of others, for the person to see."""
    Reading.objects.create(
        dossier=dossier, reader=actor.name[:60], account_id=actor.account_id, basis=basis[:120], what=what[:200],
        address=actor.address[:45],
    )  # fmt: skip


@operation("申请借阅", model=Loan, icon="book", roles=BORROWERS, bulk=False)
def borrow(
    *, actor: Actor, number: Annotated[str, Label("学号或工号")], purpose: Annotated[str, Label("用途")],
    days: Annotated[int, Label("借阅天数")] = 7, periods: Annotated[str, Label("阶段", "用逗号分开")] = "",
) -> Loan:  # fmt: skip
    """Another person's file, for a purpose and a time; whoever keeps it decides."""
    if actor.person_id is None:
        raise Refused("这个账号不是人员账号，不能借阅")
    dossier = Dossier.objects.filter(number=number.strip()).first()
    if dossier is None:
        raise Refused("没有这个学号或工号的档案", field="number")
    chosen = [one for one in periods.replace("，", ",").split(",") if one] or list(period_names(dossier.kind))
    refusal = completeness.loan_refusal(
        is_own=dossier.person_id == actor.person_id,
        purpose=purpose,
        days=days,
        periods=chosen,
        known=period_names(dossier.kind),
    )
    if refusal:
        raise Refused(refusal)
    if Loan.objects.filter(dossier=dossier, borrower=actor.person_id, state=State.ASKED).exists():
        raise Refused("这份档案您已经申请过，正在等审批")
    return Loan.objects.create(
        dossier=dossier, borrower_id=actor.person_id, purpose=purpose.strip()[:200], periods=chosen, days=days
    )


@operation("批准借阅", icon="check", roles=DECIDERS, when=lambda loan: loan.state == State.ASKED)
def grant(loan: Loan, *, actor: Actor, opinion: Annotated[str, Label("意见")] = "同意借阅") -> None:
    """From today for so many days; it ends by itself."""
    _check_decidable(loan, actor)
    loan.state, loan.ends_on = State.GRANTED, timezone.localdate() + timedelta(days=loan.days)
    _decide(loan, actor, opinion)


@operation("不批准", icon="x", danger=True, roles=DECIDERS, when=lambda loan: loan.state == State.ASKED)
def refuse(loan: Loan, *, actor: Actor, opinion: Annotated[str, Label("原因")]) -> None:
    """With a reason that the borrower reads."""
    _check_decidable(loan, actor)
    loan.state = State.REFUSED
    _decide(loan, actor, opinion)


def _check_decidable(loan: Loan, actor: Actor) -> None:
    if loan.state != State.ASKED:
        raise Refused(f"这次借阅{loan.get_state_display()}，不在审批环节")
    if not actor.is_system and loan.borrower_id == actor.person_id:
        raise Refused("不能审批自己的借阅")
    if (
        not actor.is_system
        and not Dossier.objects.visible_to(actor, VIEW).filter(pk=loan.dossier_id).exists()
    ):
        raise Refused("这份档案不由您的单位保管", rule="dossiers.keeper")


def _decide(loan: Loan, actor: Actor, opinion: str) -> None:
    loan.opinion, loan.decided_by = opinion[:200], actor.signature
    loan.save()
    publish(events.LoanDecided(loan_id=loan.pk))


@operation("归还", icon="arrow-back-up", roles=(*BORROWERS,), when=lambda loan: loan.state == State.GRANTED)
def give_back(loan: Loan, *, actor: Actor) -> None:
    """Before the time is over."""
    if loan.state != State.GRANTED:
        raise Refused("只有借阅中的可以归还")
    loan.state, loan.ends_on = State.ENDED, timezone.localdate()
    loan.save(update_fields=["state", "ends_on", "updated_at"])


def end_overdue(*, on: object) -> int:
    """Loans whose last day is over."""
    with transaction.atomic():
        return int(Loan.objects.filter(state=State.GRANTED, ends_on__lt=on).update(state=State.ENDED))


def tell_decision(loan_id: int) -> None:
    """The borrower, and the person whose file it is."""
    loan = Loan.objects.select_related("dossier__person", "borrower").get(pk=loan_id)
    said = {
        "name": loan.dossier.person.name,
        "who": loan.borrower.name,
        "result": loan.get_state_display(),
        "opinion": loan.opinion,
    }
    notify.send(
        "dossiers.loan",
        to=[loan.borrower_id],
        link="/dossiers/borrow/",
        once=f"{loan.pk}:{loan.state}",
        context=said,
    )
    if loan.state == State.GRANTED:
        said["until"] = f"{loan.ends_on}"
        said["purpose"] = loan.purpose
        notify.send(
            "dossiers.lent", to=[loan.dossier.person_id], link="/dossiers/", once=f"{loan.pk}", context=said
        )


def readers_of(dossier_ids: Collection[int]) -> dict[int, int]:
    """How many looks of others each file has had."""
    from django.db.models import Count

    rows = (
        Reading.objects.filter(dossier__in=dossier_ids)
        .values_list("dossier_id")
        .annotate(Count("pk"))
        .order_by()
    )
    return dict(rows)
