"""Periods, versions, placements and adjustments on screen, in Excel and by the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yanta.kernel.base import Actor
from yanta.kernel.resource import Related, Resource, Section, Sheet, register
from yanta.kernel.resource.declare import further_pages
from yanta.masterdata.models import AdminClass, Room, StaffMember
from yanta.systems.timetables import services
from yanta.systems.timetables.models import Adjustment, Period, Placement, Preference, Version

READERS = {"head": "view export", "engineer": "view", "auditor": "view", "leader": "view"}
REGISTRY = {"owner": "*", "clerk": "view export", **READERS}


@register
class PeriodResource(Resource):
    model = Period
    icon = "clock"
    columns = ["campus", "number", "starts_at", "ends_at"]
    filters = ["campus"]
    form = [Section("节次", ["campus", "number", "starts_at", "ends_at"])]
    sheet = Sheet(key=["campus", "number"])
    order = ["campus__code", "number"]
    access = REGISTRY


@register
class PreferenceResource(Resource):
    model = Preference
    icon = "adjustments"
    hint = "每个学期一份：哪些不便更要紧。改了以后再排一次课才起作用。"
    columns = ["term", "wishes", "spread", "class_gaps", "teacher_gaps", "evening", "weekend", "travel"]
    filters = ["term"]
    form = [
        Section("学期", ["term"]),
        Section("时间", ["evening", "weekend", "wishes", "spread", "links"]),
        Section(
            "学生和教师",
            ["class_gaps", "class_load", "class_most", "teacher_gaps", "teacher_load", "teacher_most"],
        ),
        Section("教室和校区", ["same_room", "room_fit", "travel"]),
    ]
    access = REGISTRY


@register
class VersionResource(Resource):
    model = Version
    icon = "calendar-week"
    hint = "为一个学期新建版本，再自动排课。"
    columns = ["term", "name", "status", "solved_at", "published_at"]
    filters = ["term", "status"]
    search = ["name"]
    form = [Section("版本", ["term", "name"])]
    facts = [
        Section("版本", ["term", "name", "status", "solved_at", "published_by", "published_at"]),
        Section("来历", ["based_on", "cause"]),
    ]
    related = [Related("排课", Placement, "version")]
    actions = [
        services.solve,
        services.stop,
        services.publish,
        services.copy,
        services.lose_rooms,
        services.teacher_away,
        services.add_sections,
        services.retire,
    ]
    access = REGISTRY

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [
            ("排课看板", f"/timetables/board/?version={row.pk}"),
            ("版本比较", f"/timetables/compare/?after={row.pk}"),
        ]

    def refusal_to_edit(self, row: Any) -> str | None:
        return None if row.is_open else f"这个版本{row.get_status_display()}"

    def refusal_to_delete(self, row: Any) -> str | None:
        return "版本留作比较，不要的请作废"


@register
class PlacementResource(Resource):
    model = Placement
    icon = "layout-grid"
    columns = ["course", "section_number", "weekday", "first_period", "periods", "room", "size", "problem"]
    filters = ["version", "department", "weekday", "room", "campus", "is_fixed"]
    search = ["section_number", "course__name", "room__number"]
    facts = [
        Section("课", ["version", "course", "section_number", "department", "size", "periods"]),
        Section("时间地点", ["weekday", "first_period", "room", "campus", "is_fixed", "problem", "why"]),
    ]
    related = [Related("调课停课补课", Adjustment, "placement")]
    actions = [
        services.move,
        services.fix,
        services.release,
        services.ask_move,
        services.ask_cancel,
        services.ask_extra,
    ]
    access = REGISTRY

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        found = [("教室课表", f"/timetables/of/room/{row.room_id}/")] if row.room_id else []
        found += [("教师课表", f"/timetables/of/teacher/{key}/") for key in row.teachers[:1]]
        return found + [("班级课表", f"/timetables/of/class/{key}/") for key in row.classes[:1]]

    def rows(self) -> Any:
        return Placement.objects.select_related("version__term", "course", "room")


@further_pages
def timetable_of(row: Any, actor: Actor) -> list[tuple[str, str]]:
    """A teacher, a class and a room lead to their timetables."""
    kind = {StaffMember: "teacher", AdminClass: "class", Room: "room"}.get(type(row))
    may = kind is not None and actor.may("timetables.placement.view")
    return [("课表", f"/timetables/of/{kind}/{row.pk}/")] if may else []


@register
class AdjustmentResource(Resource):
    model = Adjustment
    icon = "calendar-event"
    columns = [
        "placement",
        "kind",
        "week",
        "new_week",
        "new_weekday",
        "new_period",
        "new_room",
        "reason",
        "status",
    ]
    filters = ["status", "kind", "placement__department"]
    search = ["placement__course__name", "placement__section_number", "reason"]
    facts = [
        Section("申请", ["placement", "kind", "week", "reason", "asked_by"]),
        Section("改到", ["new_week", "new_weekday", "new_period", "new_room"]),
        Section("批准", ["status", "opinion", "decided_by", "decided_at"]),
    ]
    actions = [
        services.request,
        services.approve,
        services.refuse,
        services.send_back,
        services.resume,
        services.withdraw,
    ]
    access = {"teacher": "view", **REGISTRY}

    def rows(self) -> Any:
        return Adjustment.objects.select_related("placement__course", "new_room")
