"""Which rows of a subject changed since a position, whoever wrote them: read from the history tables.

A transaction that commits late may bring events with low numbers. So a number counts as settled only when every
transaction that could still bring a lower one has ended: each look leaves a mark (highest number given out, the first
transaction that cannot have brought one of them), and a mark holds once all transactions before that one are over.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from yanta.hub.subjects.shapes import Subject

DELETED = "delete"
MARKS = 20
# How long a first position waits for the transactions that are open just then, in seconds.
PATIENCE, PAUSE = 1.0, 0.05


@dataclass(frozen=True, slots=True)
class Changes:
    """`ids` were added or altered; `gone` are the keys, `gone_ids` the ids of deleted rows; go on from `position`."""

    ids: list[int]
    gone: list[str]
    position: str
    gone_ids: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.ids or self.gone)


def position(subject: Subject) -> str:
    """Where the history stands now: what is read after this call and the changes since leave nothing out.

    While a transaction that began before stays open, the position lies at the very beginning: more is told, never less.
    """
    return json.dumps({path: _first(model) for path, model in _watched(subject).items()})


def changes(subject: Subject, after: str) -> Changes:
    """What happened to the subject's rows after a position, once each, in the order of their ids."""
    before = json.loads(after)
    now: dict[str, Any] = {}
    touched: set[int] = set()
    gone: list[str] = []
    for path, model in _watched(subject).items():
        stood = before.get(path, {"until": 0})
        now[path] = _settled(model, stood)
        ids, keys = _events(subject, model, path, stood["until"], now[path]["until"])
        touched |= ids
        gone += keys
    alive = list(subject.model.objects.filter(pk__in=touched).order_by("pk").values_list("pk", flat=True))
    return Changes(alive, gone, json.dumps(now), sorted(touched - set(alive)))


def _watched(subject: Subject) -> dict[str, Any]:
    """path → the model there whose history tells of the subject's fields."""
    found: dict[str, Any] = {}
    for path in dict.fromkeys(["", *(one.via for one in subject.fields)]):
        model: Any = subject.model
        for step in path.split("__") if path else []:
            model = model._meta.get_field(step).remote_field.model
        if getattr(model, "history", False):
            found[path] = model
    return found


def _history(model: Any) -> Any:
    return model._meta.get_field("history_events").related_model


def _first(model: Any) -> dict[str, Any]:
    stood = _settled(model, {})
    until = time.monotonic() + PATIENCE
    while stood["marks"] and not stood["until"] and time.monotonic() < until:
        time.sleep(PAUSE)
        stood = _settled(model, stood)
    return stood


def _settled(model: Any, stood: dict[str, Any]) -> dict[str, Any]:
    """The highest settled event number, and the marks that are not settled yet."""
    given, begun, ended = _look(_history(model)._meta.db_table)
    marks = [*stood.get("marks", []), [begun, given]]
    until = max([stood.get("until", 0), *(number for mark, number in marks if mark <= ended)])
    open_marks = [mark for mark in marks if mark[0] > ended]
    return {"until": until, "marks": open_marks[:1] + open_marks[1:][-MARKS:]}


# Whoever writes holds a lock on its own transaction number until it has ended, also when it is prepared, and whatever
# the numbers that ended before: the snapshot alone does not know of one that is open with the highest number of all.
# Not waited for: this transaction, whose rows are seen here, and those of other databases, which cannot write this history.
_OPEN = """
WITH now AS (SELECT pg_snapshot_xmax(it) AS beyond, it FROM pg_current_snapshot() it),
others AS (SELECT pid FROM pg_stat_activity WHERE datname <> current_database()),
writing AS (
    SELECT beyond::text::bigint + mod(held.transactionid::text::bigint - mod(beyond::text::bigint, 4294967296)
        + 6442450944, 4294967296) - 2147483648 AS number
    FROM pg_locks held, now
    WHERE held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock' AND held.granted
      AND held.pid IS DISTINCT FROM pg_backend_pid() AND NOT EXISTS (SELECT FROM others WHERE others.pid = held.pid)
),
seen AS (
    SELECT open::text::bigint AS number FROM now, pg_snapshot_xip(it) open
    WHERE open IS DISTINCT FROM pg_current_xact_id_if_assigned() AND NOT EXISTS (
        SELECT FROM pg_stat_activity other WHERE other.datname <> current_database()
          AND other.backend_xid::text::bigint = mod(open::text::bigint, 4294967296))
)
SELECT greatest(beyond::text::bigint, (SELECT max(number) + 1 FROM writing)),
    coalesce((SELECT min(number) FROM seen), beyond::text::bigint),
    current_setting('transaction_isolation')
FROM now"""


def _look(table: str) -> tuple[int, int, int]:
    """Highest event number given out; the first transaction that cannot have brought one of them; the first still open.

    The number is asked for before the transactions: what ends between the two is seen by whatever is read afterwards.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'pgh_id')", [table])
        cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {cursor.fetchone()[0]}")
        given = int(cursor.fetchone()[0])
        cursor.execute(_OPEN)
        begun, ended, isolation = cursor.fetchone()
    if isolation != "read committed":
        raise RuntimeError(
            "changes are followed in read committed transactions only: a frozen view misses late commits"
        )
    return given, int(begun), int(ended)


def _events(subject: Subject, model: Any, path: str, after: int, until: int) -> tuple[set[int], list[str]]:
    found = _history(model).objects.filter(pgh_id__gt=after, pgh_id__lte=until)
    ids = set(found.order_by().values_list("pgh_obj_id", flat=True).distinct())
    if path:
        of_these = (
            subject.model.objects.filter(**{f"{path}__in": ids}) if ids else subject.model.objects.none()
        )
        return set(of_these.values_list("pk", flat=True)), []
    keys = found.filter(pgh_label=DELETED).values_list(subject.key, flat=True)
    return ids, [str(key) for key in keys]
