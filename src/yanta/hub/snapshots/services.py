"""Freezing the school's data, and destroying what was kept long enough."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any

from django.db import connection, transaction
from django.utils import timezone

from yanta.hub import subjects
from yanta.hub.snapshots import asof, parquet, receipts, rules
from yanta.hub.snapshots.models import Part, Snapshot
from yanta.hub.subjects import Subject
from yanta.kernel import files
from yanta.kernel.base import Actor, Refused
from yanta.kernel.files.storing import remove as remove_file
from yanta.kernel.jobs import start
from yanta.kernel.operation import Label, operation

PURPOSE = "snapshots.part"
MEGABYTES = 64 * 1024
Step = Callable[[int, int, str], None]
State = Snapshot.State


def _silent(done: int, total: int, text: str) -> None:
    """Nobody looks."""


@operation("冻结快照", model=Snapshot, icon="camera")
def freeze(
    *, actor: Actor, clock: Annotated[Snapshot.Clock, Label("时钟")], on: Annotated[date, Label("数据日期")],
    title: Annotated[str, Label("名称")] = "", keep_until: Annotated[date | None, Label("保存至")] = None,
) -> Snapshot:  # fmt: skip
    """All subjects at once, in the background; a past day is traced back through the history of changes."""
    from yanta.hub.snapshots.jobs import write_snapshot

    today = timezone.localdate()
    if on > today:
        raise Refused("还没到这一天", field="on")
    if not rules.is_its_day(clock, on):
        raise Refused(f"{Snapshot.Clock(clock).label}的快照只能取那一天", field="on")
    if clock != Snapshot.Clock.MANUAL and _standing(clock, on).exists():
        raise Refused("这一天的快照已经有了", field="on")
    snapshot = announce(clock, on, actor=actor, title=title, keep_until=keep_until)
    start(write_snapshot, actor=Actor.system("snapshots"), snapshot_id=snapshot.pk)
    return snapshot


def _standing(clock: str, on: date) -> Any:
    return Snapshot.objects.filter(clock=clock, on=on).exclude(state=State.REMOVED)


def announce(
    clock: str, on: date, *, actor: Actor, title: str = "", keep_until: date | None = None, basis: str = ""
) -> Snapshot:
    """The row of a snapshot that is about to be taken."""
    label = Snapshot.Clock(clock).label.partition("（")[0]
    live = on == timezone.localdate()
    return Snapshot.objects.create(
        clock=clock, on=on, title=title.strip() or f"{on.year} 年{label}快照" if clock != "manual" else title or f"{on} 手动快照",
        basis=basis or (Snapshot.Basis.LIVE if live else Snapshot.Basis.HISTORY), taken_by=actor.signature,
        keep_until=keep_until,
    )  # fmt: skip


def take(snapshot: Snapshot, *, step: Step = _silent, chosen: Sequence[Subject] | None = None) -> Snapshot:
    """Write every subject to a file out of one unmoving view of the database, then store, count and sign."""
    if snapshot.state != State.FREEZING:
        raise Refused("这份快照已经冻结")
    wanted = list(chosen or subjects.all_subjects())
    with tempfile.TemporaryDirectory(prefix="snapshot-") as folder:
        with _standing_still() as isolation:
            written = list(_written(snapshot, wanted, Path(folder), step))
        return keep(snapshot, written, isolation=isolation)


def _written(
    snapshot: Snapshot, wanted: Sequence[Subject], folder: Path, step: Step
) -> Iterator[parquet.Written]:
    if snapshot.basis != Snapshot.Basis.HISTORY:
        yield from _each(wanted, folder, step, {})
        return
    end = timezone.make_aware(datetime.combine(snapshot.on, time.max))
    with asof.standing(end, wanted) as gaps:
        yield from _each(wanted, folder, step, gaps)


def _each(
    wanted: Sequence[Subject], folder: Path, step: Step, gaps: dict[str, str]
) -> Iterator[parquet.Written]:
    for number, one in enumerate(wanted):
        step(number, len(wanted), f"冻结 {one.title}")
        yield parquet.write(one, folder, gaps=gaps.get(one.name, ""))
    step(len(wanted), len(wanted), "签名")


@contextmanager
def _standing_still() -> Iterator[str]:
    """One transaction that sees one state of the database; within a caller's transaction, that one."""
    if connection.in_atomic_block:
        yield "caller"
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield "repeatable read"


@transaction.atomic
def keep(snapshot: Snapshot, written: Iterable[parquet.Written], *, isolation: str) -> Snapshot:
    """Store the files, count, sign; from here on nothing changes any more."""
    parts = [_stored(snapshot, one) for one in written]
    snapshot.rows = sum(part.rows for part in parts)
    snapshot.state, snapshot.frozen_at = State.FROZEN, timezone.now()
    receipts.seal(snapshot, parts, isolation=isolation)
    snapshot.save()
    return snapshot


def _stored(snapshot: Snapshot, written: parquet.Written) -> Part:
    subject = written.subject
    with written.path.open("rb") as content:
        file = files.store(
            f"{snapshot.clock}-{snapshot.on}-{subject.name}.parquet", content, actor=Actor.system("snapshots"),
            purpose=PURPOSE, allow=("parquet",), megabytes=MEGABYTES, held=True,
        )  # fmt: skip
    return Part.objects.create(
        snapshot=snapshot, subject=subject.name, title=subject.title, rows=written.rows, size=file.size,
        digest=file.digest, fields=parquet.fields_of(subject), gaps=written.gaps[:300], file=file,
    )  # fmt: skip


@operation("验证", icon="shield-check", bulk=False, when=lambda row: row.state == State.FROZEN)
def verify(snapshot: Snapshot, *, actor: Actor) -> None:
    """Every file is read and its digest, its rows, the receipt and its signature are compared."""
    found = receipts.faults(snapshot)
    if found:
        raise Refused("验证不通过：" + "；".join(found), rule="snapshot.broken")


@operation(
    "销毁", icon="trash", danger=True, bulk=False, confirm="文件将被删除，凭证保留；依据它的上报只剩数字。",
    when=lambda row: row.state == State.FROZEN,
)  # fmt: skip
def remove(snapshot: Snapshot, *, actor: Actor, reason: str) -> None:
    """The files go, the receipt stays."""
    if snapshot.state != State.FROZEN:
        raise Refused("只有已冻结的快照可以销毁")
    if snapshot.keep_until is None or snapshot.keep_until >= timezone.localdate():
        raise Refused("这份快照还在保存期内，不能销毁")
    destroy(snapshot)


def destroy(snapshot: Snapshot) -> None:
    """Delete the files of a snapshot whose time is over."""
    for part in snapshot.parts.select_related("file"):
        file, part.file = part.file, None
        part.save(update_fields=["file", "updated_at"])
        if file is not None:
            remove_file(file)
    snapshot.state = State.REMOVED
    snapshot.save(update_fields=["state", "updated_at"])


def freeze_due(*, on: date, step: Step = _silent) -> list[Snapshot]:
    """Take what the clocks ask for and nobody took yet; a day that was missed is traced back."""
    taken = []
    for clock, day in rules.due(on=on):
        if not _standing(clock, day).exists():
            taken.append(take(announce(clock, day, actor=Actor.system("snapshots")), step=step))
    return taken


def destroy_expired(*, on: date) -> int:
    """What has been kept long enough goes; answers how many."""
    over = Snapshot.objects.filter(state=State.FROZEN, keep_until__lt=on)
    for snapshot in over:
        with transaction.atomic():
            destroy(snapshot)
    return len(over)
