"""The meetings of a version follow the teaching tasks of its term."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import transaction

from yanta.kernel.base import Refused
from yanta.systems.timetables.models import Placement, Version
from yanta.systems.timetables.queries import slots

NOT_YET = "还没有排"
COPIED = (
    "department_id", "course_id", "section_id", "section_number", "campus_id", "teachers", "classes", "wishes", "size", "weeks",
    "periods", "room_kind", "features", "same_room", "links",
)  # fmt: skip
Key = tuple[int, int, int]


def synchronise(version: Version) -> None:
    """New tasks come, dropped ones go, changed ones keep their time."""
    wanted = slots.wanted_of(version.term_id)
    if not wanted:
        raise Refused("这个学期还没有教学任务，请先在开课里生成并锁定")
    present: dict[Key, list[Placement]] = defaultdict(list)
    for one in version.placements.order_by("part"):
        present[one.meeting_id, one.turn, one.group].append(one)
    fresh, changed, gone = [], [], []
    for values in wanted:
        rows = present.pop((values["meeting_id"], values["turn"], values["group"]), [])
        if not rows:
            fresh.append(Placement(version=version, problem=NOT_YET, **values))
            continue
        kept = _kept(rows, values)
        gone += [one.pk for one in rows if one not in kept]
        changed += [one for one in kept if _follow(one, values, whole=len(kept) == 1)]
    gone += [one.pk for rows in present.values() for one in rows]
    with transaction.atomic():
        Placement.objects.filter(pk__in=gone).delete()
        Placement.objects.bulk_create(fresh, batch_size=1000)
        Placement.objects.bulk_update(changed, COPIED, batch_size=500)


def _kept(rows: list[Placement], values: dict[str, Any]) -> list[Placement]:
    """All parts as long as they are as many weeks as the task wants, else the first one for the whole."""
    taught = sum(one.weeks.bit_count() for one in rows)
    return rows if len(rows) > 1 and taught == values["weeks"].bit_count() else rows[:1]


def _follow(one: Placement, values: dict[str, Any], *, whole: bool) -> bool:
    """Whether anything changed; a part keeps the weeks that it has."""
    names = [name for name in COPIED if whole or name != "weeks"]
    different = [name for name in names if getattr(one, name) != values[name]]
    for name in different:
        setattr(one, name, values[name])
    return bool(different)


def refresh(section_id: int) -> None:
    """A teaching task changed after the lock: the versions that are not void follow it, times stay; conflicts show on the board."""
    rows = Placement.objects.filter(section_id=section_id).exclude(version__status=Version.Status.VOID)
    for term_id in set(rows.values_list("version__term", flat=True)):
        tasks = {
            (one["meeting_id"], one["turn"], one["group"]): one for one in slots.wanted_of(term_id) or []
        }
        for row in rows.filter(version__term=term_id):
            values = tasks.get((row.meeting_id, row.turn, row.group))
            if values and _follow(row, values, whole=row.weeks.bit_count() == values["weeks"].bit_count()):
                row.save()
