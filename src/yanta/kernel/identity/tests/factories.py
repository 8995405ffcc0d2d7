"""Accounts for tests; hashing is real, so passwords are few."""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from yanta.kernel.identity.models import Account, AccountCheck, AccountFinding, OneTimeCode
from yanta.kernel.people.models import Person

PASSWORD = "Goose-Tower-652"
_serials = count(1)


@cache
def _encoded() -> str:
    return make_password(PASSWORD)


def person(**values: Any) -> Person:
    number = next(_serials)
    made = Person(
        **{
            "number": f"P{number:09}",
            "name": "雁小塔",
            "birth_on": date(2001, 2, 3),
            "id_number": "61010320010203123X",
            "phone": f"139{number:08}",
            **values,
        }
    )
    made.save()
    return made


def account(**values: Any) -> Account:
    owner = values.pop("person", None) or person()
    known = {
        "username": f"u{owner.number.lower()}",
        "name": owner.name,
        "state": Account.State.ACTIVE,
        "password": _encoded(),
    }
    return Account.objects.create(person=owner, **{**known, **values})


EXAMPLES = {
    Account: lambda serial: {"username": f"example{serial}", "state": Account.State.ACTIVE},
    AccountCheck: {
        "found": 10,
        "new": 1,
        "reopened": 2,
        "unchanged": 3,
        "explained": 4,
        "by_kind": {"orphan": 10},
    },
    OneTimeCode: {"purpose": OneTimeCode.Purpose.ACTIVATION},
    AccountFinding: lambda serial: {"detail": f"样例{serial}", "opened_at": timezone.now()},
}
