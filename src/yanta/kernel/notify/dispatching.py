"""The way out of the house: what is due leaves, together where it belongs together, by the next channel where one fails."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from yanta.kernel.notify import rules
from yanta.kernel.notify.channels import addresses_of, channel_named, why_not
from yanta.kernel.notify.sending import DIGEST

if TYPE_CHECKING:
    from yanta.kernel.notify.models import Dispatch

log = logging.getLogger(__name__)
PAUSES = (60, 600, 3600, 14400)
PACE = timedelta(minutes=1)
BATCH = MOST_TOGETHER = 500
# A channel that fails so often in a row is left in peace until the next round; a dead gateway delays no other.
FAILURES_IN_A_ROW = 3


def dispatch_due(most: int = 0) -> int:
    """Send what is due; returns how many texts were tried."""
    round_ = _Round(most)
    while round_.go_on():
        pass
    return round_.tried


@dataclass(slots=True)
class _Text:
    """What leaves as one: a row alone, or those of one person, channel and bundle."""

    channel: str
    keys: list[int]
    rows: list[Dispatch] = field(default_factory=list)
    address: str = ""


class _Round:
    """One pass over what is due; knows which channels had enough for this minute, or are down.

    A text is booked with the transaction in which it is handed over: who dies in between has told nobody of it, or of
    one text what only the service outside knows. Texts that stay in our own database are handed over by the hundred.
    """

    def __init__(self, most: int) -> None:
        self.most, self.tried = most, 0
        self.failures: Counter[str] = Counter()
        self.left = _paces()

    @property
    def closed(self) -> list[str]:
        full = [code for code, left in self.left.items() if left <= 0]
        return [*full, *(code for code, count in self.failures.items() if count >= FAILURES_IN_A_ROW)]

    def go_on(self) -> bool:
        """One batch; false when nothing is due any more, or enough was tried."""
        texts = _due(self.closed)
        before = self.tried
        while texts and not (self.most and self.tried >= self.most):
            chunk = self._chunk(texts)
            if chunk:
                self._leave(chunk)
        return self.tried > before and not (self.most and self.tried >= self.most)

    def _chunk(self, texts: list[_Text]) -> list[_Text]:
        """The next texts that may be handed over together; one alone unless the channel takes many."""
        code = texts[0].channel
        if code in self.closed:
            texts[:] = [text for text in texts if text.channel != code]
            return []
        limits = [getattr(channel_named(code), "at_once", 1), self.left.get(code, MOST_TOGETHER)]
        limits += [self.most - self.tried] if self.most else []
        chunk = [text for text in texts if text.channel == code][: min(limits)]
        texts[:] = [text for text in texts if text not in chunk]
        return chunk

    def _leave(self, chunk: list[_Text]) -> None:
        with transaction.atomic():
            locked = _locked([key for text in chunk for key in text.keys])
            for text in chunk:
                text.rows = [locked[key] for key in text.keys if key in locked]
            wanted = [text for text in chunk if _still_wanted(text)]
            ready = _addressed(chunk[0].channel, wanted)
            if ready:
                self._try(channel_named(chunk[0].channel), ready)
        self.tried += sum(1 for text in chunk if text.rows)

    def _try(self, way: Any, texts: list[_Text]) -> None:
        if way.code in self.left:
            self.left[way.code] -= len(texts)
        try:
            with transaction.atomic():
                _hand_over(way, [(text.address, _as_one(text.rows)) for text in texts])
        except Exception as error:
            self.failures[way.code] += 1
            _book([_failed(row, error) for text in texts for row in text.rows])
        else:
            self.failures.pop(way.code, None)
            _book_sent(texts)


def _due(closed: Collection[str]) -> list[_Text]:
    """What is due next, each row with its companions: what waits for the same person to be told together."""
    from yanta.kernel.notify.models import Dispatch

    waiting = Dispatch.objects.filter(state=Dispatch.State.WAITING).exclude(channel__in=closed)
    rows = waiting.filter(due_at__lte=timezone.now()).order_by("due_at", "pk")[:BATCH]
    found: dict[Any, _Text] = {}
    for pk, channel, person, bundle in rows.values_list("pk", "channel", "person_id", "bundle"):
        key = (person, channel, bundle) if bundle else pk
        found.setdefault(key, _Text(channel, [])).keys.append(pk)
    together = {key: set(text.keys) for key, text in found.items() if isinstance(key, tuple)}
    others = waiting.filter(
        person_id__in={key[0] for key in together}, bundle__in={key[2] for key in together}
    )
    for pk, channel, person, bundle in others.order_by("pk").values_list(
        "pk", "channel", "person_id", "bundle"
    ):
        key = (person, channel, bundle)
        if key in together and pk not in together[key] and len(found[key].keys) < MOST_TOGETHER:
            found[key].keys.append(pk)
    return list(found.values())


def _locked(keys: list[int]) -> dict[int, Dispatch]:
    """Those that still wait and that nobody else has in hand, as they are now."""
    from yanta.kernel.notify.models import Dispatch

    rows = Dispatch.objects.filter(pk__in=keys, state=Dispatch.State.WAITING)
    held = rows.select_for_update(skip_locked=True, of=("self",)).select_related("message__person")
    return {row.pk: row for row in held.order_by("pk")}


def _still_wanted(text: _Text) -> bool:
    """What was read in the portal, or taken back, need not go out any more."""
    spared = [row for row in text.rows if _spared(row)]
    _book(spared)
    text.rows.sort(key=lambda row: row.pk)
    wanted = [row for row in text.rows if row not in spared]
    text.rows = wanted or text.rows
    return bool(wanted)


def _addressed(code: str, texts: list[_Text]) -> list[_Text]:
    """Those whose person is reached this way; the others go on by the next."""
    way = channel_named(code)
    addresses = addresses_of(way, [text.rows[0].message.person for text in texts]) if way else {}
    for text in texts:
        text.address = addresses.get(text.rows[0].message.person_id, "")
        if not text.address:
            for row in text.rows:
                row.state, row.error = row.State.NOWHERE, why_not(code)
            _book(text.rows)
    return [text for text in texts if text.address]


def _hand_over(way: Any, texts: list[tuple[str, Any]]) -> None:
    if len(texts) == 1:
        way.deliver(*texts[0])
    else:
        way.deliver_all(texts)


def _book_sent(texts: list[_Text]) -> None:
    from yanta.kernel.notify.models import Dispatch

    now = timezone.now()
    told: dict[str, list[int]] = {}
    for text in texts:
        told.setdefault(_told(text.rows), []).extend(row.pk for row in text.rows)
    for said, keys in told.items():
        Dispatch.objects.filter(pk__in=keys).update(
            state=Dispatch.State.SENT, sent_at=now, error=said, attempts=F("attempts") + 1, updated_at=now
        )


def _book(rows: list[Dispatch]) -> None:
    for row in rows:
        row.save(update_fields=["state", "due_at", "attempts", "error", "updated_at"])
        _next_channel(row)


def _paces() -> dict[str, int]:
    """How many texts each limited channel may still send within this minute."""
    from yanta.kernel.notify.models import Dispatch

    limits: dict[str, int] = getattr(settings, "NOTIFY_PACES", {})
    recent = Dispatch.objects.filter(state=Dispatch.State.SENT, sent_at__gt=timezone.now() - PACE)
    return {code: most - recent.filter(channel=code).count() for code, most in limits.items()}


def _spared(row: Dispatch) -> bool:
    if row.message.recalled_at is None and row.message.read_at is None:
        return False
    row.state = row.State.SPARED
    row.error = "消息已撤回" if row.message.recalled_at else "已在站内阅读"
    return True


def _as_one(rows: list[Dispatch]) -> Any:
    """The message itself, or one that tells of all."""
    if len(rows) == 1:
        return rows[0].message
    from yanta.kernel.notify.models import Message, Preference

    first = rows[0]
    english = Preference.objects.filter(person_id=first.person_id, language="en").exists()
    title, body = rules.merged([row.message.title for row in rows], english=english)
    if first.bundle == DIGEST:
        title = rules.digest_title(len(rows), english=english)
    return Message(
        person=first.message.person,
        template=first.message.template,
        title=title[:200],
        body=body,
        link="/messages/",
    )


def _told(rows: list[Dispatch]) -> str:
    return f"与同类 {len(rows)} 条合并为一条" if len(rows) > 1 else ""


def _failed(row: Dispatch, error: Exception) -> Dispatch:
    row.attempts += 1
    row.error = f"{type(error).__name__}: {error}"[:300]
    if row.attempts <= len(PAUSES):
        row.due_at = timezone.now() + timedelta(seconds=PAUSES[row.attempts - 1])
        return row
    row.state = row.State.FAILED
    log.error("message %s did not go out by %s: %s", row.message_id, row.channel, row.error)
    return row


def _next_channel(row: Dispatch) -> None:
    """Where this way ends, the next one begins; the rows tell the whole story."""
    if row.state not in (row.State.NOWHERE, row.State.FAILED) or not row.fallbacks:
        return
    code, *rest = row.fallbacks
    type(row).objects.bulk_create(
        [
            type(row)(
                message_id=row.message_id, person_id=row.person_id, channel=code, fallbacks=rest, bundle=row.bundle,
                due_at=timezone.now(),
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def standing() -> list[tuple[str, dict[str, int]]]:
    """By channel, how many dispatches are in each state; for the statistics page."""
    from django.db.models import Count

    from yanta.kernel.notify.models import Dispatch

    found: dict[str, dict[str, int]] = {}
    for code, state, count in (
        Dispatch.objects.values_list("channel", "state").annotate(n=Count("pk")).order_by("channel")
    ):
        found.setdefault(code, {})[state] = count
    return list(found.items())
