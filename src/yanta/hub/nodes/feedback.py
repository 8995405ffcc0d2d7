"""数据回流: notes that the upper node writes per row, and the work list that they become at the school."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from yanta.hub import subjects
from yanta.hub.nodes import contracts, levels
from yanta.hub.nodes.events import ReportAnswered
from yanta.hub.nodes.models import Arrival, FeedbackItem, HeldRow, Node, Notice, Stream
from yanta.kernel.events import publish
from yanta.kernel.organisation.models import OrgUnit

DAYS = 7
MOST = 500
FAULT, SHARED, FACT, CLOSED, FULL, REPORT = "fault", "shared", "fact", "closed", "full", "report"


def tell_faults(arrival: Arrival, rows: Iterable[HeldRow], *, at: datetime) -> None:
    """One note per held row, under its number in the package."""
    Notice.objects.bulk_create(
        (
            Notice(
                node_id=arrival.node_id, kind=FAULT, subject=arrival.subject, key=row.key, words=row.words,
                faults=row.faults, number=arrival.number, author=levels.own_code(), written_at=at,
            )
            for row in rows
        ),
        batch_size=1000,
    )  # fmt: skip


def tell_closed(
    node_id: int, subject: str, keys: Sequence[str], words: str, *, at: datetime, kind: str = FAULT
) -> None:
    """These rows are in order now; `kind` says which of their notes are done with."""
    Notice.objects.bulk_create(
        (
            Notice(
                node_id=node_id, kind=CLOSED, subject=subject, key=key, words=words, faults=[{"closes": kind}],
                author=levels.own_code(), written_at=at,
            )
            for key in keys
        ),
        batch_size=1000,
    )  # fmt: skip


def tell_shared(node_id: int, subject: str, key: str, words: str, *, at: datetime) -> None:
    Notice.objects.create(
        node_id=node_id, kind=SHARED, subject=subject, key=key, words=words[:500], author=levels.own_code(),
        written_at=at,
    )  # fmt: skip


def tell_fact(node: Node, words: str, *, at: datetime, subject: str = "", key: str = "") -> None:
    """A word of the upper node's people to the school."""
    Notice.objects.create(
        node=node,
        kind=FACT,
        subject=subject,
        key=key,
        words=words[:500],
        author=levels.own_code(),
        written_at=at,
    )


def ask_for_all(node: Node, subject: str, *, at: datetime) -> None:
    """The next package of the subject shall hold everything."""
    Notice.objects.create(
        node=node, kind=FULL, subject=subject, words="请报全量", author=levels.own_code(), written_at=at
    )


def tell_report(node: Node, subject: str, words: str, answer: dict[str, Any], *, at: datetime) -> None:
    """What became of a report: for whoever reported it, not for the work list of rows."""
    Notice.objects.create(
        node=node, kind=REPORT, subject=subject, words=words[:500], faults=[answer], author=levels.own_code(), written_at=at,
    )  # fmt: skip


def notes_for(node: Node, *, after: int) -> list[dict[str, Any]]:
    """The notes of a node and of those behind it, in order; at most so many at once."""
    behind = [node.pk, *node.below.values_list("pk", flat=True)]
    rows = Notice.objects.filter(node__in=behind, pk__gt=after).select_related("node").order_by("pk")[:MOST]
    return [
        {
            "serial": row.pk, "node": row.node.code, "kind": row.kind, "subject": row.subject, "key": row.key,
            "words": row.words, "faults": row.faults, "number": row.number, "author": row.author,
        }
        for row in rows
    ]  # fmt: skip


@transaction.atomic
def take(upper: Node, notes: Sequence[dict[str, Any]], *, at: datetime) -> int:
    """Turn notes into work, or hand them on to the node they are for; answers how many. Safe to be told twice."""
    upper = Node.objects.select_for_update().get(pk=upper.pk)
    fresh = [note for note in notes if note["serial"] > upper.last_note]
    for note in fresh:
        _taken(upper, note, at)
    if fresh:
        upper.last_note = max(note["serial"] for note in fresh)
        upper.save(update_fields=["last_note"])
    return len(fresh)


def _taken(upper: Node, note: dict[str, Any], at: datetime) -> None:
    if note["node"] != levels.own_code():
        _hand_on(note, at)
    elif note["kind"] == FULL:
        Stream.objects.filter(upper=upper, subject=note["subject"], origin=None).update(wants_full=True)
    elif note["kind"] == REPORT:
        code = note["subject"].removeprefix(contracts.REPORT)
        publish(ReportAnswered(author=note["author"], code=code, answer=note["faults"][0]))
    elif note["kind"] == CLOSED:
        _close(upper, note, at)
    else:
        _work(upper, note, at)


def _hand_on(note: dict[str, Any], at: datetime) -> None:
    node = Node.objects.filter(code=note["node"], relation=Node.Relation.LOWER).first()
    if node is not None:
        Notice.objects.create(
            node=node, kind=note["kind"], subject=note["subject"], key=note["key"], words=note["words"],
            faults=note["faults"], number=note["number"], author=note["author"], written_at=at,
        )  # fmt: skip


def _close(upper: Node, note: dict[str, Any], at: datetime) -> None:
    kind = (note["faults"] or [{"closes": FAULT}])[0]["closes"]
    FeedbackItem.objects.filter(upper=upper, kind=kind, subject=note["subject"], key=note["key"]).exclude(
        state=FeedbackItem.State.CLOSED
    ).update(state=FeedbackItem.State.CLOSED, ended_at=at)


def _work(upper: Node, note: dict[str, Any], at: datetime) -> None:
    """A second note on the same row takes the place of the first: there is one thing to put right."""
    name, unit = _row_facts(note["subject"], note["key"])
    values = {
        "serial": note["serial"], "words": note["words"], "faults": note["faults"], "number": note["number"],
        "name": name[:100], "unit": unit, "state": FeedbackItem.State.OPEN, "due_on": due(at), "noted_at": at,
        "ended_at": None,
    }  # fmt: skip
    same = FeedbackItem.objects.filter(
        upper=upper, kind=note["kind"], subject=note["subject"], key=note["key"]
    ).exclude(state=FeedbackItem.State.CLOSED)
    one = same.first() if note["key"] else None
    if one is None:
        FeedbackItem.objects.create(
            upper=upper, kind=note["kind"], subject=note["subject"], key=note["key"], **values
        )
        return
    for field, value in values.items():
        setattr(one, field, value)
    one.save()


@dataclass(frozen=True, slots=True)
class ReportFault:
    """What an upper node found in a report: where, in words, whose it is, where it is put right."""

    key: str
    name: str
    words: str
    check: str
    unit_id: int | None
    link: str


@transaction.atomic
def note_report(author: str, code: str, faults: Sequence[ReportFault], *, at: datetime) -> None:
    """The findings of the last answer as work beside that of rows; what it no longer finds is done with."""
    rows = Node.objects.filter(relation=Node.Relation.UPPER)
    upper = rows.filter(code=author).first() or rows.order_by("pk").first()
    if upper is None:
        return
    subject, item = f"{contracts.REPORT}{code}"[:40], FeedbackItem
    same = item.objects.filter(upper=upper, kind=item.Kind.REPORT, subject=subject)
    known = {(one.key, one.faults[0]["rule"]): one for one in same.exclude(state=item.State.CLOSED)}
    for fault in faults:
        one = known.pop((fault.key[:60], fault.check), None) or item(
            upper=upper, kind=item.Kind.REPORT, subject=subject, key=fault.key[:60], serial=0
        )
        one.name, one.words, one.unit_id = fault.name[:100], fault.words[:500], fault.unit_id
        one.faults = [{"title": fault.name, "rule": fault.check, "words": fault.words, "link": fault.link}]
        one.state, one.due_on, one.noted_at, one.ended_at = item.State.OPEN, due(at), at, None
        one.save()
    for one in known.values():
        one.state, one.ended_at = item.State.CLOSED, at
        one.save()


def report_resent(code: str) -> None:
    """The report went up again: the upper node looks at its findings anew."""
    rows = FeedbackItem.objects.filter(kind="report", subject=f"{contracts.REPORT}{code}"[:40], state="open")
    for one in rows:
        one.state = FeedbackItem.State.RESENT
        one.save()


def due(at: datetime) -> date:
    return timezone.localdate(at) + timedelta(days=DAYS)


def _row_facts(subject: str, key: str) -> tuple[str, OrgUnit | None]:
    """Who the row is about, and the unit that answers for it."""
    if not subject or subject.startswith(contracts.REPORT) or not key:
        return "", None
    found = subjects.subject(subject)
    row = found.model.objects.filter(**{found.key: key}).first()
    if row is None:
        return "", None
    unit: Any = row
    for step in (found.model.org_path or "").split("__"):
        unit = unit if step == "self" else getattr(unit, step, None) if step else None
    return str(getattr(row, "person", None) or row), unit if isinstance(unit, OrgUnit) else None
