"""The student's catalogue, swaps and receipts."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import uuid4

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from yanta.kernel.portal.pages import PortalPage
from yanta.systems.course_selection import queries
from yanta.systems.course_selection.models import Place, Round
from yanta.systems.course_selection.rules import words

SHOWN = 20


class CatalogueView(PortalPage):
    """What may be chosen, with the seats open to me, and why not, before the click."""

    template = "course_selection/catalogue.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        window, student = queries.present_round(), queries.student_of(self.actor.person_id)
        if window is None:
            return self.page(round=None, student=student, lines=[])
        search = queries.search_of(request.GET.dict())
        found = queries.places_of(window.term, student, search)
        pages = Paginator(found, SHOWN).get_page(request.GET.get("page"))
        verb = "wish" if window.kind == Round.Kind.LOTTERY else "take"
        lines = queries.lines_of(student, list(pages), verb=verb)
        return self.page(
            round=window, student=student, lines=lines, pages=pages, search=search, query=urlencode(search.asked),
            choices=queries.choices_of(window.term), now=timezone.now(), keys=uuid4,
        )  # fmt: skip


class SwapView(PortalPage):
    """One place for another in one decision: what I would lose is said before."""

    template = "course_selection/swap.html"

    def get(self, request: HttpRequest, key: int) -> HttpResponse:
        student = queries.student_of(self.actor.person_id)
        wanted = Place.objects.filter(pk=key).first()
        if student is None or wanted is None:
            raise Http404
        place = queries.places_of(wanted.term, student).filter(pk=key).first()
        if place is None:
            return self.page(place=wanted, closed=True, swaps=[])
        (line,) = queries.lines_of(student, [place])
        swaps = queries.swaps_of(student, wanted)
        return self.page(
            place=place, line=line, student=student, keys=uuid4,
            may=[one for one in swaps if not one.why], stopped=[one for one in swaps if one.why],
        )  # fmt: skip


class MineView(PortalPage):
    """My courses, where I wait, every receipt."""

    template = "course_selection/mine.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        student, term = queries.student_of(self.actor.person_id), queries.term_asked("")
        if student is None or term is None:
            return self.page(student=student, term=term)
        receipts = [
            (one, words.said(one.verb, one.outcome, one.code, one.detail))
            for one in queries.receipts_of(student)
        ]
        chosen = queries.chosen_by(student, term)
        return self.page(
            student=student, term=term, chosen=chosen, credits=sum(one.place.course.credits for one in chosen),
            stays=queries.kept_by_rules(student, [one.place_id for one in chosen]),
            waits=queries.waiting_of(student, term), receipts=receipts, keys=uuid4,
        )  # fmt: skip
