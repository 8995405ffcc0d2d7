"""The student's catalogue and receipts, the lottery, the registry's console."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage
from yanta.systems.course_selection import queries, services
from yanta.systems.course_selection.models import Round
from yanta.systems.course_selection.rules import words

SHOWN = 20
SEES = "course_selection.round.view"


class CatalogueView(PortalPage):
    """What may be chosen, with free seats, and why not, before the click."""

    template = "course_selection/catalogue.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        window, student = queries.present_round(), queries.student_of(self.actor.person_id)
        if window is None:
            return self.page(round=None, student=student, lines=[])
        text = request.GET.get("q", "").strip()[:40]
        found = queries.places_of(window.term, text=text)
        pages = Paginator(found, SHOWN).get_page(request.GET.get("page"))
        verb = "wish" if window.kind == Round.Kind.LOTTERY else "take"
        lines = queries.lines_of(student, list(pages), verb=verb)
        return self.page(
            round=window, student=student, lines=lines, pages=pages, text=text, now=timezone.now(), keys=uuid4,
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
            waits=queries.waits_of(student, term), receipts=receipts, keys=uuid4,
        )  # fmt: skip


class LotteryView(PortalPage):
    """My wishes with their odds, the published seed, and how to compute the result oneself."""

    template = "course_selection/lottery.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        student = queries.student_of(self.actor.person_id)
        window = Round.objects.filter(kind=Round.Kind.LOTTERY).order_by("-opens_at").first()
        wishes = queries.wishes_of(student, window) if student and window else []
        return self.page(student=student, round=window, wishes=wishes, now=timezone.now())

    def post(self, request: HttpRequest) -> HttpResponse:
        student = queries.student_of(self.actor.person_id)
        window = Round.objects.filter(kind=Round.Kind.LOTTERY).order_by("-opens_at").first()
        if student is None or window is None:
            raise NotAllowed("没有可填的预选志愿", rule="student")
        kept = [one.place_id for one, _odds in queries.wishes_of(student, window)]
        services.store_wishes(window, student.pk, _changed(kept, request.POST))
        return HttpResponseRedirect("/course-selection/lottery/")


def _changed(kept: list[int], asked: Any) -> list[int]:
    """`add` goes to the end, `remove` leaves, `up` moves one step forward."""
    add, remove, up = (_number(asked.get(name, "")) for name in ("add", "remove", "up"))
    wanted = [key for key in kept if key != remove]
    if up in wanted[1:]:
        at = wanted.index(up)
        wanted[at - 1], wanted[at] = wanted[at], wanted[at - 1]
    return [*wanted, add] if add else wanted


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0


class ConsoleView(PortalPage):
    """Seats of every place as they are now, those with most who wait first."""

    template = "course_selection/console.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.actor.may(SEES):
            raise NotAllowed("您没有查看选课轮次的权限", rule=SEES)
        term = queries.term_asked(request.GET.get("term", ""))
        if term is None:
            return self.page(term=None)
        text = request.GET.get("q", "").strip()[:40]
        found = queries.places_of(term, text=text).order_by("-waits", "number")
        pages = Paginator(found, SHOWN).get_page(request.GET.get("page"))
        rounds = Round.objects.filter(term=term).order_by("opens_at")
        return self.page(
            term=term,
            rounds=rounds,
            pages=pages,
            text=text,
            now=timezone.now(),
            missing=queries.times_missing(term),
        )
