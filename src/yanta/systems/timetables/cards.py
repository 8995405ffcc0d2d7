"""Timetables in the menu, today's courses on the home page, applications among the to-dos."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.calendar import Entry, calendar
from yanta.kernel.portal.cards import CardContent, CardRow, card
from yanta.kernel.portal.navigation import Place, places
from yanta.kernel.portal.todos import Todo, todos
from yanta.systems.timetables import services
from yanta.systems.timetables.models import Adjustment
from yanta.systems.timetables.queries import dated, occurring, whose

SEES = "timetables.version.view"
FINDS = services.request.permission


@places
def pages() -> list[Place]:
    return [
        Place(
            "我的课表",
            "/timetables/mine/",
            "教务",
            "calendar-week",
            "每周的课，可导出和订阅",
            roles=("teacher", "student"),
        ),
        Place("排课看板", "/timetables/board/", "教务", "layout-grid", "排上没有、有没有冲突、怎么调", SEES),
        Place("课表版本比较", "/timetables/compare/", "教务", "arrows-diff", "两个版本之间哪些课动了", SEES),
        Place(
            "空教室",
            "/timetables/rooms/",
            "教务",
            "door",
            "按时间、周次、座位、类型、校区、设备找空教室",
            FINDS,
        ),
        Place("教室使用统计", "/timetables/use/", "教务", "chart-bar", "每间教室每周上几节课", SEES),
    ]


@card(title="今天的课", order=8, for_roles=("student", "teacher"), icon="calendar-week")
def today(actor: Actor) -> CardContent | None:
    """What is taught today, after adjustments."""
    version, one = whose.version_shown("", drafts=False), whose.own(actor.person_id)
    if version is None or one is None:
        return None
    day = timezone.localdate()
    lessons = occurring.lessons_of(version, one.kind, one.keys, version.term.week_of(day))
    rows = [
        CardRow(
            lesson.course,
            "/timetables/mine/",
            f"第 {lesson.first}-{lesson.last} 节",
            lesson.note or lesson.room,
        )
        for lesson in lessons
        if lesson.weekday == day.isoweekday()
    ]
    return CardContent(rows=rows, more_url="/timetables/mine/", more="本周课表") if rows else None


@todos
def to_decide(actor: Actor) -> list[Todo]:
    """Adjustments that wait for the registry."""
    permission = services.approve.permission
    if not actor.may(permission):
        return []
    count = Adjustment.objects.visible_to(actor, permission).filter(status=Adjustment.Status.ASKED).count()
    address = "/timetables/adjustment/?status=asked"
    return (
        [Todo(f"{count} 份调课停课补课待批准", address, "课表", "calendar-event", "调课", None, count=count)]
        if count
        else []
    )


@calendar("课表", icon="calendar-week", colour="ink", order=10)
def lessons(person_ids: Collection[int], start: date, end: date) -> Iterator[Entry]:
    """What one teaches or attends, day by day; what is cancelled or moved away appears cancelled."""
    for person in person_ids:
        yield from dated.lessons_of(person, start, end)
