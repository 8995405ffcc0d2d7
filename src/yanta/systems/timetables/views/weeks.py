"""The timetable of a person, a class or a room; as page, Excel and calendar."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage
from yanta.masterdata import weeks as bitmaps
from yanta.masterdata.models import Term
from yanta.systems.timetables import services
from yanta.systems.timetables.adapters import printing, sheets
from yanta.systems.timetables.models import Version
from yanta.systems.timetables.queries import occurring, whose
from yanta.systems.timetables.queries.occurring import Lesson
from yanta.systems.timetables.queries.whose import Whose
from yanta.systems.timetables.rules import poster

SEES = "timetables.placement.view"
PRINTED = {"pdf": "application/pdf", "png": "image/png"}
BLOCKS = ((1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12))


class WeekPage(PortalPage):
    """A week as a grid, on the phone as a list of days; `?week=0` shows all weeks."""

    template = "timetables/week.html"
    follows = ""  # where this timetable goes on to a phone's calendar

    def shown(self, request: HttpRequest, one: Whose | None, version: Version | None) -> HttpResponse:
        if one is None or version is None:
            return self.page(version=None, whose=one)
        term = version.term
        movable = self.may_move(version)
        week = 0 if movable and "week" not in request.GET else _week_asked(request, term)
        if (form := request.GET.get("format")) == "xlsx":
            return _sheet(one, version)
        if form in PRINTED:
            return _printed(one, version, week, form)
        lessons = occurring.lessons_of(version, one.kind, one.keys, week or None)
        days = sorted({1, 2, 3, 4, 5, *(lesson.weekday for lesson in lessons)})
        return self.page(
            version=version, whose=one, term=term, week=week, this_week=term.week_of(timezone.localdate()), days=[
                (day, bitmaps.day_name(day), [lesson for lesson in lessons if lesson.weekday == day]) for day in days
            ], rows=_grid(lessons, days, whole=movable), lessons=lessons, follows=self.follows,
            teaches=bool(self.follows) and one.kind == "teacher", more=self.more(version),
            weeks=range(1, term.teaching_weeks + 1), movable=movable and not week,
            shelf=whose.unplaced(version, one) if movable and not week else [],
        )  # fmt: skip

    def may_move(self, version: Version) -> bool:
        return version.is_open and self.actor.may(services.move.permission)

    def more(self, version: Version) -> str:
        return ""


def _week_asked(request: HttpRequest, term: Term) -> int:
    text = request.GET.get("week", "")
    asked = (
        int(text)
        if text.isascii() and text.isdecimal() and len(text) < 3
        else term.week_of(timezone.localdate())
    )
    return min(max(asked, 0 if text == "0" else 1), term.teaching_weeks)


def _grid(
    lessons: list[Lesson], days: list[int], *, whole: bool = False
) -> list[tuple[str, list[tuple[int, list[Lesson]]]]]:
    """Blocks of two periods by day; what is taught in a block begins in it; the late evening only where it is asked for."""
    found = []
    for first, last in BLOCKS:
        cells = [
            (day, [one for one in lessons if one.weekday == day and first <= one.first <= last])
            for day in days
        ]
        if whole or first < BLOCKS[-1][0] or any(cell for _, cell in cells):
            found.append((f"{first}-{last}", cells))
    return found


def _printed(one: Whose, version: Version, week: int, form: str) -> HttpResponse:
    """One sheet of A4, as PDF or as an image for a phone."""
    lessons = occurring.lessons_of(version, one.kind, one.keys, week or None)
    days = sorted({1, 2, 3, 4, 5, *(lesson.weekday for lesson in lessons)})
    title = f"{whose.name_of(one)}课表"
    sub = f"{version.term.name} · {f'第 {week} 周' if week else '全部周次'}"
    rows = [
        (name, [[_said(lesson, one.kind, week) for lesson in cell] for _, cell in cells])
        for name, cells in _grid(lessons, days)
    ]
    source = poster.source(title, sub, [bitmaps.day_name(day) for day in days], rows)
    answer = HttpResponse(
        printing.drawn(source, "pdf" if form == "pdf" else "png"), content_type=PRINTED[form]
    )
    answer["Content-Disposition"] = f'inline; filename="timetable-{version.term.code}.{form}"'
    return answer


def _said(lesson: Lesson, kind: str, week: int) -> tuple[str, str]:
    """The course, and what else this reader wants to know of it."""
    parts = [f"{lesson.first}-{lesson.last} 节", lesson.room]
    parts += [] if kind == "teacher" else [lesson.teachers]
    parts += [] if kind == "class" else [lesson.classes]
    parts += [] if week else [f"{lesson.in_words} 周"]
    return f"{lesson.course}（{lesson.note}）" if lesson.note else lesson.course, " · ".join(
        filter(None, parts)
    )


def _sheet(one: Whose, version: Version) -> HttpResponse:
    head = ["星期", "节次", "周次", "课程", "教学班", "教室", "教师", "班级"]
    rows = (
        [bitmaps.day_name(lesson.weekday), f"{lesson.first}-{lesson.last}", lesson.in_words, lesson.course, lesson.section,
         lesson.room, lesson.teachers, lesson.classes]
        for lesson in occurring.lessons_of(version, one.kind, one.keys, None)
    )  # fmt: skip
    return sheets.answer(f"timetable-{version.term.code}", "课表", head, rows)


class MineView(WeekPage):
    """One's own: what one teaches, or what one's class attends."""

    follows = "/calendar/follow/"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown(request, whose.own(self.actor.person_id), whose.version_shown("", drafts=False))


class OfView(WeekPage):
    """A teacher's, a class's or a room's, for those who see timetables; `?version=` shows a draft."""

    def get(self, request: HttpRequest, kind: str, key: int) -> HttpResponse:
        if not self.actor.may(SEES):
            raise NotAllowed("您没有查看课表的权限", rule=SEES)
        found = whose.named(kind, key)
        if found is None:
            raise Http404
        drafts = self.actor.may("timetables.placement.move")
        return self.shown(request, found, whose.version_shown(request.GET.get("version", ""), drafts=drafts))

    def more(self, version: Version) -> str:
        return f"&version={version.pk}" if "version" in self.request.GET else ""
