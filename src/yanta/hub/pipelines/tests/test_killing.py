"""Kill -9 at random moments, of the run and of the database: nothing lost, nothing doubled, accounts and table agree.

The upper node is killed in `hub/nodes`. Each turn the source has new and changed rows, so that each run has work.
"""

from __future__ import annotations

import random
import subprocess
import time
from typing import Any

import psycopg
import pytest
from django.db import connection

from yanta.hub.exchange.tests import servers
from yanta.hub.pipelines.models import Pipeline, PipelineReceipt, PipelineRun
from yanta.hub.pipelines.running import accounts
from yanta.hub.pipelines.tests.factories import ListConnector, go, make_pipeline, room
from yanta.hub.pipelines.tests.killing import ended, forked, kill_cluster, killed_within
from yanta.masterdata.models import Building, Room

pytestmark = pytest.mark.django_db(transaction=True)
RUN_KILLS, CLUSTER_KILLS = 22, 10
AGREES = """
    SELECT (SELECT count(*) FROM masterdata_room) = coalesce(sum((document->'counts'->>'new')::int), 0),
           (SELECT count(*) FROM masterdata_room) = coalesce((SELECT (r.document->'target'->>'after')::int
               FROM pipelines_pipelinereceipt r ORDER BY id DESC LIMIT 1), 0),
           (SELECT count(*) FROM pipelines_pipelinerun WHERE state = 'done') = count(*),
           (SELECT count(*) FROM pipelines_runpart) = count(*)
    FROM pipelines_pipelinereceipt"""


def more_work(source: ListConnector, turn: int) -> None:
    """Five rooms more, five with other seats."""
    source.rows += [room(1000 + 5 * turn + n) for n in range(5)]
    for row in source.rows[turn : turn + 5]:
        row["ZWS"] = str(60 + turn)


def seats(rows: list[dict[str, Any]]) -> dict[str, int]:
    return {row["FJH"]: int(row["ZWS"]) for row in rows}


def test_a_run_killed_anywhere_leaves_all_or_nothing(source: ListConnector) -> None:
    pipeline = make_pipeline()
    draw, kills, turn = random.Random(20261121), 0, 0
    while kills < RUN_KILLS:
        more_work(source, turn)
        kills += killed_within(0.9, lambda: go(pipeline), draw)
        turn += 1
        with connection.cursor() as cursor:
            cursor.execute(AGREES)
            assert cursor.fetchone() == (True, True, True, True), f"after kill {kills}"

    go(pipeline)  # takes up what an interrupted run had read
    last = go(pipeline)
    assert seats(source.rows) == dict(Room.objects.values_list("number", "seats"))
    assert go(pipeline).counts["unchanged"] == len(source.rows)
    assert [accounts.faults(one) for one in PipelineReceipt.objects.all()] == [
        []
    ] * PipelineReceipt.objects.count()
    assert not PipelineRun.objects.filter(state="running").exists()
    assert last.state == "done"


@pytest.mark.skipif(
    servers.postgres_binaries() is None, reason="no PostgreSQL server here whose processes could be killed"
)
def test_a_database_killed_anywhere_comes_back_whole(source: ListConnector, building: Building) -> None:
    pipeline, draw = make_pipeline(), random.Random(4711)
    with servers.postgres() as server:
        copy_into(server)
        place = {
            "HOST": "127.0.0.1",
            "PORT": str(server.port),
            "USER": "postgres",
            "PASSWORD": "",
            "NAME": "postgres",
        }
        for turn in range(CLUSTER_KILLS):
            more_work(source, turn)
            child = forked(lambda: run_there(pipeline.code), database=place)
            time.sleep(draw.uniform(0, 0.9))
            kill_cluster(server.place / "data")
            ended(child)
            started_again(server)
            assert asked(server, AGREES) == [(True, True, True, True)], f"after kill {turn + 1}"

        assert ended(forked(lambda: run_there(pipeline.code), database=place))  # takes up what was read
        assert ended(forked(lambda: run_there(pipeline.code), database=place))
        assert dict(asked(server, "SELECT number, seats::int FROM masterdata_room")) == seats(source.rows)
        assert asked(server, AGREES) == [(True, True, True, True)]


def started_again(server: servers.PostgresServer) -> None:
    """As soon as the last process of the killed cluster has let go of its memory."""
    for _ in range(50):
        try:
            return server.start()
        except subprocess.CalledProcessError:
            time.sleep(0.1)
    raise AssertionError((server.place / "log").read_text()[-2000:])


def run_there(code: str) -> None:
    go(Pipeline.objects.get(code=code))


def copy_into(server: servers.PostgresServer) -> None:
    """This test's database, schema and rows, into the cluster that will be killed."""
    address = psycopg.conninfo.make_conninfo(
        **{
            name: value
            for name, value in connection.get_connection_params().items()
            if name in ("host", "port", "user", "password", "dbname")
        }
    )
    dump = subprocess.run(
        [server.binaries / "pg_dump", "--no-owner", "--no-privileges", "--dbname", address],
        capture_output=True,
        check=True,
    )
    subprocess.run(
        [server.binaries / "psql", "-q", "-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres", "-d", "postgres"],
        input=dump.stdout, check=True, capture_output=True,
    )  # fmt: skip


def asked(server: servers.PostgresServer, query: str) -> list[tuple[Any, ...]]:
    """An answer, once the cluster has recovered."""
    where = f"host=127.0.0.1 port={server.port} user=postgres dbname=postgres"
    for _ in range(100):
        try:
            with psycopg.connect(where) as line:
                return line.execute(query).fetchall()
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise AssertionError("the cluster did not come back")
