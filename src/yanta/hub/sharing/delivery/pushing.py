"""Changes pushed to a consumer: in order, signed, tried again, given up visibly.

Kept on the way are ids alone. What a batch says is read when it is sent, so what was revoked or changed meanwhile is
not told; a row outside the grant by then is told as removed, and only to who had it.
"""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from yanta.hub import subjects
from yanta.hub.sharing import entries, keys, owners, rules, telling
from yanta.hub.sharing.contents import contents_of
from yanta.hub.sharing.models import Grant, Push, ReadEntry, Subscription, Way
from yanta.kernel.base import Refused

BATCH = 200
SECONDS = 8.0
State = Push.State


def check_address(address: str, grant: Grant) -> None:
    """Pushes go where the consumer is registered, and never inside our own machine by accident."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("推送地址应以 https:// 或 http:// 开头", field="address")
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(parts.hostname, None)}
    except OSError as error:
        raise Refused(f"找不到主机 {parts.hostname}", field="address") from error
    networks = rules.networks_of(grant.consumer.networks)
    if not networks:
        raise Refused("请先给使用方登记 IP 白名单，推送只发往登记的地址", field="address")
    if not all(rules.is_allowed(one, networks) for one in found):
        raise Refused("推送地址不在使用方登记的 IP 白名单里", field="address")


def subscribe(grant: Grant, address: str) -> Subscription:
    """Push from now on; the address may be changed later, the position stays."""
    if Way.WEBHOOK not in grant.ways:
        raise Refused("这份授权不含变更推送")
    if not grant.signing_key:
        raise Refused("请先领取密钥，推送用它签名")
    check_address(address, grant)
    about = grant.dataset.about
    found = Subscription.objects.filter(grant=grant).first()
    if found is None:
        return Subscription.objects.create(grant=grant, address=address, position=subjects.position(about))
    found.address, found.state = address, Subscription.State.ACTIVE
    found.save(update_fields=["address", "state", "updated_at"])
    return found


def follow_all() -> int:
    """Look for changes behind every subscription and send what is due; returns how many batches went out."""
    return _follow(Subscription.objects.all())


def follow_subject(name: str) -> int:
    """The same for one subject, whose rows were just loaded."""
    return _follow(Subscription.objects.filter(grant__dataset__subject=name))


def _follow(subscriptions: QuerySet[Subscription]) -> int:
    live = subscriptions.filter(state=Subscription.State.ACTIVE, grant__state=Grant.State.ACTIVE)
    sent = 0
    for key in live.values_list("pk", flat=True):
        collect(key)
        sent += send_due(key)
    return sent


def collect(key: int) -> int:
    """Changes since the last look become batches of ids; the position moves with them, in one transaction."""
    with transaction.atomic():
        found = _held(key)
        if found is None:
            return 0
        about = found.grant.dataset.about
        changes = subjects.changes(about, found.position)
        ids = sorted({*changes.ids, *changes.gone_ids})
        _queue(found, ids)
        if ids or changes.position != found.position:
            found.position = changes.position
            found.save(update_fields=["position", "sequence"])
    return len(ids)


def _held(key: int) -> Subscription | None:
    rows = Subscription.objects.select_related("grant__dataset", "grant__consumer__unit")
    return rows.select_for_update(of=("self",), skip_locked=True).filter(pk=key).first()


def _queue(found: Subscription, ids: Sequence[int], *, is_test: bool = False) -> None:
    now = timezone.now()
    parts: Iterator[list[int]] = (list(ids[at : at + BATCH]) for at in range(0, len(ids), BATCH))
    pushes = []
    for part in [[]] if is_test else parts:
        found.sequence += 1
        pushes.append(
            Push(subscription=found, sequence=found.sequence, ids=part, is_test=is_test, due_at=now)
        )
    Push.objects.bulk_create(pushes)


def send_due(key: int) -> int:
    """The waiting batches of one subscription, oldest first; one that fails holds those behind it back."""
    sent = 0
    while True:
        with transaction.atomic():
            found = _held(key)
            push = _next(found) if found is not None and _may_send(found) else None
            if found is None or push is None:
                return sent
            push.subscription = found
            if not _attempt(push):
                return sent
            sent += 1


def _next(found: Subscription) -> Push | None:
    """The oldest that waits, if its time has come."""
    push = found.pushes.filter(state=State.WAITING).order_by("sequence").first()
    return push if push is not None and push.due_at <= timezone.now() else None


def _may_send(found: Subscription) -> bool:
    grant = found.grant
    return (
        found.state == Subscription.State.ACTIVE
        and grant.runs_on(timezone.localdate())
        and Way.WEBHOOK in grant.ways
        and grant.dataset.is_open
        and owners.is_in_service(grant.consumer.responsible_id)
    )


def _attempt(push: Push) -> bool:
    body = body_of(push)
    began = time.monotonic()
    push.attempts += 1
    try:
        status, error = _post(push, body.content), ""
    except (httpx.HTTPError, Refused) as problem:
        status, error = None, f"{type(problem).__name__}：{problem}"
    spent = int((time.monotonic() - began) * 1000)
    done = status is not None and 200 <= status < 300
    _settle(push, status, error, done=done)
    _log(push, body, status or 0, spent, done=done)
    return done


def _settle(push: Push, status: int | None, error: str, *, done: bool) -> None:
    push.status, push.error = status, (error or ("" if done else f"对方应答 {status}"))[:300]
    if done:
        push.state, push.sent_at = State.SENT, timezone.now()
        Subscription.objects.filter(pk=push.subscription_id).update(last_sent_at=push.sent_at)
    else:
        pause = rules.back_off(push.attempts)
        if pause is None or push.is_test:
            push.state = State.DEAD
            telling.push_dead(push)
        else:
            push.due_at = timezone.now() + pause
    push.save()


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent, and which ids are in it."""

    content: bytes
    names: tuple[str, ...]
    ids: list[int]
    persons: list[int]


def body_of(push: Push) -> Body:
    """The rows as they are now, within the grant as it is now; the others as removed if they were ever delivered."""
    grant = push.subscription.grant
    contents = contents_of(grant)
    found = contents.as_dicts(contents.rows().filter(pk__in=push.ids)) if push.ids else []
    inside = [key for key, _ in found]
    outside = entries.seen_by(grant, sorted(set(push.ids) - set(inside)))
    document: dict[str, Any] = {
        "dataset": grant.dataset.code, "version": grant.dataset.version, "sequence": push.sequence,
        "test": push.is_test, "sent_at": timezone.now().isoformat(), "rows": [row for _, row in found],
        "removed": [contents.row_key(key) for key in sorted(outside)],
    }  # fmt: skip
    return Body(orjson.dumps(document), contents.names, inside, contents.persons_of(inside))


def _post(push: Push, content: bytes) -> int:
    grant = push.subscription.grant
    check_address(push.subscription.address, grant)
    target = urlsplit(push.subscription.address)
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    at, nonce = str(int(time.time())), uuid.uuid4().hex
    text = keys.signed_text("POST", path, at, nonce, content)
    signature = keys.signature_of(str(grant.signing_key), text)
    headers = {
        "Content-Type": "application/json", "User-Agent": "Yanta", "X-Yanta-Delivery": f"{push.subscription_id}-{push.sequence}",
        "Authorization": f"{keys.SHA256} key={grant.key_id}, time={at}, nonce={nonce}, signature={signature}",
    }  # fmt: skip
    answer = httpx.post(
        push.subscription.address, content=content, headers=headers, timeout=SECONDS, follow_redirects=False
    )
    return answer.status_code


def _log(push: Push, body: Body, status: int, spent: int, *, done: bool) -> None:
    reading = entries.Reading(
        ReadEntry.How.WEBHOOK, body.names if done else (), body.ids if done else (), body.persons if done else (),
        outcome=entries.Outcome.DONE if done else entries.Outcome.FAILED, status=status, milliseconds=spent,
        detail=f"第 {push.sequence} 批" + ("（测试）" if push.is_test else ""),
    )  # fmt: skip
    entries.note(push.subscription.grant, reading)


def test(found: Subscription) -> Push:
    """An empty batch, sent at once, so that the consumer sees whether it can read it."""
    with transaction.atomic():
        held = Subscription.objects.select_for_update(of=("self",)).get(pk=found.pk)
        _queue(held, (), is_test=True)
        held.save(update_fields=["sequence"])
    send_due(found.pk)
    return found.pushes.get(sequence=held.sequence)


def replay(found: Subscription, *, after: int) -> int:
    """What was pushed after a number goes out again, as it is now, behind what waits; 0 begins with every row."""
    with transaction.atomic():
        held = Subscription.objects.select_for_update(of=("self",)).get(pk=found.pk)
        if after <= 0:
            rows = contents_of(held.grant).rows().order_by("pk")
            ids = list(rows.values_list("pk", flat=True))
        else:
            past = held.pushes.filter(sequence__gt=after).exclude(state=State.WAITING).order_by("sequence")
            ids = sorted({key for part in past.values_list("ids", flat=True) for key in part})
        _queue(held, ids)
        held.save(update_fields=["sequence"])
    return len(ids)


def retry(push: Push) -> None:
    """A batch given up is tried again now."""
    Push.objects.filter(pk=push.pk, state=State.DEAD).update(
        state=State.WAITING, attempts=0, due_at=timezone.now()
    )
