"""This term's teaching, locked, and next term's on its way through the colleges."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.base.bulk import copy_in
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import Room, StaffMember, Term
from yanta.systems.offerings import services
from yanta.systems.offerings.models import (
    Link,
    LinkedSection,
    Offering,
    Qualification,
    Reservation,
    Season,
    Section,
    Teaching,
    TeachingRoom,
    TimeWish,
    WorkloadFactor,
)

COLLEGE = "10600"
FACTORS = (
    ("size", "1", "1.00"), ("size", "61", "1.10"), ("size", "91", "1.20"), ("size", "121", "1.35"), ("repeat", "2", "0.90"),
    ("meeting", "lab", "0.90"), ("meeting", "practice", "0.60"), ("language", "英文", "1.50"),
)  # fmt: skip
BASIS = "《本科教学工作量计算办法》"
WISHES = (
    ("forbidden", 3, 5, 8, "周三下午教研活动"), ("avoided", 1, 1, 2, "住外校区，早班车 8:20 到"), ("preferred", 2, 1, 4, "上午授课"),
    ("forbidden", 5, 9, 12, "周五晚不排"),
)  # fmt: skip


def fill(today: date) -> None:
    """Rooms and factors, then two terms generated from the plans as the registry does it."""
    now = Term.objects.filter(starts_on__lte=today).order_by("-starts_on").first()
    if now is None:
        return
    _rooms()
    copy_in(
        WorkloadFactor,
        ("kind", "key", "factor", "basis"),
        [(*row[:2], Decimal(row[2]), BASIS) for row in FACTORS],
    )
    after = Term.objects.filter(starts_on__gt=now.starts_on).order_by("starts_on").first()
    draw = random.Random(29)  # noqa: S311 - reproducible sample data
    this = _season(now, draw, staffed=1.0)
    this.offerings.filter(status="draft").update(
        status="confirmed", confirmed_by="学院教务员", confirmed_at=timezone.now()
    )
    Season.objects.filter(pk=this.pk).update(status=Season.Status.LOCKED)
    if after is not None:
        _under_way(_season(after, draw, staffed=0.93), today, draw)


def _rooms() -> None:
    rows = []
    used = Room.objects.filter(use__in=("111", "121"), seats__gt=0).order_by("number")
    for number, (key, use, seats) in enumerate(used.values_list("pk", "use", "seats")):
        kind = (
            "lab"
            if use == "121"
            else ("computer" if number % 11 == 5 else "smart" if number % 17 == 3 else "media")
        )
        features = {"smart": "录播、可移动桌椅", "computer": "机房还原", "media": "投影、扩音"}.get(kind, "")
        rows.append((key, kind, seats, features, True))
    copy_in(TeachingRoom, ("room_id", "kind", "capacity", "features", "is_open"), rows)


def _season(term: Term, draw: random.Random, *, staffed: float) -> Season:
    season = Season.objects.create(term=term, largest_class=120, largest_lab=40)
    services.generate(season, actor=Actor.system("demo"))
    copy_in(Teaching, ("section_id", "teacher_id", "role", "share"), _teachings(season, draw, staffed))
    return season


def _teachings(season: Season, draw: random.Random, staffed: float) -> Iterator[tuple[Any, ...]]:
    """Teachers of the unit take turns; the school's common courses are taught by everybody."""
    teachers = (
        StaffMember.objects.filter(kind="11", status="active")
        .order_by("pk")
        .values_list("pk", "department__path")
    )
    by_top: dict[str, list[int]] = defaultdict(list)
    for key, path in teachers:
        by_top[path].append(key)
    paths = dict(OrgUnit.objects.values_list("pk", "path"))
    turns: dict[str, Iterator[int]] = {"": cycle([key for keys in by_top.values() for key in keys] or [0])}
    sections = Section.objects.filter(offering__season=season).order_by("number")
    for key, unit in sections.values_list("pk", "offering__department_id"):
        top = paths[unit]
        if top not in turns:
            mine = [one for path, keys in by_top.items() if path.startswith(top) for one in keys]
            turns[top] = cycle(mine) if len(mine) > 1 else turns[""]
        if draw.random() >= staffed:
            continue
        first, second = next(turns[top]), next(turns[top])
        if first == 0:
            return
        if draw.random() < 0.06 and first != second:
            yield key, first, "lead", Decimal("0.5")
            yield key, second, "co", Decimal("0.5")
        else:
            yield key, first, "lead", Decimal(1)


def _under_way(season: Season, today: date, draw: random.Random) -> None:
    """Half of the courses are confirmed; wishes, links, reserved seats and a list of who may teach what stand there."""
    Season.objects.filter(pk=season.pk).update(
        status=Season.Status.CONFIRMING, confirm_by=today + timedelta(days=10)
    )
    bare = set(
        Section.objects.filter(offering__season=season, teachings=None).values_list("offering_id", flat=True)
    )
    ready = [key for key in season.offerings.order_by("pk").values_list("pk", flat=True) if key not in bare]
    chosen = [key for key in ready if draw.random() < 0.55]
    Offering.objects.filter(pk__in=chosen).update(
        status="confirmed", confirmed_by="学院教务员", confirmed_at=timezone.now()
    )
    rows = list(
        Teaching.objects.filter(section__offering__season=season)
        .select_related("section__offering", "teacher")
        .order_by("pk")[:600]
    )
    copy_in(
        TimeWish,
        ("season_id", "department_id", "teacher_id", "kind", "weekday", "first_period", "last_period", "weeks", "reason"),
        [
            (season.pk, one.teacher.department_id, one.teacher_id, *WISHES[number % 4][:4], "", WISHES[number % 4][4])
            for number, one in enumerate(rows[::15])
        ],
    )  # fmt: skip
    copy_in(
        Reservation, ("section_id", "programme_id", "grade", "seats", "note"),
        [(one.section_id, None, today.year - 1, 5, "留给转专业学生") for one in rows[::40] if one.section.capacity > 10],
    )  # fmt: skip
    pairs = {(one.teacher_id, one.section.offering.course_id) for one in rows[:60]}
    copy_in(Qualification, ("teacher_id", "course_id", "since"), [(*pair, today) for pair in sorted(pairs)])
    _link(season)


def _link(season: Season) -> None:
    """The sections of one common course at the same time, for a common examination."""
    many = (
        Offering.objects.filter(season=season, course__code__startswith="G").order_by("course__code").first()
    )
    if many is None:
        return
    link = Link.objects.create(
        season=season,
        department_id=many.department_id,
        name=f"{many.course.name}统考",
        kind="same_time",
        is_hard=False,
    )
    LinkedSection.objects.bulk_create(
        LinkedSection(link=link, section=section) for section in many.sections.order_by("number")[:6]
    )


def settle(today: date) -> None:
    """The computing college's teachers who came with the rosters take over sections from colleagues who have several."""
    unit = OrgUnit.objects.filter(code=COLLEGE).first()
    if unit is None:
        return
    here = StaffMember.objects.filter(department__path__startswith=unit.path, status="active")
    held: dict[tuple[int, int], list[Teaching]] = defaultdict(list)
    rows = Teaching.objects.filter(teacher__in=here).select_related("section__offering")
    for one in rows.order_by("section__number"):
        held[one.section.offering.season_id, one.teacher_id].append(one)
    spare: dict[int, list[Teaching]] = defaultdict(list)
    for (season, _), mine in held.items():
        # Whoever shares a section keeps it: both shares might come to the same colleague.
        spare[season] += [one for one in mine[1:] if one.share == 1]
    busy = {teacher for _, teacher in held}
    idle = [key for key in here.order_by("number").values_list("pk", flat=True) if key not in busy]
    # One section of a term each, so that nobody's meetings collide; the visitor is among the first numbers.
    taken_over = [pair for mine in spare.values() for pair in zip(idle, mine, strict=False)]
    for key, one in taken_over:
        one.teacher_id = key
    Teaching.objects.bulk_update([one for _, one in taken_over], ["teacher"])
