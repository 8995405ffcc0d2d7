"""Computing and keeping figures, with a receipt; comparing what ought to be equal afterwards."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated

from django.db import connection, transaction
from django.utils import timezone

from yanta.hub.snapshots import public as snapshots
from yanta.hub.warehouse import boards, clocks, computing
from yanta.hub.warehouse.models import Clock, Computation, IndicatorValue
from yanta.hub.warehouse.services import dictionary
from yanta.kernel.base import Actor
from yanta.kernel.operation import Label, operation

DAYS_KEPT = 400
BATCH = 2000


def record(
    on: date, *, actor: Actor, clock: str = clocks.NOW, codes: Sequence[str] | None = None, note: str = ""
) -> Computation:
    """Compute a day's figures and keep them; doing it again changes nothing and says so."""
    dictionary.take_over(on=on)
    boards.declare()
    receipt = Computation(on=on, clock=clock, started_at=timezone.now(), note=note, asked_by=actor.signature)
    computed = computing.compute(on, clock=clock, codes=codes)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"warehouse {clock} {on}"])
        receipt.save()
        _keep(receipt, computed, is_partial=codes is not None)
        receipt.indicators, receipt.failures = computed.indicators, computed.failures
        receipt.ended_at = timezone.now()
        receipt.save()
    return receipt


def follow(subject: str, *, on: date, actor: Actor) -> Computation | None:
    """Compute anew what counts rows of a subject, and whatever is made of that; then compare."""
    from yanta.hub.warehouse.services import comparing

    versions = computing.versions_on(on)
    codes = {
        one.indicator.code
        for one in versions
        if any(part.get("subject") == subject for part in one.parts.values())
    }
    while (
        more := {
            one.indicator.code
            for one in versions
            if any(part.get("indicator") in codes for part in one.parts.values())
        }
        - codes
    ):
        codes |= more
    if not codes:
        return None
    receipt = record(on, actor=actor, codes=sorted(codes), note=f"数据变动：{subject}")
    comparing.compare(on=on)
    return receipt


def record_frozen(*, actor: Actor) -> list[Computation]:
    """The figures of every frozen snapshot that has none yet."""
    known = set(Computation.objects.exclude(clock=clocks.NOW).values_list("clock", "on"))
    wanted = [
        (clock, on)
        for clock, on in snapshots.frozen_days()
        if (clock, on) not in known and clock in Clock.values
    ]
    return [record(on, actor=actor, clock=clock) for clock, on in wanted]


def _keep(receipt: Computation, computed: computing.Computed, *, is_partial: bool) -> None:
    stored = IndicatorValue.objects.filter(clock=receipt.clock, on=receipt.on)
    if is_partial:
        stored = stored.filter(indicator_id__in={one.indicator_id for one in computed.figures})
    before = {(one.indicator_id, one.unit_id): one for one in stored.select_for_update(no_key=True)}
    new, changed = [], []
    for figure in computed.figures:
        old = before.pop((figure.indicator_id, figure.unit_id), None)
        if old is None:
            new.append(_value(receipt, figure))
        elif _differs(old, figure):
            changed.append(_altered(old, receipt, figure))
    IndicatorValue.objects.bulk_create(new, batch_size=BATCH)
    IndicatorValue.objects.bulk_update(
        changed, ["value", "parts", "version", "computation"], batch_size=BATCH
    )
    IndicatorValue.objects.filter(pk__in=[one.pk for one in before.values()]).delete()
    receipt.values_read, receipt.values_new, receipt.values_changed = (
        len(computed.figures),
        len(new),
        len(changed),
    )
    receipt.values_unchanged = len(computed.figures) - len(new) - len(changed)
    receipt.values_gone = len(before)


def _value(receipt: Computation, figure: computing.Figure) -> IndicatorValue:
    return IndicatorValue(
        indicator_id=figure.indicator_id, version_id=figure.version_id, unit_id=figure.unit_id, clock=receipt.clock,
        on=receipt.on, value=figure.value, parts=figure.parts, computation=receipt,
    )  # fmt: skip


def _differs(old: IndicatorValue, figure: computing.Figure) -> bool:
    return (old.value, old.parts, old.version_id) != (figure.value, figure.parts, figure.version_id)


def _altered(old: IndicatorValue, receipt: Computation, figure: computing.Figure) -> IndicatorValue:
    old.value, old.parts, old.version_id, old.computation = (
        figure.value,
        figure.parts,
        figure.version_id,
        receipt,
    )
    return old


def thin_out(*, on: date) -> int:
    """Of days long past the last of each month is kept; answers how many values went."""
    limit = on - timedelta(days=DAYS_KEPT)
    old = IndicatorValue.objects.filter(clock=clocks.NOW, on__lt=limit)
    days = [day for day in old.order_by().values_list("on", flat=True).distinct() if not _is_last(day)]
    return old.filter(on__in=days).delete()[0]


def _is_last(day: date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


@operation("重新计算", model=Computation, icon="refresh")
def recompute(
    *,
    actor: Actor,
    on: Annotated[
        date | None, Label("日期", "留空为今天；过去的日期按实时数据重算没有意义，会被拒绝")
    ] = None,
) -> Computation:
    """All figures of today, now."""
    from yanta.hub.warehouse.services import comparing
    from yanta.kernel.base import Refused

    today = timezone.localdate()
    if on not in (None, today):
        raise Refused("只能重算今天：过去某天的数据要从快照计算", field="on")
    receipt = record(today, actor=actor)
    comparing.compare(on=today)
    return receipt
