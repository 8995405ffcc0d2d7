"""How long things take, and where they lie: per process and node, in one statement each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

_NODES = """
SELECT i.node, max(i.node_title), count(*),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM i.acted_at - i.arrived_at)) / 3600,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM i.acted_at - i.arrived_at)) / 3600,
       avg((i.due_at IS NOT NULL AND i.acted_at > i.due_at)::int),
       avg((i.verdict = 'return')::int)
FROM workflow_workitem i JOIN workflow_instance p ON p.id = i.instance_id
WHERE p.process = %s AND i.acted_at IS NOT NULL AND i.verdict <> 'handed' AND i.acted_at >= %s AND i.acted_at < %s
GROUP BY i.node ORDER BY min(i.serial)
"""
_WAITING = """
SELECT i.node, count(*), count(*) FILTER (WHERE i.light = 'red'),
       max(extract(epoch FROM %s - i.arrived_at)) / 3600
FROM workflow_workitem i JOIN workflow_instance p ON p.id = i.instance_id
WHERE p.process = %s AND i.state IN ('todo', 'offered') AND p.state = 'running' GROUP BY i.node
"""
_PROCESS = """
SELECT count(*), count(*) FILTER (WHERE state <> 'ended'), count(*) FILTER (WHERE outcome = 'granted'),
       count(*) FILTER (WHERE outcome = 'refused'), count(*) FILTER (WHERE outcome = 'withdrawn'),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - started_at)) / 3600,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - started_at)) / 3600
FROM workflow_instance WHERE process = %s AND started_at >= %s AND started_at < %s
"""


@dataclass(frozen=True, slots=True)
class NodeFigures:
    """Hours from arrival to signature; shares from 0 to 1; what lies there now, and how long the oldest has."""

    node: str
    title: str
    count: int
    median_hours: float
    p90_hours: float
    overdue_share: float
    returned_share: float
    waiting: int = 0
    waiting_overdue: int = 0
    oldest_hours: float = 0.0


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    started: int
    running: int
    granted: int
    refused: int
    withdrawn: int
    median_hours: float
    p90_hours: float
    nodes: tuple[NodeFigures, ...]

    @property
    def bottleneck(self) -> NodeFigures | None:
        """The step at which matters lie longest: by median hours times how many pass."""
        return max(self.nodes, key=lambda one: one.median_hours * one.count, default=None)


def figures_of(process: str, *, since: datetime, until: datetime) -> ProcessFigures:
    """Of matters handed in, and steps done, in this period."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [until, process])
        waiting = {node: (count, late, float(oldest or 0)) for node, count, late, oldest in cursor.fetchall()}
        cursor.execute(_NODES, [process, since, until])
        nodes = tuple(
            NodeFigures(
                node, title, count, float(median or 0), float(p90 or 0), float(late or 0), float(back or 0),
                *waiting.pop(node, (0, 0, 0.0)),
            )
            for node, title, count, median, p90, late, back in cursor.fetchall()
        )  # fmt: skip
        still = tuple(NodeFigures(node, node, 0, 0, 0, 0, 0, *rest) for node, rest in waiting.items())
        cursor.execute(_PROCESS, [process, since, until])
        started, running, granted, refused, withdrawn, median, p90 = cursor.fetchone()
    return ProcessFigures(
        started, running, granted, refused, withdrawn, float(median or 0), float(p90 or 0), (*nodes, *still)
    )
