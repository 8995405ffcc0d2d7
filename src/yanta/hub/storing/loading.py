"""One run's findings into the database: all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import pghistory
from django.db import connection, transaction
from django.utils import timezone

from yanta.hub.models import DoubtfulPair, Receipt, Run, Source
from yanta.hub.storing import persons, receipts, records, roles, rows, values
from yanta.hub.storing.delivery import Delivery
from yanta.hub.storing.staging import execute, fetch, stage
from yanta.kernel import audit
from yanta.kernel.base import Actor, Refused

LOCK = 0x59414E54  # one data run at a time in a database


@contextmanager
def only_run() -> Iterator[None]:
    """Held by the session, so that the database lets go when the process dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise Refused("另一次数据运行正在进行，请等它结束后再试")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def bury_the_dead(at: datetime) -> int:
    """Whoever holds the lock runs alone: a run still marked as running was killed and wrote nothing."""
    return Run.objects.filter(state=Run.State.RUNNING).update(
        state=Run.State.INTERRUPTED, ended_at=at, failure="进程中断，未写入任何数据；重新运行即可"
    )


@dataclass(frozen=True)
class Loaded:
    receipt: Receipt
    touched: frozenset[int]
    row_ids: dict[int, int]


def load(run: Run, delivery: Delivery, *, actor: Actor, remembered: dict[int, int]) -> Loaded:
    """Merge rows, people, values and records, sign the receipt. `remembered` are row ids of stored rows."""
    with transaction.atomic(), pghistory.context(run=run.pk, actor=actor.name):
        sources = {source.code: source for source in Source.objects.all()}
        stored = rows.store(delivery, run_id=run.pk, sources=sources)
        row_ids = {**remembered, **stored.ids}
        known, created = persons.person_of_key(set(delivery.clusters.values()))
        touched = _merge(run, delivery, row_ids, known, created)
        _doubts(run, delivery, row_ids)
        files = receipts.write_files(run, delivery, stored, sources)
        receipt = _close(run, delivery, files, len(created), touched, actor)
    return Loaded(receipt, frozenset(touched), row_ids)


def _merge(
    run: Run,
    delivery: Delivery,
    row_ids: dict[int, int],
    known: dict[str, int],
    created: dict[str, tuple[int, str]],
) -> set[int]:
    """Persons first, for all else refers to them; their records last, from the merged values."""
    _insert_bare(created)
    persons.link(delivery, run_id=run.pk, persons=known, row_ids=row_ids)
    source_of = dict(
        fetch("SELECT id, source_id FROM hub_sourcerow WHERE id = ANY(%s)", [list(row_ids.values())])
    )
    touched = values.store(delivery.golden, run_id=run.pk, persons=known, row_ids=row_ids, sources=source_of)
    records.write_persons(touched | {pk for pk, _ in created.values()})
    person_of_row = {line: known[key] for line, key in delivery.clusters.items()}
    if delivery.clean is not None:
        roles.write(delivery.clean.to_pylist(), person_of_row)
    return touched


def _insert_bare(created: dict[str, tuple[int, str]]) -> None:
    stage("run_created", "id bigint, number text", created.values())
    blank = ", ".join(f"{name}" for name in records.PLAIN)
    execute(
        f"""INSERT INTO people_person (id, number, sort_name, {blank}, created_at, updated_at)
        SELECT id, number, '', {", ".join("''" for _ in records.PLAIN)}, now(), now() FROM run_created"""
    )


def _doubts(run: Run, delivery: Delivery, row_ids: dict[int, int]) -> None:
    """Pairs in doubt now; those that people decided stay decided, those no longer in doubt are closed."""
    pairs = (
        (
            *sorted((row_ids[doubt.left], row_ids[doubt.right])),
            doubt.score,
            doubt.explanation,
            doubt.is_joined,
        )
        for doubt in delivery.doubts
    )
    stage(
        "run_doubt", "left_id bigint, right_id bigint, score float8, explanation text, is_joined bool", pairs
    )
    execute(
        """INSERT INTO hub_doubtfulpair (left_id, right_id, score, explanation, is_joined, state, run_id, created_at, updated_at)
        SELECT left_id, right_id, score, to_jsonb(string_to_array(explanation, '、')), is_joined, 'open', %s, now(), now()
        FROM run_doubt ON CONFLICT (left_id, right_id) DO UPDATE SET score = excluded.score, state = 'open',
            explanation = excluded.explanation, is_joined = excluded.is_joined, updated_at = now()
        WHERE hub_doubtfulpair.state IN ('open', 'closed') AND (hub_doubtfulpair.state, hub_doubtfulpair.is_joined)
              IS DISTINCT FROM ('open', excluded.is_joined)""",
        [run.pk],
    )
    DoubtfulPair.objects.filter(state="open").extra(
        where=[
            "NOT EXISTS (SELECT 1 FROM run_doubt d WHERE d.left_id = hub_doubtfulpair.left_id AND d.right_id = hub_doubtfulpair.right_id)"
        ]
    ).update(state="closed")


def _close(
    run: Run, delivery: Delivery, files: list[receipts.RunFile], created: int, touched: set[int], actor: Actor
) -> Receipt:
    now = timezone.now()
    run.counts = {
        **receipts.totals(files), "persons": len(set(delivery.clusters.values())), "persons_new": created,
        "persons_touched": len(touched), "doubtful": len(delivery.doubts), "values": len(delivery.golden),
    }  # fmt: skip
    run.timings = delivery.timings
    run.state, run.ended_at, run.phase = Run.State.DONE, now, ""
    run.save()
    receipt = receipts.sign(run, files, at=now)
    audit.record("hub.run.done", actor=actor, subject=run, summary=f"{run.title}：读入 {run.counts['read']} 行",
                 data={"receipt": receipt.digest})  # fmt: skip
    return receipt
