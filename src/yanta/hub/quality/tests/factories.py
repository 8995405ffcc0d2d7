"""Rules and what follows from them, for tests."""

from datetime import date, timedelta

from django.utils import timezone

from yanta.hub.quality.models import Exemption, FailingRow, Inspection, Order, Result, Rule

ON = date(2026, 9, 1)


def _rule(serial: int) -> dict[str, object]:
    return {
        "title": f"学号长度 {serial}", "template": "length", "dimension": "valid", "subject": "student", "subject_title": "学生",
        "fields": ["number"], "parameters": {"most": str(10 + serial)}, "sentence": "学号不超过若干个字符",
        "valid_from": ON, "signature": f"{serial:064d}",
    }  # fmt: skip


EXAMPLES = {
    Rule: _rule,
    Inspection: lambda serial: {"started_at": timezone.now(), "ended_at": timezone.now()},
    Result: lambda serial: {"at": timezone.now()},
    FailingRow: lambda serial: {"row_id": serial, "values": {"学号": "1"}},
    Order: lambda serial: {
        "severity": "severe",
        "opened_on": ON,
        "due_on": ON + timedelta(days=7),
        "rows": [1],
        "remaining": [1],
    },
    Exemption: lambda serial: {"row_id": serial, "until": timezone.localdate() + timedelta(days=9)},
}
