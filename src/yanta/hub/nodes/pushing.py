"""The pushing side: build what is due, send what waits from where it broke off, keep the receipt, fetch feedback.

Nothing is held while the network is waited for; a pusher that is killed leaves only a package that waits.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from yanta.hub import subjects
from yanta.hub.nodes import building, contracts, feedback, forwarding, receipts, sealing, wire
from yanta.hub.nodes.client import Client, Rejected, Unreachable
from yanta.hub.nodes.models import Node, Package, PackagePart, Stream
from yanta.kernel.base import Refused

log = logging.getLogger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=15)
PULL_EVERY = timedelta(seconds=60)
LOOK_EVERY = timedelta(seconds=4)
# The package itself is what is wrong; sending it again would not help.
FINAL = {
    "nodes.manifest",
    "nodes.subject",
    "nodes.fields",
    "nodes.wrong-node",
    "nodes.signature",
    "nodes.old-key",
}


def push_due(*, at: datetime) -> int:
    """What the clock asks for, for every upper node; answers how many packages were acknowledged."""
    done = 0
    for upper in uppers():
        try:
            done += push_node(upper, at=at)
        except (Unreachable, Refused) as problem:
            Node.objects.filter(pk=upper.pk).update(note=str(problem)[:200])
    return done


def look_anew(subject: str) -> None:
    """The next push looks for changes of this subject at once."""
    Stream.objects.filter(subject=subject, origin=None).update(checked_at=None)


def uppers() -> list[Node]:
    return list(Node.objects.filter(relation=Node.Relation.UPPER, state=Node.State.ACTIVE))


def push_node(upper: Node, *, at: datetime, now: bool = False) -> int:
    """Everything for one upper node, in the order of dependence. `now`: a person asked, so no pause counts."""
    with _alone(upper) as mine:
        if not mine:
            return 0
        streams = [
            one for one in _active(upper) if now or one.next_attempt_at is None or one.next_attempt_at <= at
        ]
        for stream in streams:
            if _has_source(stream) and (now or _is_due(stream, at)):
                _look(stream, at)
        pull_due = now or upper.pulled_at is None or upper.pulled_at + PULL_EVERY <= at
        waiting = [one for one in streams if one.packages.filter(state__in=Package.OPEN).exists()]
        if not waiting and not pull_due:
            return 0
        return _converse(upper, waiting, pull_due, at)


def _active(upper: Node) -> list[Stream]:
    found = Stream.objects.filter(upper=upper, state=Stream.State.ACTIVE).select_related("upper", "origin")
    return sorted(found, key=lambda one: (one.origin_id or 0, contracts.rank(one.subject)))


def _has_source(stream: Stream) -> bool:
    """Built from the school's own rows; reports are built by whoever signs them, others' data are passed on."""
    return stream.origin_id is None and not stream.subject.startswith(contracts.REPORT)


def _is_due(stream: Stream, at: datetime) -> bool:
    return stream.checked_at is None or stream.wants_full or stream.checked_at + LOOK_EVERY <= at


def _look(stream: Stream, at: datetime) -> None:
    """Build the next package; what cannot be built says so on the state page and holds up no other stream."""
    try:
        building.build(stream, at=at)
    except Refused as refusal:
        Stream.objects.filter(pk=stream.pk).update(error=refusal.message[:300])


def _converse(upper: Node, waiting: list[Stream], pull_due: bool, at: datetime) -> int:
    done = 0
    with Client(upper) as client:
        for stream in waiting:
            try:
                done += _push_stream(client, stream)
            except (Unreachable, Refused) as problem:
                if not _put_off(stream, problem):
                    return done
        if pull_due or done:
            _pull(client, upper)
    return done


def _put_off(stream: Stream, problem: Exception) -> bool:
    """Remember why and when to try again; False when the node as a whole cannot be talked to."""
    at = timezone.now()
    stream.refresh_from_db()
    stream.attempts += 1
    pause = min(FIRST_PAUSE * 2 ** min(stream.attempts - 1, 10), LONGEST_PAUSE)
    stream.next_attempt_at, stream.error = at + pause, str(problem)[:300]
    stream.waiting_since = stream.waiting_since or at
    stream.save()
    log.info("stream %s waits: %s", stream.pk, problem)
    return not isinstance(problem, Unreachable)


def _push_stream(client: Client, stream: Stream) -> int:
    done = 0
    for package in stream.packages.filter(state__in=Package.OPEN).order_by("number"):
        try:
            receipt = send(client, package)
        except Rejected as rejection:
            if not _answer_rejection(stream, package, rejection):
                raise
            break
        if receipt is None:
            break
        settle(package, client.node, receipt)
        done += 1
    return done


def send(client: Client, package: Package) -> dict[str, Any] | None:
    """Announce, send what is missing, commit; the receipt, or None when the upper node is still at it."""
    told = client.post(
        "/packages",
        {
            "manifest": package.manifest, "signature": package.signature,
            "introduced": forwarding.introduction(package.stream),
        },
    )  # fmt: skip
    if "receipt" not in told and told["state"] == "receiving":
        for number, start in enumerate(told["offsets"]):
            _send_part(client, package, number, start)
        told = client.post(f"/packages/{package.digest}/commit")
    if "receipt" in told:
        return dict(told["receipt"])
    Package.objects.filter(pk=package.pk, state=Package.State.WAITING).update(state=Package.State.SENT)
    return None


def _send_part(client: Client, package: Package, number: int, start: int) -> None:
    part = PackagePart.objects.filter(package=package, number=number).first()
    content = sealing.unseal(part.content) if part else b""
    while start < len(content):
        piece = content[start : start + wire.CHUNK_BYTES]
        path = f"/packages/{package.digest}/parts/{number}?start={start}"
        start = int(client.ask("PUT", path, piece)["start"])


@transaction.atomic
def settle(package: Package, upper: Node, found: dict[str, Any]) -> None:
    """Receipt kept, package done, content dropped, stream in good standing: together."""
    at = timezone.now()
    receipts.accept(package, upper, found)
    Package.objects.filter(pk=package.pk).update(state=Package.State.DONE, ended_at=at, error="")
    PackagePart.objects.filter(package=package).delete()
    Stream.objects.filter(pk=package.stream_id).update(
        acknowledged_at=at, attempts=0, next_attempt_at=None, waiting_since=None, error=""
    )


def _answer_rejection(stream: Stream, package: Package, rejection: Rejected) -> bool:
    """Whether the rejection told us what to do about it."""
    if rejection.rule == "nodes.order":
        _find_place(stream, package, int(rejection.facts.get("last", 0)))
        return True
    if rejection.rule in FINAL:
        _give_up(stream, package, rejection.message)
        return True
    return False


@transaction.atomic
def _find_place(stream: Stream, package: Package, last: int) -> None:
    """The upper node stands elsewhere: what waits is replaced by everything, numbered after what it has."""
    stream = Stream.objects.select_for_update().get(pk=stream.pk)
    open_ = stream.packages.filter(state__in=Package.OPEN)
    PackagePart.objects.filter(package__in=open_).delete()
    open_.update(
        state=Package.State.SUPERSEDED, ended_at=timezone.now(), error=f"上级收到第 {last} 包为止，改报全量"
    )
    stream.wants_full, stream.next_number = True, max(stream.next_number, last + 1)
    stream.attempts, stream.next_attempt_at, stream.error = 0, None, ""
    stream.save()
    if stream.origin is not None:
        feedback.ask_for_all(stream.origin, stream.subject, at=timezone.now())


@transaction.atomic
def _give_up(stream: Stream, package: Package, words: str) -> None:
    """A person has to look: the stream stops, and what the package held goes with the next one."""
    stream = Stream.objects.select_for_update().get(pk=stream.pk)
    PackagePart.objects.filter(package=package).delete()
    Package.objects.filter(pk=package.pk).update(
        state=Package.State.REFUSED, ended_at=timezone.now(), error=words[:300]
    )
    stream.state, stream.error, stream.wants_full = Stream.State.PAUSED, words[:300], True
    stream.save()


def _pull(client: Client, upper: Node) -> None:
    """What the upper node asks for, and what it found."""
    try:
        hello = client.get("/hello")
        take_demands(upper, hello["demands"])
        while True:
            upper.refresh_from_db()
            notes = client.get(f"/notices?after={upper.last_note}")["notes"]
            if not feedback.take(upper, notes, at=timezone.now()):
                break
    except (Unreachable, Refused) as problem:
        Node.objects.filter(pk=upper.pk).update(pulled_at=timezone.now(), note=str(problem)[:200])
        return
    Node.objects.filter(pk=upper.pk).update(pulled_at=timezone.now(), seen_at=timezone.now(), note="")


@transaction.atomic
def take_demands(upper: Node, demands: list[dict[str, Any]]) -> None:
    """A demanded subject becomes a stream that waits for a person's word; one no longer demanded ends."""
    wanted = {one["subject"]: one for one in demands}
    for agreed in contracts.offered():
        demand = wanted.get(agreed.subject)
        if demand is None:
            continue
        fields = [name for name in agreed.fields if name in demand["fields"]]
        stream, is_new = Stream.objects.get_or_create(
            upper=upper, subject=agreed.subject, origin=None,
            defaults={
                "title": contracts.title_of(agreed.subject), "owner": _owner(agreed.subject), "fields": fields,
                "every_minutes": demand["every_minutes"],
            },
        )  # fmt: skip
        if not is_new and (stream.fields != fields or stream.state == Stream.State.ENDED):
            stream.fields, stream.wants_full = fields, True
            stream.state = Stream.State.PROPOSED if stream.state == Stream.State.ENDED else stream.state
            stream.save()
    own = Stream.objects.filter(upper=upper, origin=None).exclude(subject__startswith=contracts.REPORT)
    own.exclude(subject__in=wanted).exclude(state=Stream.State.ENDED).update(state=Stream.State.ENDED)


def _owner(subject: str) -> str:
    return subjects.subject(subject).owner


@contextmanager
def _alone(upper: Node) -> Iterator[bool]:
    """One conversation with a node at a time; the lock goes with the connection of a pusher that dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('yanta.nodes.push'), %s)", [upper.pk % 2**31])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_unlock(hashtext('yanta.nodes.push'), %s)", [upper.pk % 2**31]
                )
