"""Sending: the portal at once, other channels when it is polite."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from yanta.kernel.notify import channels, rules
from yanta.kernel.notify.declare import Template, Texts, template_named

if TYPE_CHECKING:
    from yanta.kernel.notify.models import Message, Preference

BATCH = 1000
DIGEST = "digest"
# What follows a text of the same kind within this time waits, and leaves together.
MERGE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing said to many people; `extra` are further fields of each message."""

    kind: Template
    context: Mapping[str, Any]
    link: str = ""
    once: str = ""
    urgent: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


def send(
    code: str, *, to: Iterable[int], context: dict[str, Any] | None = None, link: str = "", once: str = ""
) -> int:
    """Say something to people (ids), in the current transaction; returns how many got it.

    With `once`, a person gets the message of this code only once, however often it is sent.
    """
    kind = template_named(code)
    return deliver(Parcel(kind, context or {}, link, once, kind.urgent), to)


def deliver(parcel: Parcel, to: Iterable[int]) -> int:
    """The messages of a parcel and their ways out, a thousand people at a time."""
    from yanta.kernel.notify import wording

    people = list(dict.fromkeys(to))
    reworded = wording.current(parcel.kind.code)
    said: dict[str, Texts] = {}
    sent = 0
    with transaction.atomic():
        for start in range(0, len(people), BATCH):
            part = _new_to(parcel, people[start : start + BATCH])
            wishes = _wishes_of(part)
            rows = [_message(parcel, person, wishes.get(person), reworded, said) for person in part]
            _queue(parcel, _written(parcel, rows), wishes)
            sent += len(rows)
    return sent


def recall(code: str, once: str) -> int:
    """Take back what was sent under this key: it cannot be read any more and goes out no further."""
    from yanta.kernel.notify.models import Message

    return withdraw(Message.objects.filter(template=code, once=once, recalled_at=None))


def withdraw(messages: Any) -> int:
    from yanta.kernel.notify.models import Dispatch

    waiting = Dispatch.objects.filter(message__in=messages, state=Dispatch.State.WAITING)
    waiting.update(state=Dispatch.State.SPARED, error="消息已撤回", updated_at=timezone.now())
    return int(messages.update(recalled_at=timezone.now(), updated_at=timezone.now()))


def _new_to(parcel: Parcel, part: list[int]) -> list[int]:
    from yanta.kernel.notify.models import Message

    if not parcel.once:
        return part
    known = Message.objects.filter(template=parcel.kind.code, once=parcel.once, person_id__in=part)
    return sorted(set(part) - set(known.values_list("person_id", flat=True)))


def _wishes_of(people: Collection[int]) -> dict[int, Preference]:
    from yanta.kernel.notify.models import Preference

    return {row.person_id: row for row in Preference.objects.filter(person_id__in=people)}


def _message(
    parcel: Parcel, person: int, wish: Preference | None, reworded: Mapping[str, Texts], said: dict[str, Texts]
) -> Message:  # fmt: skip
    from yanta.kernel.notify.models import Message

    language = wish.language if wish else settings.LANGUAGE_CODE
    if language not in said:
        texts = reworded.get(language) or parcel.kind.texts(language)
        said[language] = texts.said(parcel.context)
    text = said[language]
    return Message(
        person_id=person, template=parcel.kind.code, title=text.title, body=text.body, short=text.short,
        link=parcel.link, once=parcel.once, **parcel.extra,
    )  # fmt: skip


def _written(parcel: Parcel, rows: list[Message]) -> list[Message]:
    from yanta.kernel.notify.models import Message

    made: list[Message] = Message.objects.bulk_create(rows, ignore_conflicts=bool(parcel.once))
    if not parcel.once or not made:
        return made
    # Rows that lost a race were not written and have no id; ask for those that are there.
    people = [message.person_id for message in made]
    return list(Message.objects.filter(template=parcel.kind.code, once=parcel.once, person_id__in=people))


def _queue(parcel: Parcel, messages: list[Message], wishes: Mapping[int, Preference]) -> None:
    from yanta.kernel.notify.models import Dispatch

    if not messages:
        return
    people = [message.person_id for message in messages]
    routes = _Routes(parcel, people, wishes)
    rows = [
        Dispatch(
            message=message, person_id=message.person_id, channel=first, fallbacks=list(rest), due_at=due, bundle=bundle
        )
        for message in messages
        for first, rest, due, bundle in routes.of(message.person_id)
    ]  # fmt: skip
    Dispatch.objects.bulk_create(rows, ignore_conflicts=True)


class _Routes:
    """By which channels, and when, a parcel goes to each person of a part; three questions for all of them."""

    def __init__(self, parcel: Parcel, people: list[int], wishes: Mapping[int, Preference]) -> None:
        self.parcel, self.wishes = parcel, wishes
        self.now = timezone.localtime()
        self.ready = channels.ready_codes()
        self.push = channels.with_push(people)
        self.quiet = rules.quiet_hours(getattr(settings, "YANTA_QUIET_HOURS", "22:00-07:00"))
        goes_out = parcel.kind.channels or self.push or wishes
        self.last = _last_sent(parcel.kind.code, people, self.now) if goes_out and not parcel.urgent else {}

    def of(self, person: int) -> Iterator[tuple[str, tuple[str, ...], datetime, str]]:
        wish, parcel = self.wishes.get(person), self.parcel
        codes = rules.ways(
            parcel.kind.channels, order=channels.order(), ready=self.ready, urgent=parcel.urgent,
            choices=wish.choices.get(parcel.kind.category, {}) if wish else {}, has_push=person in self.push,
        )  # fmt: skip
        if not codes:
            return
        if parcel.urgent:
            yield from self._urgent(codes)
            return
        due, bundle = self._when(person, wish)
        yield codes[0], codes[1:], due, bundle

    def _urgent(self, codes: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...], datetime, str]]:
        """By every way that is named at once; the others stand behind the last of them."""
        named = [code for code in codes if code == "push" or code in self.parcel.kind.channels] or [codes[0]]
        spare = tuple(code for code in codes if code not in named)
        for code in named:
            yield code, spare if code == named[-1] else (), self.now, ""

    def _when(self, person: int, wish: Preference | None) -> tuple[datetime, str]:
        if wish and wish.digest_at:
            return rules.next_at(self.now, wish.digest_at), DIGEST
        due = max(self.now, self.last[person] + MERGE) if person in self.last else self.now
        return rules.next_polite(timezone.localtime(due), quiet=self._quiet_of(wish)), self.parcel.kind.code

    def _quiet_of(self, wish: Preference | None) -> Any:
        if wish is None:
            return self.quiet
        return (wish.quiet_from, wish.quiet_to) if wish.has_quiet_hours else None


def _last_sent(code: str, people: Collection[int], now: datetime) -> dict[int, datetime]:
    """Who was sent a text of this kind a moment ago."""
    from yanta.kernel.notify.models import Dispatch

    recent = Dispatch.objects.filter(
        person_id__in=people, bundle=code, state=Dispatch.State.SENT, sent_at__gt=now - MERGE
    )
    found: dict[int, datetime] = defaultdict(lambda: now)
    found.update(recent.values_list("person_id").annotate(last=Max("sent_at")).order_by())
    return dict(found)
