"""From what a person types to the one account it means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yanta.kernel.base.texts import clean_identifier, clean_text
from yanta.kernel.identity.models import Account
from yanta.kernel.people.models import Affiliation, Person

LONGEST_LOGIN = 64


def cleaned(login: str) -> str:
    return clean_text(login).replace("\0", "")[:LONGEST_LOGIN]


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a login means, and what has to be known before the password is looked at."""

    account: Account | None
    is_enrolled: bool = False
    has_failures: bool = False
    locked_until: datetime | None = None


# One round trip instead of four: on a morning when everybody signs in, the hash should be all that costs.
_DOOR = """
SELECT a.*, own.id IS NOT NULL AS has_failures, greatest(own.until, theirs.until) AS locked_until,
       EXISTS (
           SELECT 1 FROM mfa_authenticator m WHERE m.user_id = a.id AND m.type <> 'recovery_codes'
       ) AS is_enrolled
FROM identity_account a
LEFT JOIN identity_lockout own ON own.key = 'account:' || a.id
LEFT JOIN identity_lockout theirs ON theirs.key = %s
WHERE {column} = %s
"""


def at_the_door(login: str, *, address_key: str) -> Found:
    """By login name, person, student or staff number, telephone or mail, if exactly one account is meant."""
    found = _found("a.username", login, address_key)
    if found is None:
        people = _people_of(login)
        found = _found("a.person_id", people.pop(), address_key) if len(people) == 1 else None
    return found or Found(None)


def _found(column: str, value: str | int, address_key: str) -> Found | None:
    row: Any
    for row in Account.objects.raw(_DOOR.format(column=column), [address_key, value]):
        return Found(row, row.is_enrolled, row.has_failures, row.locked_until)
    return None


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
