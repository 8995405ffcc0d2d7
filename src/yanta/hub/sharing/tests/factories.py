"""Rows of sharing that keep the rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from yanta.hub.sharing.models import (
    Agreement,
    Application,
    Consumer,
    Dataset,
    Decision,
    FileDelivery,
    Grant,
    Push,
    ReadEntry,
)
from yanta.kernel.testing.factories import PersonFactory
from yanta.masterdata.models import StaffMember

EXAMPLES: dict[Any, Any] = {
    Dataset: lambda n: {
        "code": f"set-{n}", "subject": "student", "names": ["number", "name"], "meaning": "样例", "level": 2,
        "condition": {},
    },
    Consumer: lambda n: {"code": f"user-{n}", "networks": ""},
    Application: lambda n: {
        "names": ["number"], "valid_from": timezone.localdate(), "valid_to": timezone.localdate() + timedelta(days=30),
        "ways": ["rest"], "condition": {}, "purpose": "样例",
    },
    Decision: lambda n: {"names": ["number"], "condition": {}, "allowed": []},
    Grant: lambda n: {
        "names": ["number"], "valid_from": timezone.localdate(), "valid_to": timezone.localdate() + timedelta(days=30),
        "ways": ["rest"], "per_minute": 60, "rows_per_day": 100_000, "condition": {}, "salt": f"{n:032d}", "level": 2,
    },
    Agreement: lambda n: {
        "number": f"A{n}", "side": "takes", "state": "proposed", "node": "4161010002", "partner": "兄弟大学", "subject": "student",
        "names": ["number"], "condition": {}, "valid_from": timezone.localdate(), "owed": "",
        "valid_to": timezone.localdate() + timedelta(days=30),
    },
    FileDelivery: lambda n: {"mark": f"{n:032d}"},
    Push: lambda n: {"sequence": n, "ids": []},
    ReadEntry: lambda n: {"at": timezone.now(), "version": 1, "how": "rest", "names": ["number"]},
}  # fmt: skip


def employed(unit: Any, *, name: str = "") -> Any:
    """A person who works in a unit."""
    person = PersonFactory(home_unit=unit, **({"name": name} if name else {}))
    StaffMember.objects.create(number=f"T{person.pk:06d}", person=person, department=unit)
    return person
