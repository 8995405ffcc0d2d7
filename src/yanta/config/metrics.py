"""Figures for Prometheus: what the doors did and how the work stands, for addresses and tokens that are named.

Counts come from the database, so that any process of any host tells the same; only the line for hashes and the time
hashes take are those of the process that answers, which says which one it is.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric

from yanta.kernel.identity import devices, hashing
from yanta.kernel.identity.gate import public_page

_SIGN_INS = "SELECT method, outcome, count(*) FROM identity_signin WHERE at > now() - interval '5 minutes' GROUP BY 1, 2"
_DECISIONS = (
    "SELECT protocol, step, outcome, count(*) FROM applications_decision"
    " WHERE at > now() - interval '5 minutes' GROUP BY 1, 2, 3"
)
_JOBS = "SELECT queue_name, status::text, count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') GROUP BY 1, 2"
_FEEDS = (
    "SELECT f.name, coalesce(extract(epoch FROM now() - f.sent_at), 0), (f.error <> '')::int"
    " FROM trail_logfeed f WHERE f.is_open"
)
_PROVED = (
    "SELECT DISTINCT ON (log) log, is_sound::int, coalesce(extract(epoch FROM proved_to), 0)"
    " FROM trail_logcheck ORDER BY log, at DESC"
)


@public_page
def metrics(request: HttpRequest) -> HttpResponse:
    """The text format; nobody else learns that the page exists."""
    if not _may(request):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector())
    answer = HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    answer["Cache-Control"] = "no-store"
    return answer


def _may(request: HttpRequest) -> bool:
    """By `YANTA_METRICS_TOKEN`, or from a network of `YANTA_METRICS_FROM`; with neither, nobody."""
    kind, _space, shown = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and kind.lower() == "bearer":
        return hmac.compare_digest(shown.strip().encode(), settings.METRICS_TOKEN.encode())
    address = devices.address_of(request)
    if not address:
        return False
    return any(ip_address(address) in ip_network(one, strict=False) for one in settings.METRICS_FROM)


class _Collector:
    """Everything is read when it is asked for."""

    def collect(self) -> Iterator[Metric]:
        yield _counted(
            "yanta_sign_ins_5m", "Sign-ins of the last five minutes", ("method", "outcome"), _SIGN_INS
        )
        yield _counted(
            "yanta_decisions_5m", "Decisions of the doors in the last five minutes: tickets and tokens given and refused",
            ("protocol", "step", "outcome"), _DECISIONS,
        )  # fmt: skip
        yield _counted("yanta_jobs", "Background jobs waiting and running", ("queue", "status"), _JOBS)
        yield from _pairs(
            _FEEDS, "receiver",
            ("yanta_log_feed_age_seconds", "Since the receiver last took something"),
            ("yanta_log_feed_failing", "1 when the last delivery failed"),
        )  # fmt: skip
        yield from _pairs(
            _PROVED, "log",
            ("yanta_log_sound", "1 when the last verification found the log whole"),
            ("yanta_log_proved_to_timestamp_seconds", "Up to when the log is proved"),
        )  # fmt: skip
        yield from _hashing()


def _rows(statement: str) -> list[tuple[str | float, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: list[tuple[str | float, ...]] = cursor.fetchall()
    return found


def _counted(name: str, words: str, labels: tuple[str, ...], statement: str) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels)
    for *values, count in _rows(statement):
        family.add_metric([str(value) for value in values], float(count))
    return family


def _pairs(statement: str, label: str, *told: tuple[str, str]) -> Iterable[Metric]:
    """Two figures of each row."""
    families = [GaugeMetricFamily(name, words, labels=(label,)) for name, words in told]
    for named, *values in _rows(statement):
        for family, value in zip(families, values, strict=True):
            family.add_metric([str(named)], float(value))
    return families


def _hashing() -> Iterator[Metric]:
    process, pool = [str(os.getpid())], hashing.pool
    waiting = GaugeMetricFamily(
        "yanta_hash_waiting", "In line for a password hash, in this process", labels=("process",)
    )
    waiting.add_metric(process, pool.waiting)
    yield waiting
    sent = GaugeMetricFamily(
        "yanta_hash_sent_away", "Given a later turn since this process began", labels=("process",)
    )
    sent.add_metric(process, pool.sent_away)
    yield sent
    times = HistogramMetricFamily(
        "yanta_hash_seconds", "How long password hashes took, in this process", labels=("process",)
    )
    times.add_metric(process, pool.times.cumulated(), pool.times.total)
    yield times
