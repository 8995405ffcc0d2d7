"""After a change the nearest timetable: a version of its own, to be looked at before it is published."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any

from django.db import transaction
from django.utils import timezone

from yanta.kernel import jobs
from yanta.kernel.base import Actor, Refused
from yanta.kernel.jobs import Progress
from yanta.kernel.operation import Label, operation
from yanta.masterdata import weeks as bitmaps
from yanta.masterdata.models import Building, Room, StaffMember
from yanta.systems.timetables.models import Placement, Version
from yanta.systems.timetables.queries import differences, slots
from yanta.systems.timetables.rules import repairs, telling
from yanta.systems.timetables.rules.clashes import Slot
from yanta.systems.timetables.rules.compiling import Compiled
from yanta.systems.timetables.rules.repairs import Change
from yanta.systems.timetables.services import following
from yanta.systems.timetables.services.keeping import keep
from yanta.timetabling import running
from yanta.timetabling.constructing import construct
from yanta.timetabling.problem import Placed

Status = Version.Status
Weeks = Annotated[str, Label("周次", "如 9-16、12")]
Teacher = Annotated[StaffMember, Label("教师")]
Whole = Annotated[Building | None, Label("整栋楼", "停用一栋楼；只停一间就填教室")]
One = Annotated[Room | None, Label("一间教室")]
SECONDS = 50.0


def may_be_repaired(version: Version) -> bool:
    return version.status in (Status.PUBLISHED, Status.READY, Status.DRAFT)


@operation("教室停用", icon="door-off", bulk=False, roles=("owner",), when=may_be_repaired)
def lose_rooms(
    version: Version, *, actor: Actor,
    building: Whole = None,
    room: One = None, weeks: Weeks, reason: str,
) -> Version:  # fmt: skip
    """The courses in it go elsewhere in these weeks, as few others as possible move."""
    if (building is None) == (room is None):
        raise Refused("整栋楼和一间教室填一个", field="building")
    keys = [room.pk] if room else [*Room.objects.filter(building=building).values_list("pk", flat=True)]
    what = room.number if room else str(building)
    return _begin(version, actor, {"rooms": keys, "weeks": _bits(weeks)}, f"{what}{weeks} 周停用：{reason}")


@operation("教师请假", icon="user-off", bulk=False, roles=("owner",), when=may_be_repaired)
def teacher_away(
    version: Version,
    *,
    actor: Actor,
    teacher: Teacher,
    weeks: Weeks,
    reason: str,
) -> Version:
    """The teacher's courses of these weeks are made up for after them."""
    asked = {"teacher": teacher.pk, "weeks": _bits(weeks)}
    return _begin(version, actor, asked, f"{teacher.person.name}{weeks} 周请假：{reason}")


@operation("排入新增教学班", icon="calendar-plus", bulk=False, roles=("owner",), when=may_be_repaired)
def add_sections(version: Version, *, actor: Actor, reason: str = "新增教学班") -> Version:
    """What came to the teaching tasks since then finds a place, as few others as possible move."""
    return _begin(version, actor, {}, reason)


def _bits(text: str) -> int:
    try:
        return bitmaps.bits(text)
    except bitmaps.NotWeeks as wrong:
        raise Refused(str(wrong), field="weeks") from wrong


def _begin(version: Version, actor: Actor, asked: dict[str, Any], cause: str) -> Version:
    """A copy that is worked on in the background."""
    from yanta.systems.timetables.jobs import repair_timetable
    from yanta.systems.timetables.services.publishing import copy

    count = Version.objects.filter(term=version.term_id).count()
    made: Version = copy(version, actor=actor, name=f"修复 {count}")
    run = jobs.start(repair_timetable, actor=actor, version_id=made.pk, **asked)
    made.cause, made.run_id = cause[:200], run.pk
    made.save(update_fields=["cause", "run_id", "updated_at"])
    return made


def repair(version_id: int, *, asked: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """The whole run; the version is a draft again where there is no way, and says why."""
    version = Version.objects.select_related("term").get(pk=version_id)
    Version.objects.filter(pk=version_id).update(status=Status.SOLVING)
    try:
        receipt = _repaired(version, asked, progress)
    except BaseException:
        Version.objects.filter(pk=version_id, status=Status.SOLVING).update(status=Status.DRAFT)
        raise
    status = Status.DRAFT if receipt["unplaced"] else Status.READY
    Version.objects.filter(pk=version_id).update(status=status, receipt=receipt, solved_at=timezone.now())
    return receipt


def _repaired(version: Version, asked: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    begun = time.monotonic()
    progress.step(0, 3, "读入课表")
    change = _change(version, asked)
    term = version.term_id
    compiled, current = repairs.compiled(change, slots.school(term), slots.weights_of(term))
    concerned = len({slot.whole for slot in change.slots if slot.id in change.affected})
    progress.step(1, 3, f"{concerned} 次课受影响，正在找改动最少的安排")
    placed, left = nearest(compiled, current)
    progress.step(2, 3, "记下改动")
    with transaction.atomic():
        keys = _parts(version, change)
        problems = {slot.id: telling.REASONS[kind] for slot, kind in _impossible(compiled, change)}
        problems |= {slot.id: telling.reason(why) for n, why in left.items() for slot in compiled.tasks[n]}
        places = compiled.places(placed)
        keep(version, {keys.get(key, key): where for key, where in places.items()},
             {keys.get(key, key): text for key, text in problems.items()})  # fmt: skip
        _weeks(version, compiled.weeks_of(placed), change, keys)
        _tell_why(version, change, places, problems, keys)
    return _receipt(version) | {"affected": concerned, "seconds": round(time.monotonic() - begun, 1)}


def _receipt(version: Version) -> dict[str, Any]:
    """In weekly meetings, into however many parts they are cut, as the comparison of the versions counts them."""
    found = differences.compare(version.based_on or version, version)
    return {
        "total": found.after, "placed": found.after - found.nowhere, "unplaced": found.nowhere, "moved": len(found.moved),
        "changes": found.counts, "reasons": {}, "explained": [], "first_seconds": 0, "stopped": False,
    }  # fmt: skip


def nearest(compiled: Compiled, current: list[Placed | None]) -> tuple[list[Placed | None], dict[int, Any]]:
    """The least change that proves possible; where none is, whatever can be placed without touching the rest."""
    from yanta.timetabling.errors import ImpossibleError

    try:
        return list(running.repaired(compiled.problem, current, seconds=SECONDS).placed), {}
    except ImpossibleError:
        return construct(compiled.problem, current)


def _change(version: Version, asked: Mapping[str, Any]) -> Change:
    if not asked:
        following.synchronise(version)
    found = slots.slots_of(version)
    if "rooms" in asked:
        return repairs.rooms_lost(found, set(asked["rooms"]), weeks=asked["weeks"])
    if "teacher" in asked:
        last = version.term.teaching_weeks
        return repairs.teacher_away(found, asked["teacher"], weeks=asked["weeks"], last_week=last)
    return repairs.fresh(found)


def _impossible(compiled: Compiled, change: Change) -> list[tuple[Slot, str]]:
    return [(slot, compiled.impossible[slot.id]) for slot in change.slots if slot.id in compiled.impossible]


def _parts(version: Version, change: Change) -> dict[int, int]:
    """Rows for the parts that were cut off; answers their keys."""
    rows = {row.pk: row for row in version.placements.all()}
    taken = {(row.meeting_id, row.turn, row.group): row.part for row in sorted(rows.values(), key=_part)}
    fresh: dict[int, Placement] = {}
    by_id = {slot.id: slot for slot in change.slots}
    for key, of in change.parts.items():
        whole = rows[of]
        whole.weeks = by_id[of].weeks
        place = (whole.meeting_id, whole.turn, whole.group)
        taken[place] += 1
        values = {
            one.attname: getattr(whole, one.attname)
            for one in Placement._meta.concrete_fields
            if one.attname not in ("id", "created_at", "updated_at")
        }
        fresh[key] = Placement(**(values | {"part": taken[place], "weeks": by_id[key].weeks}))
    Placement.objects.bulk_create(fresh.values(), batch_size=1000)
    Placement.objects.bulk_update([rows[of] for of in change.parts.values()], ["weeks"], batch_size=500)
    return {key: row.pk for key, row in fresh.items()}


def _part(row: Placement) -> int:
    return row.part


def _weeks(version: Version, weeks: dict[int, int], change: Change, keys: dict[int, int]) -> None:
    """Parts that are made up for are taught in other weeks now."""
    rows = {
        row.pk: row
        for row in version.placements.filter(pk__in=[keys.get(key, key) for key in change.windows])
    }
    for key in change.windows:
        if key in weeks:
            rows[keys.get(key, key)].weeks = weeks[key]
    Placement.objects.bulk_update(rows.values(), ["weeks"], batch_size=500)


def _tell_why(
    version: Version,
    change: Change,
    places: Mapping[int, Any],
    problems: Mapping[int, str],
    keys: dict[int, int],
) -> None:
    """Each part that moved says why."""
    moved = []
    for slot in change.slots:
        was = (slot.weekday, slot.first, slot.room)
        if slot.id in change.windows or slot.id in problems or places.get(slot.id) != was:
            why = repairs.why(slot, change, version.cause)[:200]
            moved.append(Placement(pk=keys.get(slot.id, slot.id), why=why, is_fixed=False))
    Placement.objects.bulk_update(moved, ["why", "is_fixed"], batch_size=500)
