"""The timetable of a person, a class or a room; as page, Excel and calendar."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View

from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.resource.sheets import EXCEL_TYPE
from yanta.masterdata.models import Term
from yanta.systems.timetables.models import Period, Version
from yanta.systems.timetables.queries import occurring, whose
from yanta.systems.timetables.queries.occurring import Lesson
from yanta.systems.timetables.queries.whose import Whose
from yanta.systems.timetables.rules import clashes, feed

SEES = "timetables.placement.view"
SALT = "timetables.feed"
BLOCKS = ((1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12))


class WeekPage(PortalPage):
    """A week as a grid, on the phone as a list of days; `?week=0` shows all weeks."""

    template = "timetables/week.html"
    address = ""

    def shown(self, request: HttpRequest, one: Whose | None, version: Version | None) -> HttpResponse:
        if one is None or version is None:
            return self.page(version=None, whose=one)
        term = version.term
        week = _week_asked(request, term)
        if request.GET.get("format") == "xlsx":
            return _sheet(one, version)
        lessons = occurring.lessons_of(version, one.kind, one.keys, week or None)
        days = sorted({1, 2, 3, 4, 5, *(lesson.weekday for lesson in lessons)})
        return self.page(
            version=version, whose=one, term=term, week=week, this_week=term.week_of(timezone.localdate()), days=[
                (day, clashes.weekday_name(day), [lesson for lesson in lessons if lesson.weekday == day]) for day in days
            ], rows=_grid(lessons, days), lessons=lessons, feed=self.feed(term), more=self.more(version),
            weeks=range(1, term.teaching_weeks + 1),
        )  # fmt: skip

    def feed(self, term: Term) -> str:
        return ""

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


def _grid(lessons: list[Lesson], days: list[int]) -> list[tuple[str, list[list[Lesson]]]]:
    """Blocks of two periods by day; what is taught in a block begins in it."""
    found = []
    for first, last in BLOCKS:
        cells = [
            [one for one in lessons if one.weekday == day and first <= one.first <= last] for day in days
        ]
        if first < BLOCKS[-2][0] or any(cells):
            found.append((f"{first}-{last}", cells))
    return found


def _sheet(one: Whose, version: Version) -> HttpResponse:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("课表")
    sheet.write_row(0, 0, ["星期", "节次", "周次", "课程", "教学班", "教室", "教师", "班级"])
    lessons = occurring.lessons_of(version, one.kind, one.keys, None)
    for number, lesson in enumerate(lessons, start=1):
        sheet.write_row(number, 0, [
            clashes.weekday_name(lesson.weekday), f"{lesson.first}-{lesson.last}", lesson.in_words, lesson.course, lesson.section,
            lesson.room, lesson.teachers, lesson.classes,
        ])  # fmt: skip
    book.close()
    answer = HttpResponse(buffer.getvalue(), content_type=EXCEL_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="timetable-{version.term.code}.xlsx"'
    return answer


class MineView(WeekPage):
    """One's own: what one teaches, or what one's class attends."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown(request, whose.own(self.actor.person_id), whose.version_shown("", drafts=False))

    def feed(self, term: Term) -> str:
        token = signing.dumps([self.actor.person_id, term.pk], salt=SALT)
        return self.request.build_absolute_uri(f"/timetables/feed/{token}.ics")


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


@method_decorator(login_not_required, name="dispatch")
class FeedView(View):
    """What a calendar subscribes to: the address is the key, for one person and one term."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            person_id, term_id = signing.loads(token, salt=SALT)
        except signing.BadSignature:
            raise Http404 from None
        term, version = Term.objects.filter(pk=term_id).first(), occurring.published(term_id)
        one = whose.own(person_id)
        if term is None or version is None or one is None or timezone.localdate() > term.ends_on:
            raise Http404
        answer = HttpResponse(_calendar(one, version, term), content_type="text/calendar; charset=utf-8")
        answer["Cache-Control"] = "private, max-age=3600"
        return answer


def _calendar(one: Whose, version: Version, term: Term) -> str:
    meetings = [
        feed.Meeting(
            f"{lesson.placement_id}-{week}{'-moved' if lesson.note else ''}", lesson.course, lesson.room,
            f"{lesson.teachers} {lesson.note}".strip(), week, lesson.weekday, lesson.first, lesson.last,
        )
        for week, lesson in _weekly(one, version, term)
    ]  # fmt: skip
    exceptions = [feed.DayOff(day.starts_on, day.ends_on, day.follows_on) for day in term.events.all()]
    bells: dict[int, Any] = {
        period.number: (period.starts_at, period.ends_at)
        for period in Period.objects.order_by("-campus__code")
    }
    return feed.calendar(
        f"{term.name}课表",
        meetings,
        starts_on=term.starts_on,
        exceptions=exceptions,
        bells=bells,
        stamp=timezone.now(),
    )


def _weekly(one: Whose, version: Version, term: Term) -> list[tuple[int, Lesson]]:
    """Every meeting of every week that is not off."""
    by_week = occurring.weeks_of(version, one.kind, one.keys, term.teaching_weeks)
    return [(week, lesson) for week, lessons in by_week.items() for lesson in lessons if not lesson.is_off]
