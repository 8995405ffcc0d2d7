"""From what a person types to the one account it means."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from yanta.kernel.base.texts import clean_identifier, clean_text
from yanta.kernel.identity.models import Account
from yanta.kernel.people.models import Affiliation, Person

LONGEST_LOGIN = 64


def cleaned(login: str) -> str:
    return clean_text(login).replace("\0", "")[:LONGEST_LOGIN]


def account_named(login: str) -> Account | None:
    """By login name, person number, student or staff number, telephone or mail, if exactly one account is meant."""
    found = Account.objects.filter(username=login).first()
    return found or _by_person(login)


def _by_person(login: str) -> Account | None:
    people = set(_people(login).values_list("pk", flat=True)[:2])
    if len(people) != 1:
        return None
    return Account.objects.filter(person_id__in=people).first()


def _people(login: str) -> QuerySet[Person]:
    """All ways at once: an attempt under an unknown name must take as long as one under a known name."""
    number = clean_identifier(login)
    numbered = Affiliation.objects.filter(number=number).values("person_id")
    by_number = Q(number=number) | Q(pk__in=numbered)
    return Person.objects.filter(by_number | Q(phone=login) | Q(email__iexact=login), merged_into=None).distinct()  # type: ignore[no-any-return]
