"""The demo school's apps: imitated on this machine, some people linked."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from yanta.kernel.identity.models import Account
from yanta.kernel.identity.scanning.models import ScanApp, ScanLink


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
