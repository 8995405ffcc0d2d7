"""From what a person types to the one account it means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from yanta.kernel.base import fixed
from yanta.kernel.base.texts import clean_identifier, clean_text
from yanta.kernel.identity import lockout, watching
from yanta.kernel.identity.devices import Device
from yanta.kernel.identity.models import Account
from yanta.kernel.identity.watching import History
from yanta.kernel.people.models import Affiliation, Person

LONGEST_LOGIN = 64


def cleaned(login: str) -> str:
    return clean_text(login).replace("\0", "")[:LONGEST_LOGIN]


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a login means, and what has to be known before the password is looked at and right after."""

    account: Account | None
    is_enrolled: bool = False
    has_failures: bool = False
    locked_until: datetime | None = None
    history: History | None = None


# One round trip instead of five: on a morning when everybody signs in, the hash should be all that costs.
_DOOR = f"""
SELECT own.id IS NOT NULL, greatest(own.until, theirs.until),
       EXISTS (SELECT 1 FROM mfa_authenticator m WHERE m.user_id = a.id AND m.type <> 'recovery_codes'),
       {watching.HISTORY_COLUMNS}, {{columns}}
FROM identity_account a
LEFT JOIN identity_lockout own ON own.key = 'account:' || a.id
LEFT JOIN identity_lockout theirs ON theirs.key = %(address_key)s
{watching.HISTORY}
WHERE a.{{column}} = %(meant)s
"""


def at_the_door(login: str, device: Device, *, at: datetime) -> Found:
    """By login name, person, student or staff number, telephone or mail, if exactly one account is meant."""
    asked = {"address_key": lockout.address_key(device.address)} | watching.asked_with(device, at=at)
    found = _found("username", asked | {"meant": login})
    if found is None:
        people = _people_of(login)
        found = _found("person_id", asked | {"meant": people.pop()}) if len(people) == 1 else None
    return found or Found(None)


def _found(column: str, asked: dict[str, Any]) -> Found | None:
    names, columns = _columns()
    with fixed.cursor() as cursor:
        cursor.execute(_DOOR.format(column=column, columns=columns), asked)
        row = cursor.fetchone()
    if row is None:
        return None
    has_failures, locked_until, is_enrolled, *history = row[:7]
    account = Account.from_db(DEFAULT_DB_ALIAS, names, row[7:])
    return Found(account, is_enrolled, has_failures, locked_until, History.of(*history))


@cache
def _columns() -> tuple[list[str], str]:
    fields = Account._meta.concrete_fields
    return [field.attname for field in fields], ", ".join(f'a."{field.column}"' for field in fields)


def account_of_phone(phone: str) -> Account | None:
    """The one account whose person has this telephone."""
    found = Account.objects.select_related("person").filter(person__phone=phone, person__merged_into=None)[:2]
    return found[0] if phone and len(found) == 1 else None


def _people_of(login: str) -> set[int]:
    """Whoever has this number, telephone or mail; each a look-up in an index, for anybody may ask this."""
    number = clean_identifier(login)
    current = Person.objects.filter(merged_into=None)
    ways = [
        Affiliation.objects.filter(number=number, person__merged_into=None).values_list("person_id"),
        current.filter(phone=login).values_list("pk"),
    ]
    if "@" in login:
        ways.append(current.filter(email__iexact=login).values_list("pk"))
    return {pk for (pk,) in current.filter(number=number).values_list("pk").union(*ways)[:2]}
