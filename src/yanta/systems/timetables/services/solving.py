"""A term's meetings put into a timetable: at first all of them, then better and better until the time is over."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from django.db import connection, transaction
from django.utils import timezone

from yanta.kernel import jobs
from yanta.kernel.base import Actor, Refused
from yanta.kernel.jobs import Cancelled, Progress
from yanta.kernel.jobs.models import JobRun
from yanta.kernel.operation import Label, operation
from yanta.systems.timetables.models import Placement, Version
from yanta.systems.timetables.queries import slots
from yanta.systems.timetables.rules import placing
from yanta.systems.timetables.rules.clashes import Slot
from yanta.systems.timetables.rules.placing import Grid

Status = Version.Status
NOT_YET = "还没有排"
COPIED = (
    "department_id", "course_id", "section_id", "section_number", "campus_id", "teachers", "classes", "wishes", "size", "weeks",
    "periods", "room_kind", "features",
)  # fmt: skip
Told = Callable[[int, int, str], None]


@operation("自动排课", icon="wand", bulk=False, roles=("owner",), when=lambda version: version.is_open)
def solve(
    version: Version, *, actor: Actor,
    minutes: Annotated[int, Label("改进几分钟", "先排上，再用这么久改进；可随时停止，保留最好的结果")] = 3,
) -> None:  # fmt: skip
    """In the background. What is placed already stays the start; a second run goes on from the first."""
    from yanta.systems.timetables.jobs import make_timetable

    _require_open(version)
    if not 0 <= minutes <= 60:
        raise Refused("请填 0 到 60 分钟", field="minutes")
    if JobRun.objects.filter(pk=version.run_id).exclude(state__in=JobRun.ENDED).exists():
        raise Refused("这个版本已在排队或求解")
    run = jobs.start(make_timetable, actor=actor, version_id=version.pk, seconds=minutes * 60)
    version.run_id = run.pk
    version.save(update_fields=["run_id", "updated_at"])


@operation(
    "停止排课", icon="player-stop", bulk=False, roles=("owner",),
    when=lambda version: version.status == Status.SOLVING,
)  # fmt: skip
def stop(version: Version, *, actor: Actor) -> None:
    """The search ends and keeps the best; a version whose search died is a draft again."""
    run = JobRun.objects.filter(pk=version.run_id).first()
    if run is not None and not run.has_ended:
        JobRun.objects.filter(pk=run.pk).update(cancel_requested=True)
        return
    recover(version)


def recover(version: Version) -> None:
    """No search works on it any more."""
    Version.objects.filter(pk=version.pk, status=Status.SOLVING).update(status=Status.DRAFT)


def _require_open(version: Version) -> None:
    if not version.is_open:
        raise Refused(f"这个版本{version.get_status_display()}，不能再排")


def arrange(version_id: int, *, seconds: float, progress: Progress) -> dict[str, Any]:
    """The whole run: tasks into placements, all placed, improved, kept, and the receipt."""
    version = Version.objects.get(pk=version_id)
    if version.status not in (Status.DRAFT, Status.READY, Status.SOLVING):
        raise Refused(f"这个版本{version.get_status_display()}，不能再排")
    Version.objects.filter(pk=version_id).update(status=Status.SOLVING)
    try:
        receipt = _arranged(version, seconds, progress)
    except BaseException:
        recover(version)
        raise
    ready = Status.DRAFT if receipt["unplaced"] or not receipt["total"] else Status.READY
    Version.objects.filter(pk=version_id).update(status=ready, receipt=receipt, solved_at=timezone.now())
    return receipt


def _arranged(version: Version, seconds: float, progress: Progress) -> dict[str, Any]:
    begun = time.monotonic()
    synchronise(version)
    grid = Grid(slots.places(), last_period=slots.last_period())
    told = _Told(progress)
    left = _first(version, grid, told)
    keep(version, grid, left)
    first = time.monotonic() - begun
    if not told.stopped:
        left = improve(grid, left, begun + first + seconds, told)
        keep(version, grid, left)
    reasons = Counter(placing.why_not(grid, slot) for slot in left)
    return {
        "total": len(grid.slots) + len(left), "placed": len(grid.slots), "unplaced": len(left), "reasons": dict(reasons),
        "first_seconds": round(first, 1), "seconds": round(time.monotonic() - begun, 1), "cost": grid.price(),
        "stopped": told.stopped,
    }  # fmt: skip


class _Told:
    """Progress that takes a wish to stop as the end of the search, not of what it found."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.stopped = progress, False

    def __call__(self, done: int, total: int, text: str) -> None:
        try:
            self.progress.step(done, total, text)
        except Cancelled:
            self.stopped = True


def synchronise(version: Version) -> None:
    """The placements follow the teaching tasks: new ones come, dropped ones go, changed ones keep their time."""
    wanted = slots.wanted_of(version.term_id)
    if not wanted:
        raise Refused("这个学期还没有教学任务，请先在开课里生成并锁定")
    present = {(one.meeting_id, one.turn, one.group): one for one in version.placements.all()}
    fresh, changed = [], []
    for values in wanted:
        one = present.pop((values["meeting_id"], values["turn"], values["group"]), None)
        if one is None:
            fresh.append(Placement(version=version, problem=NOT_YET, **values))
            continue
        if any(getattr(one, name) != values[name] for name in COPIED):
            for name in COPIED:
                setattr(one, name, values[name])
            changed.append(one)
    with transaction.atomic():
        Placement.objects.filter(pk__in=[one.pk for one in present.values()]).delete()
        Placement.objects.bulk_create(fresh, batch_size=1000)
        Placement.objects.bulk_update(changed, COPIED, batch_size=500)


def refresh(section_id: int) -> None:
    """A teaching task changed after the lock: the versions that are not void follow it, times stay; conflicts show on the board."""
    rows = Placement.objects.filter(section_id=section_id).exclude(version__status=Status.VOID)
    for term_id in set(rows.values_list("version__term", flat=True)):
        tasks = {
            (one["meeting_id"], one["turn"], one["group"]): one for one in slots.wanted_of(term_id) or []
        }
        for row in rows.filter(version__term=term_id):
            values = tasks.get((row.meeting_id, row.turn, row.group), {})
            for name, value in values.items():
                setattr(row, name, value)
            row.save()


def _first(version: Version, grid: Grid, told: _Told) -> list[Slot]:
    """What is placed without a conflict stays; the rest finds a place."""
    rest = []
    for slot in slots.slots_of(version):
        if slot.weekday is not None and grid.holds(slot):
            grid.put(slot)
        else:
            rest.append(slot.at(0, 0, None))
    return placing.construct(
        rest, grid, told=lambda done, total: told(done, total, f"已排 {done} / {total} 次课")
    )


def improve(grid: Grid, left: Sequence[Slot], until: float, told: _Told) -> list[Slot]:
    """Better places for single meetings, again and again; what found none is tried again now and then."""
    draw, rest = random.Random(11), list(left)  # noqa: S311 - a search, the same every time
    keys, begun, best = sorted(grid.slots), time.monotonic(), grid.price()
    tried = 0
    while keys and time.monotonic() < until and not told.stopped:
        grid.better(draw.choice(keys))
        tried += 1
        if tried % 200 == 0:
            grid.journal.clear()
            rest = [
                slot
                for slot in rest
                if not placing.insert(grid, slot) and not placing.push(grid, slot, placing.DEPTH)
            ]
            best = min(best, grid.price())
            spent = int(time.monotonic() - begun)
            told(spent, int(until - begun), f"没排上 {len(rest)} 次课，最好的不便分 {best}，已试 {tried} 次")
    return rest


def keep(version: Version, grid: Grid, left: Sequence[Slot]) -> None:
    """The timetable of the grid into the database, in one transaction."""
    rows = [(one.id, one.weekday, one.first, one.room, "") for one in grid.slots.values()]
    rows += [(one.id, None, None, None, placing.why_not(grid, one)) for one in left]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_KEEP, [[*column] for column in zip(*rows, strict=True)] + [version.pk])


_KEEP = """
UPDATE timetables_placement p
SET weekday = f.weekday, first_period = f.first_period, room_id = f.room, problem = f.problem, updated_at = now()
FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::bigint[], %s::text[]) f (id, weekday, first_period, room, problem)
WHERE p.id = f.id AND p.version_id = %s
  AND (p.weekday, p.first_period, p.room_id, p.problem) IS DISTINCT FROM (f.weekday, f.first_period, f.room, f.problem)"""
