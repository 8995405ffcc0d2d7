"""Class lists: on screen, as Excel and on paper."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.resource.sheets import EXCEL_TYPE
from yanta.systems.course_selection import queries, services
from yanta.systems.course_selection.adapters import rosters
from yanta.systems.course_selection.models import Enrolment, Place


class TaughtView(PortalPage):
    """One's own sections, each with its list."""

    template = "course_selection/taught.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        term = queries.term_asked(request.GET.get("term", ""))
        return self.page(term=term, places=queries.places_taught_by(self.actor, term) if term else [])


class RosterView(PortalPage):
    """The students of a section; `?format=xlsx` or `pdf` to take away."""

    template = "course_selection/roster.html"

    def get(self, request: HttpRequest, key: int) -> HttpResponse:
        place = Place.objects.select_related("course", "term").filter(pk=key).first()
        if place is None:
            raise Http404
        if not queries.may_see_roster(self.actor, place):
            raise NotAllowed("选课名单只给任课教师和教务处", rule="roster")
        chosen = queries.roster_of(place)
        form = request.GET.get("format")
        if form in ("xlsx", "pdf"):
            return _file(place, chosen, form)
        unfit = queries.unfit_rows(place)
        may_remove = self.actor.may(services.remove_student.permission)
        return self.page(place=place, chosen=chosen, unfit=unfit, may_remove=may_remove)


def _file(place: Place, chosen: list[Enrolment], form: str) -> HttpResponse:
    title = f"{place.course.name}选课名单"
    sub = f"{place.term.name} · {place.number} · {place.teachers or '教师待定'} · {len(chosen)} 人"
    rows = [_row(one) for one in chosen]
    if form == "pdf":
        made = timezone.localtime().strftime("%Y-%m-%d %H:%M")
        answer = HttpResponse(rosters.pdf(title, sub, rows, made=made), content_type="application/pdf")
    else:
        answer = HttpResponse(rosters.xlsx(title, sub, rows), content_type=EXCEL_TYPE)
    shown = "inline" if form == "pdf" else "attachment"
    answer["Content-Disposition"] = f'{shown}; filename="roster-{place.pk}.{form}"'
    return answer


def _row(one: Enrolment) -> list[str]:
    student = one.student
    return [
        student.number, student.person.name, student.department.name,
        student.admin_class.name if student.admin_class else "", str(one.get_study_display()),
    ]  # fmt: skip
