"""Apps for tests; the outside world is imitated by whoever patches `ask_json`."""

from __future__ import annotations

from typing import Any

from yanta.kernel.identity.scanning.models import GateCheck, ScanApp, ScanLink


def app(kind: str = "wecom", **values: Any) -> ScanApp:
    known = {"client_id": "corp1", "agent": "1000002", "secret": "s" * 20, "is_open": True}
    made: ScanApp = ScanApp.objects.create(kind=kind, **{**known, **values})
    return made


EXAMPLES = {
    # There is one app of each kind; tests of the registry want many rows.
    ScanApp: lambda serial: {"kind": f"k{serial}"[:8], "client_id": f"app{serial}"},
    ScanLink: lambda serial: {"subject": f"user{serial}"},
    GateCheck: lambda serial: {"gate": f"gate {serial}"},
}
