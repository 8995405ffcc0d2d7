"""The calendar in the menu; deadlines of what awaits a person are part of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from yanta.kernel.access.actors import actor_of
from yanta.kernel.calendar.declare import Entry, calendar
from yanta.kernel.identity.models import Account
from yanta.kernel.portal.cards import Place, places
from yanta.kernel.portal.todos import todos_of


@places
def pages() -> list[Place]:
    return [
        Place(
            "我的日历", "/calendar/", "个人", "calendar", "课、假、借用、待办期限、校历在一处，手机日历可订阅"
        )
    ]


@calendar("待办期限", key="deadlines", icon="checklist", colour="brick", order=80)
def deadlines(person_ids: Collection[int], start: date, end: date) -> Iterator[Entry]:
    """By when something has to be done."""
    for account in Account.objects.filter(person_id__in=list(person_ids), state="active"):
        for one in todos_of(actor_of(account)):
            if one.due_on is not None and start <= one.due_on <= end and account.person_id:
                key = f"{one.url.strip('/').replace('/', '-')}-{one.due_on:%Y%m%d}"
                yield Entry(
                    account.person_id, key, one.title, one.due_on, one.due_on, note=one.detail, link=one.url
                )
