"""The demo school's apps: imitated on this machine, some people linked."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from yanta.kernel.identity.models import Account
from yanta.kernel.identity.scanning.models import GateCheck, ScanApp, ScanLink

GATES = ("图书馆一层闸机", "东校门人行通道", "体育馆入口")


def fill(today: date) -> None:
    """WeCom's accounts are given out by the school; in the others people link themselves."""
    apps = [
        ScanApp(
            kind=kind, client_id=f"demo-{kind}", agent="1000002" if kind == "wecom" else "", is_open=True, is_simulated=True,
            linking="number" if kind == "wecom" else "self", secret="demo-secret-that-opens-nothing",  # noqa: S106 - opens nothing
        )
        for kind in ScanApp.Kind.values
    ]  # fmt: skip
    for app in apps:
        app.save()
    linked = Account.objects.filter(username__in=["student", "teacher"]).select_related("person")
    for account in linked:
        if account.person is not None:
            ScanLink.objects.create(
                app=apps[1], subject=account.person.number, person=account.person, proof=ScanLink.Proof.SELF,
                used_at=timezone.now(),
            )  # fmt: skip


def settle(today: date) -> None:
    """Where people showed their codes this morning; one had been shown already."""
    gate = Account.objects.create(username="gate-library", name="闸机核验", state=Account.State.ACTIVE)
    people = Account.objects.filter(username__in=["student", "teacher", "clerk"]).exclude(person=None)
    at = timezone.now() - timedelta(hours=3)
    for number, account in enumerate(people.order_by("username")):
        for turn, name in enumerate(GATES):
            is_valid = (number, turn) != (1, 2)
            GateCheck.objects.create(
                person_id=account.person_id, gate=name, at=at + timedelta(minutes=17 * number + 41 * turn),
                is_valid=is_valid, reason="" if is_valid else "这个码已经用过", asked_by=gate,
            )  # fmt: skip
