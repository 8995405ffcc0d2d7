"""Drift on record: what a read found is compared, proposed once, and past when it is gone."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from yanta.hub.exchange import rules
from yanta.hub.exchange.connectors.base import TableShape
from yanta.hub.exchange.connectors.shapes import fingerprint, to_json
from yanta.hub.exchange.models import DriftProposal, Table
from yanta.hub.exchange.rules import Drift

State = DriftProposal.State


def noticed(table: Table, found: TableShape) -> list[Drift]:
    """What differs now; new differences become proposals, those that are gone are closed."""
    if not table.accepted.columns and found.columns:
        # Registered when there was nothing to look at (an empty drop): the first shape seen is the accepted one.
        table.shape, table.fingerprint = to_json(found), fingerprint(found)
        table.save(update_fields=["shape", "fingerprint", "updated_at"])
    drifts = rules.drift_between(table.accepted, found, aliases=table.aliases, ignored=table.ignored)
    if drifts or found.columns:
        _propose(table, drifts)
    return drifts


def _propose(table: Table, drifts: Iterable[Drift]) -> None:
    now = {drift.identity: drift for drift in drifts}
    with transaction.atomic():
        known = table.proposals.exclude(change=DriftProposal.Change.SNAPSHOT)
        decided = {(p.change, p.column, p.after) for p in known.filter(state=State.REFUSED)}
        waiting = {(p.change, p.column): p for p in known.filter(state=State.OPEN)}
        past = [p.pk for identity, p in waiting.items() if identity not in now]
        DriftProposal.objects.filter(pk__in=past).update(state=State.PAST, decided_at=timezone.now())
        for identity, drift in now.items():
            if identity not in waiting and (*identity, drift.after) not in decided:
                _open(table, drift)


def _open(table: Table, drift: Drift) -> None:
    DriftProposal.objects.create(
        table=table, change=drift.change, column=drift.column, before=drift.before, after=drift.after,
        stops=drift.stops, effect=drift.effect, otherwise=drift.otherwise,
    )  # fmt: skip


def appeared(table: Table, names: Iterable[str]) -> None:
    """Columns that showed up on the way of a read that had begun without them."""
    accepted = table.accepted
    for name in names:
        known = accepted.column(name) is not None or name in table.ignored or name.startswith("_")
        if not known and not table.proposals.filter(change="added", column=name, state=State.OPEN).exists():
            _open(
                table,
                Drift(
                    "added",
                    name,
                    "",
                    "文本",
                    False,
                    "以后一并读取这一列；要不要写入目标，由管道的映射决定",
                    "这一列不读，也不再提请",
                ),
            )


def needs_snapshot(table: Table, why: str) -> None:
    """The log no longer reaches back: said once, and until somebody decides nothing is captured silently."""
    DriftProposal.objects.get_or_create(
        table=table, change=DriftProposal.Change.SNAPSHOT, column="", state=State.OPEN,
        defaults={
            "before": table.position[:200], "after": why[:200], "stops": True,
            "effect": "清除保存的日志位置，下次运行先取一次快照（全量核对），再从新的位置继续捕获",
            "otherwise": "捕获继续停止；目标里的数据不动，可改用水位增量",
        },
    )  # fmt: skip
