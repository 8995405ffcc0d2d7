"""From plans and classes to offerings, needs and sections; again and again without doubles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.bulk import copy_in, new_ids
from yanta.kernel.operation import operation
from yanta.masterdata.models import Course
from yanta.systems.offerings.models import Meeting, Need, Offering, Season, Section, SectionClass
from yanta.systems.offerings.queries import demand
from yanta.systems.offerings.queries.demand import Wanted
from yanta.systems.offerings.rules import sections
from yanta.systems.offerings.rules.sections import Difference, Part
from yanta.systems.offerings.services import storing

Key = tuple[int, int]
# JY/T 1001 KCLB 课程类别 → how it meets and in what room. Sports find their grounds themselves.
MEETINGS = {
    "2": ("lecture", "media"), "3": ("lab", "lab"), "4": ("practice", "none"), "5": ("practice", "none"),
    "6": ("lecture", "media"),
}  # fmt: skip
SMALL_KINDS = ("2", "3", "4")
SHOWN = 30


@operation(
    "按培养方案生成", icon="wand", bulk=False, roles=("owner",), when=lambda season: not season.is_locked
)
def generate(season: Season, *, actor: Actor) -> None:
    """What the plans in force ask of this term. A second run finds nothing new and says so."""
    if season.is_locked:
        raise Refused(storing.LOCKED)
    asked = demand.demand_of(season.term)
    wanted = {(one.course, one.admin_class): one for one in asked.wanted}
    present = _present(season)
    found = sections.difference(
        {key: need.size for key, need in present.items()}, {key: one.size for key, one in wanted.items()}
    )
    made = _apply(season, found, wanted, present)
    season.receipt = {**found.counts, **made, "unplanned": asked.unplanned[:SHOWN], "without_plan": len(asked.unplanned),
                      "differences": _in_words(found, wanted, present)}  # fmt: skip
    season.generated_at = timezone.now()
    season.save(update_fields=["receipt", "generated_at", "updated_at"])


def _present(season: Season) -> dict[Key, Need]:
    """The needs that generation made; what people added by hand (without a plan) stays out of it."""
    needs = (
        Need.objects.filter(offering__season=season)
        .exclude(plan_id=0)
        .select_related("offering__course", "admin_class")
    )
    return {(one.offering.course_id, one.admin_class_id): one for one in needs}


def _in_words(found: Difference[Key], wanted: dict[Key, Wanted], present: dict[Key, Need]) -> list[str]:
    """The first differences, for the receipt's page."""
    said = []
    for key, (before, after) in list(found.changed.items())[:SHOWN]:
        one = present[key]
        said.append(f"{one.offering.course.name} {one.admin_class.name}：{before} 人 → {after} 人")
    for key in list(found.gone)[:SHOWN]:
        one = present[key]
        said.append(f"{one.offering.course.name} {one.admin_class.name}：方案不再要求，已去掉 {one.size} 人")
    return said


def _apply(
    season: Season, found: Difference[Key], wanted: dict[Key, Wanted], present: dict[Key, Need]
) -> dict[str, int]:
    touched = {key[0] for key in (*found.changed, *found.gone, *found.new)}
    _reopen(season, touched)
    for key in found.gone:
        _take_out(present[key])
    for key, (_, size) in found.changed.items():
        _resize(present[key], size)
    made = _Maker(season).add([wanted[key] for key in found.new])
    dropped = Offering.objects.filter(season=season, needs=None, status=Offering.Status.DRAFT)
    dropped = dropped.filter(course_id__in={key[0] for key in found.gone})
    Section.objects.filter(offering__in=dropped).update(status=Section.Status.CANCELLED)
    return {**made, "dropped": dropped.update(status=Offering.Status.DROPPED)}


def _reopen(season: Season, courses: Iterable[int]) -> None:
    """What was confirmed and changes is to be confirmed again; what was dropped and is wanted comes back."""
    changed = Offering.objects.filter(season=season, course_id__in=set(courses)).exclude(
        status=Offering.Status.DRAFT
    )
    changed.update(
        status=Offering.Status.DRAFT, confirmed_by="", confirmed_at=None, note="生成后需求有变，请重新确认"
    )


def _take_out(need: Need) -> None:
    for one in SectionClass.objects.filter(
        section__offering=need.offering_id, admin_class=need.admin_class_id
    ):
        section = one.section
        one.delete()
        storing.resize(section)
        if not section.classes.exists():
            Section.objects.filter(pk=section.pk).update(status=Section.Status.CANCELLED)
    need.delete()


def _resize(need: Need, size: int) -> None:
    """Spread the new number evenly over the sections that hold the class."""
    held = list(SectionClass.objects.filter(
        section__offering=need.offering_id, admin_class=need.admin_class_id
    ).select_related("section").order_by("section__number"))  # fmt: skip
    for one, part in zip(held, sections.evenly(size, len(held)) if held else (), strict=True):
        one.size = part
        one.save(update_fields=["size", "updated_at"])
        storing.resize(one.section)
    need.size = size
    need.save(update_fields=["size", "updated_at"])


@dataclass(slots=True)
class _Rows:
    """What is loaded at the end, table by table."""

    needs: list[tuple[Any, ...]] = field(default_factory=list)
    sections: list[tuple[Any, ...]] = field(default_factory=list)
    classes: list[tuple[int, int, int]] = field(default_factory=list)
    meetings: list[tuple[Any, ...]] = field(default_factory=list)


class _Maker:
    """Makes offerings, needs and sections of new demand, set by set."""

    def __init__(self, season: Season) -> None:
        self.season = season

    def add(self, wanted: Sequence[Wanted]) -> dict[str, int]:
        by_course: dict[int, list[Wanted]] = defaultdict(list)
        for one in wanted:
            by_course[one.course].append(one)
        courses = Course.objects.in_bulk(by_course)
        offerings, new = self._offerings(courses, by_course)
        rows = _Rows()
        serials = self._serials(offerings)
        for course, needs in sorted(by_course.items()):
            self._plan(offerings[course], courses[course], needs, serials.get(course, 0), rows)
        self._load(rows)
        return {"offerings": new, "sections": len(rows.sections)}

    def _offerings(
        self, courses: dict[int, Course], by_course: dict[int, list[Wanted]]
    ) -> tuple[dict[int, Offering], int]:
        found = {
            one.course_id: one
            for one in Offering.objects.filter(season=self.season, course_id__in=courses).select_related(
                "course"
            )
        }
        missing = [
            Offering(
                season=self.season, course=course, department_id=course.department_id, hours=course.hours,
                is_elective=all(one.is_elective for one in by_course[key]),
            )
            for key, course in sorted(courses.items()) if key not in found
        ]  # fmt: skip
        for one in Offering.objects.bulk_create(missing, batch_size=500):
            found[one.course_id] = one
        return found, len(missing)

    def _serials(self, offerings: dict[int, Offering]) -> dict[int, int]:
        """The last number given in each offering."""
        last: dict[int, int] = {}
        rows = Section.objects.filter(offering__in=list(offerings.values())).values_list(
            "offering__course_id", "number"
        )
        for course, number in rows:
            last[course] = max(last.get(course, 0), int(number.rpartition("-")[2]))
        return last

    def _plan(
        self, offering: Offering, course: Course, needs: Sequence[Wanted], last: int, rows: _Rows
    ) -> None:
        small = course.kind in SMALL_KINDS
        limit = self.season.largest_lab if small else self.season.largest_class
        packed = sections.packed([Part(one.admin_class, one.size) for one in needs], limit=limit)
        rows.needs += [(offering.pk, one.admin_class, one.plan, one.is_elective, one.size) for one in needs]
        for serial, parts in enumerate(packed, start=last + 1):
            size = sum(part.size for part in parts)
            rows.sections.append(
                (offering.pk, storing.number_of(offering, serial), "", None, size, size, "中文", "open")
            )
            at = len(rows.sections) - 1
            rows.classes += [(at, part.admin_class, part.size) for part in parts]
            rows.meetings += [
                (at, *meeting) for meeting in _meetings(course, self.season.term.teaching_weeks)
            ]

    def _load(self, rows: _Rows) -> None:
        copy_in(Need, ("offering_id", "admin_class_id", "plan_id", "is_elective", "size"), rows.needs)
        keys = new_ids(Section, len(rows.sections))
        names = ("id", "offering_id", "number", "name", "campus_id", "size", "capacity", "language", "status")
        copy_in(Section, names, [(key, *row) for key, row in zip(keys, rows.sections, strict=True)])
        copy_in(
            SectionClass, ("section_id", "admin_class_id", "size"),
            [(keys[at], group, size) for at, group, size in rows.classes],
        )  # fmt: skip
        names = (
            "section_id",
            "kind",
            "weeks",
            "times",
            "periods",
            "room_kind",
            "features",
            "same_room",
            "groups",
        )
        copy_in(Meeting, names, [(keys[row[0]], *row[1:]) for row in rows.meetings])


def _meetings(course: Course, weeks: int) -> list[tuple[Any, ...]]:
    kind, room = MEETINGS.get(course.kind, ("lecture", "media"))
    common = min(weeks, sections.COMMON_WEEKS)
    return [
        (kind, one.weeks, one.times, one.periods, room, "", True, 1)
        for one in sections.weekly_for(course.hours, weeks=common)
    ]
