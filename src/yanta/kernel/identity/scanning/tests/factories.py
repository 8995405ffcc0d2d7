"""Apps for tests; the outside world is imitated by whoever patches `ask_json`."""

from __future__ import annotations

from itertools import count
from typing import Any

from yanta.kernel.identity.scanning.models import GateCheck, ScanApp, ScanLink
from yanta.kernel.identity.tests import factories as identity

_kinds = count()


def app(kind: str = "wecom", **values: Any) -> ScanApp:
    known = {"client_id": "corp1", "agent": "1000002", "secret": "s" * 20, "is_open": True}
    made: ScanApp = ScanApp.objects.create(kind=kind, **{**known, **values})
    return made


EXAMPLES = {
    ScanApp: lambda serial: {"kind": ScanApp.Kind.values[serial % 4], "client_id": f"app{serial}"},
    ScanLink: lambda serial: {"subject": f"user{serial}", "person": identity.person()},
    GateCheck: lambda serial: {"gate": f"gate {serial}"},
}
