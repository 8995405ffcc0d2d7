"""Pages of the share interface, and who-read-whom over a million log entries, on the demo school."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.utils import timezone

from yanta.config.demo import build
from yanta.hub.sharing import queries
from yanta.hub.sharing.models import Grant, ReadEntry
from yanta.hub.sharing.services import grants
from yanta.kernel.base import Actor
from yanta.masterdata.models import Student

ENTRIES = 1_000_000
SYSTEM = Actor.system("bench")
# Four in five entries hold a page of a hundred neighbours, one in five a hundred ids from anywhere.
FILL = """
INSERT INTO sharing_readentry (at, grant_id, consumer_id, dataset_id, version, how, outcome, status, names, rows,
    persons, count, is_exact, is_signed, milliseconds, address, person_name, detail)
SELECT now() - interval '59 days' + n * interval '5.1 seconds', g.id, g.consumer_id, g.dataset_id, 1, 'rest', 'done',
    200, ARRAY['number', 'name', 'grade'], held, held, 100, true, false, 12, '10.8.1.2', '', ''
FROM (SELECT n, CASE WHEN n %% 5 = 0 THEN far.ids ELSE int8multirange(int8range(low, low + 100)) END AS held
      FROM (SELECT n, (random() * 20000)::int8 AS low, n %% 200 AS far_at FROM generate_series(1, %s) n) drawn
      JOIN (SELECT k, (SELECT range_agg(int8range(v, v + 1))
                       FROM (SELECT (random() * 20000 + k * 0)::int8 AS v FROM generate_series(1, 100)) one) AS ids
            FROM generate_series(0, 199) k) far ON far.k = drawn.far_at) made,
     LATERAL (SELECT * FROM sharing_grant g WHERE g.id = %s) g
"""


def run(*, address: str) -> dict[str, Any]:
    """Milliseconds and rows a second of pages; milliseconds of questions to the log. ratio = slowest question ÷ 1 s."""
    build("small", today=timezone.localdate())
    grant = Grant.objects.select_related("dataset", "consumer__unit").get(
        consumer__code="library", dataset__code="student-basic"
    )
    Grant.objects.filter(pk=grant.pk).update(per_minute=6000, rows_per_day=50_000_000)
    secret = grants.issue_key(grant, actor=SYSTEM)
    pages = {f"page_{size}": _page(f"Bearer {grant.key_id}.{secret}", size) for size in (100, 1000, 5000)}
    with connection.cursor() as cursor:
        cursor.execute(FILL, [ENTRIES, grant.pk])
        cursor.execute("ANALYZE sharing_readentry")
    log = _log(grant)
    return {"ratio": max(log.values()) / 1000, "entries": ReadEntry.objects.count(), **pages, "log_ms": log}


def _page(bearer: str, size: int) -> dict[str, float]:
    client, took, rows = Client(SERVER_NAME="127.0.0.1", headers={"Authorization": bearer}), [], 0
    for _ in range(30):
        began = time.perf_counter()
        rows = len(client.get(f"/share/v1/student-basic/?limit={size}").json()["rows"])
        took.append(time.perf_counter() - began)
    median = statistics.median(took)
    return {"rows": rows, "ms": round(median * 1000, 1), "rows_per_second": round(rows / median)}


def _log(grant: Grant) -> dict[str, float]:
    today = timezone.localdate()
    month = {"since": today - timedelta(days=30), "until": today}
    person = Student.objects.order_by("-pk").values_list("person_id", flat=True)[100]
    asked = {
        "person": queries.Asked(persons=(person,), **month),
        "consumer": queries.Asked(consumer=grant.consumer_id, **month),
        "dataset": queries.Asked(dataset=grant.dataset_id, **month),
    }
    found = {
        name: _ms(lambda one=one: list(queries.log(SYSTEM, one)[: queries.PAGE]))
        for name, one in asked.items()
    }
    return {**found, "who_read_me": _ms(lambda: queries.who_read([person]))}


def _ms(question: Callable[[], Any]) -> float:
    took = []
    for _ in range(5):
        began = time.perf_counter()
        question()
        took.append(time.perf_counter() - began)
    return round(statistics.median(took) * 1000, 1)
