"""A term's teaching on screen, in Excel and by the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yanta.kernel.base import Actor
from yanta.kernel.resource import Related, Resource, Section, Sheet, register
from yanta.systems.offerings import services
from yanta.systems.offerings.models import (
    Link,
    LinkedSection,
    Meeting,
    Need,
    Offering,
    Qualification,
    Reservation,
    Season,
    SectionClass,
    Teaching,
    TeachingRoom,
    TimeWish,
    WorkloadFactor,
)
from yanta.systems.offerings.models import Section as TeachingSection
from yanta.systems.offerings.services import storing

READERS = {"head": "view export", "engineer": "view", "auditor": "view", "leader": "view"}
REGISTRY = {"owner": "*", "clerk": "view export", **READERS}
COLLEGE = {"owner": "*", "clerk": "view add edit delete import export", **READERS}


@register
class SeasonResource(Resource):
    model = Season
    icon = "calendar-stats"
    hint = "为下一学期新建开课工作，再按培养方案生成。"
    columns = ["term", "status", "confirm_by", "generated_at"]
    filters = ["status"]
    form = [Section("学期", ["term"]), Section("班额", ["largest_class", "largest_lab"])]
    facts = [
        Section("学期", ["term", "status", "confirm_by", "generated_at"]),
        Section("班额", ["largest_class", "largest_lab"]),
    ]
    actions = [services.generate, services.open_confirmation, services.lock, services.unlock]
    access = REGISTRY

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [
            ("进度", f"/offerings/board/?season={row.pk}"), ("冲突检查", f"/offerings/checks/?season={row.pk}"),
            ("工作量", f"/offerings/workload/?season={row.pk}"), ("教学日历", f"/offerings/calendar/?season={row.pk}"),
        ]  # fmt: skip

    def refusal_to_edit(self, row: Any) -> str | None:
        return storing.LOCKED if row.is_locked else None

    def refusal_to_delete(self, row: Any) -> str | None:
        return self.refusal_to_edit(row)


class Confirmed(Resource):
    """What is open until its offering is confirmed or its term locked."""

    access = COLLEGE
    in_menu = False

    def offering_of(self, row: Any) -> Offering:
        found: Offering = row.section.offering
        return found

    def refusal_to_edit(self, row: Any) -> str | None:
        return storing.refusal_to_change(self.offering_of(row))

    def refusal_to_delete(self, row: Any) -> str | None:
        return self.refusal_to_edit(row)

    def rows(self) -> Any:
        return super().rows().select_related("section__offering__season", "section__offering__course")


@register
class OfferingResource(Confirmed):
    model = Offering
    icon = "clipboard-list"
    in_menu = True
    hint = "还没有开课。教务处按培养方案生成后，各单位在这里安排并确认。"
    columns = ["course", "department", "hours", "is_elective", "status", "season"]
    filters = ["season", "status", "department", "is_elective"]
    search = ["course__name", "course__code"]
    form = [Section("开课", ["season", "course", "department", "hours", "is_elective", "note"])]
    facts = [
        Section("开课", ["season", "course", "department", "hours", "is_elective"]),
        Section("确认", ["status", "confirmed_by", "confirmed_at", "note"]),
    ]
    related = [Related("教学班", TeachingSection, "offering"), Related("修读需求", Need, "offering")]
    actions = [services.confirm, services.return_to_college]
    order = ["course__code"]

    def offering_of(self, row: Any) -> Offering:
        found: Offering = row
        return found

    def rows(self) -> Any:
        return Offering.objects.select_related("season__term", "course")

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        services.require_open(row)
        row.save()


@register
class NeedResource(Confirmed):
    model = Need
    icon = "users"
    columns = ["admin_class", "offering", "size", "is_elective"]
    filters = ["offering__season", "admin_class", "is_elective"]
    search = ["admin_class__name", "offering__course__name"]
    access = REGISTRY

    def offering_of(self, row: Any) -> Offering:
        found: Offering = row.offering
        return found

    def rows(self) -> Any:
        return Need.objects.select_related("offering__season", "offering__course")


@register
class SectionResource(Confirmed):
    model = TeachingSection
    icon = "school"
    in_menu = True
    columns = ["offering", "number", "size", "capacity", "campus", "language", "status"]
    filters = ["offering__season", "status", "offering__department", "offering", "campus"]
    search = ["number", "name", "offering__course__name", "offering__course__code"]
    form = [Section("教学班", ["offering", "name", "size", "capacity", "campus", "language"])]
    facts = [
        Section("教学班", ["offering", "number", "name", "size", "capacity", "campus", "language", "status"])
    ]
    related = [
        Related("任课", Teaching, "section"), Related("上课安排", Meeting, "section"),
        Related("组成", SectionClass, "section"), Related("预留座位", Reservation, "section"),
        Related("时间要求", TimeWish, "section"),
    ]  # fmt: skip
    actions = [
        services.assign,
        services.merge,
        services.split,
        services.cancel,
        services.change_capacity,
        services.change_language,
    ]
    order = ["number"]

    def offering_of(self, row: Any) -> Offering:
        found: Offering = row.offering
        return found

    def rows(self) -> Any:
        return TeachingSection.objects.select_related("offering__season__term", "offering__course")

    def refusal_to_delete(self, row: Any) -> str | None:
        return "教学班号不重复使用，不需要的教学班请停开"

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        services.store_section(row, adding=adding)


@register
class SectionClassResource(Confirmed):
    model = SectionClass
    icon = "users-group"
    columns = ["admin_class", "section", "size"]
    filters = ["section__offering__season", "admin_class"]
    search = ["admin_class__name", "section__number"]
    form = [Section("组成", ["section", "admin_class", "size"])]
    # Students leave a section by merging, splitting or a new size, so that nobody is lost.
    access = {**COLLEGE, "owner": "view add edit export", "clerk": "view add edit export"}

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        services.store_class(row)


@register
class TeachingResource(Confirmed):
    model = Teaching
    icon = "chalkboard"
    in_menu = True
    columns = ["section", "teacher", "role", "share", "section__offering__department"]
    filters = ["section__offering__season", "role", "section__offering__department", "teacher"]
    search = [
        "teacher__number",
        "teacher__person__name",
        "section__number",
        "section__offering__course__name",
    ]
    form = [Section("任课", ["section", "teacher", "role", "share"])]
    sheet = Sheet(key=["section", "teacher"])
    actions = [services.unassign, services.change_teacher]
    # Teachers leave by a verb, so that course selection and the timetable hear of it.
    access = {
        **COLLEGE, "owner": "view add edit import export unassign change_teacher",
        "clerk": "view add edit import export unassign", "teacher": "view",
    }  # fmt: skip

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        services.store_teaching(row)


@register
class MeetingResource(Confirmed):
    model = Meeting
    icon = "clock"
    columns = ["section", "kind", "weeks", "times", "periods", "room_kind", "groups"]
    filters = ["section__offering__season", "kind", "room_kind"]
    search = ["section__number", "section__offering__course__name"]
    form = [
        Section("上课安排", ["section", "kind", "weeks", "times", "periods", "groups"]),
        Section("教室", ["room_kind", "features", "same_room"]),
    ]

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        services.store_meeting(row)


@register
class ReservationResource(Confirmed):
    model = Reservation
    icon = "armchair"
    columns = ["section", "programme", "grade", "campus", "seats", "note"]
    filters = ["section__offering__season", "programme", "grade", "campus"]
    search = ["section__number", "section__offering__course__name"]
    form = [
        Section(
            "预留座位", ["section", "programme", "grade", "campus", "seats", "note"], "专业、年级、校区至少填一项。"
        )
    ]  # fmt: skip
    actions = [services.release]
    # Seats are given back by a verb, so that course selection hears of it.
    access = {**COLLEGE, "owner": "view add edit export release", "clerk": "view add edit export release"}

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        services.store_reservation(row)


class OfSeason(Resource):
    """What is open until the term is locked."""

    access = COLLEGE

    def season_of(self, row: Any) -> Season:
        found: Season = row.season
        return found

    def refusal_to_edit(self, row: Any) -> str | None:
        return storing.LOCKED if self.season_of(row).is_locked else None

    def refusal_to_delete(self, row: Any) -> str | None:
        return self.refusal_to_edit(row)


@register
class TimeWishResource(OfSeason):
    model = TimeWish
    icon = "clock-pin"
    columns = ["kind", "section", "teacher", "weekday", "first_period", "last_period", "weeks", "reason"]
    filters = ["season", "kind", "department"]
    search = ["section__number", "teacher__person__name", "reason"]
    form = [
        Section("对谁", ["season", "department", "section", "teacher"], "教学班和教师填一个。"),
        Section("什么时候", ["kind", "weekday", "first_period", "last_period", "weeks", "reason"]),
    ]

    def rows(self) -> Any:
        return TimeWish.objects.select_related("season")

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        services.store_wish(row)


@register
class LinkResource(OfSeason):
    model = Link
    icon = "link"
    columns = ["name", "kind", "is_hard", "department", "season"]
    filters = ["season", "kind", "department"]
    search = ["name"]
    form = [Section("关联组", ["season", "department", "name", "kind", "is_hard"])]
    related = [Related("教学班", LinkedSection, "link")]

    def rows(self) -> Any:
        return Link.objects.select_related("season__term")


@register
class LinkedSectionResource(OfSeason):
    model = LinkedSection
    icon = "link-plus"
    in_menu = False
    columns = ["section", "link"]
    filters = ["link"]
    search = ["section__number"]
    form = [Section("成员", ["link", "section"])]

    def season_of(self, row: Any) -> Season:
        found: Season = row.link.season
        return found

    def rows(self) -> Any:
        return LinkedSection.objects.select_related("link__season")


@register
class TeachingRoomResource(Resource):
    model = TeachingRoom
    icon = "door"
    columns = ["room", "kind", "capacity", "features", "is_open"]
    filters = ["kind", "room__building", "room__building__campus", "is_open"]
    search = ["room__number", "room__name", "features"]
    form = [Section("教室", ["room", "kind", "capacity", "features", "is_open"])]
    sheet = Sheet(key=["room"])
    order = ["room__number"]
    access = REGISTRY


@register
class QualificationResource(Resource):
    model = Qualification
    icon = "certificate-2"
    columns = ["teacher", "course", "since", "teacher__department"]
    filters = ["course", "teacher__department"]
    search = ["teacher__number", "teacher__person__name", "course__name"]
    form = [Section("任教资格", ["teacher", "course", "since"])]
    sheet = Sheet(key=["teacher", "course"])
    access = {**COLLEGE, "teacher": "view"}


@register
class WorkloadFactorResource(Resource):
    model = WorkloadFactor
    icon = "math-function"
    columns = ["kind", "key", "factor", "basis"]
    filters = ["kind"]
    search = ["key", "basis"]
    form = [Section("系数", ["kind", "key", "factor", "basis"])]
    sheet = Sheet(key=["key", "kind"])
    order = ["kind", "key"]
    access = {**REGISTRY, "teacher": "view"}
