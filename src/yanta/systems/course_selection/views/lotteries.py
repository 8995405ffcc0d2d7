"""My wishes with their odds, the published seed, and everything needed to recompute the draw."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage
from yanta.systems.course_selection import queries, services
from yanta.systems.course_selection.models import Round, Wish
from yanta.systems.course_selection.rules.wishing import Wanted

EXPORT = "course_selection.wish.export"


class LotteryView(PortalPage):
    """A form of one's own list: order, and points where the round gives them."""

    template = "course_selection/lottery.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        student = queries.student_of(self.actor.person_id)
        window = queries.lottery_of(student)
        wishes = queries.wishes_of(student, window) if student and window else []
        spent = sum(one.wish.points for one in wishes)
        return self.page(student=student, round=window, wishes=wishes, spent=spent, now=timezone.now())

    def post(self, request: HttpRequest) -> HttpResponse:
        student = queries.student_of(self.actor.person_id)
        window = queries.lottery_of(student)
        if student is None or window is None:
            raise NotAllowed("没有可填的预选志愿", rule="student")
        kept = [
            Wanted(one.wish.place_id, one.wish.points)
            for one in queries.wishes_of(student, window)
        ]  # fmt: skip
        services.store_wishes(window, student.pk, changed(kept, request.POST))
        return HttpResponseRedirect("/course-selection/lottery/")


def changed(kept: Sequence[Wanted], asked: Any) -> list[Wanted]:
    """Points as written; then `add` goes to the end, `remove` leaves, `up` moves one step forward."""
    add, remove, up = (_number(asked.get(name, "")) for name in ("add", "remove", "up"))
    wanted = [
        Wanted(one.place_id, _number(asked.get(f"points-{one.place_id}", ""), else_=one.points))
        for one in kept
        if one.place_id != remove
    ]
    at = next((n for n, one in enumerate(wanted) if one.place_id == up), 0)
    if at:
        wanted[at - 1], wanted[at] = wanted[at], wanted[at - 1]
    return [*wanted, Wanted(add)] if add else wanted


def _number(text: str, *, else_: int = 0) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else else_


class DrawnView(PortalPage):
    """The published list of a draw, as the recomputing script reads it."""

    def get(self, request: HttpRequest, key: int) -> HttpResponse:
        window = Round.objects.filter(pk=key).exclude(drawn_at=None).first()
        if window is None:
            raise Http404
        text = io.StringIO()
        csv.writer(text).writerows(queries.published(window, with_numbers=self.sees_all(window)))
        return HttpResponse(
            text.getvalue(), content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="draw-{key}.csv"'},
        )  # fmt: skip

    def sees_all(self, window: Round) -> bool:
        """Whether these are all wishes that the actor may export anyway: the registry, not the head of a college."""
        theirs = Wish.objects.visible_to(self.actor, EXPORT).filter(round=window)
        return self.actor.may(EXPORT) and theirs.count() == Wish.objects.filter(round=window).count()


class ScriptView(PortalPage):
    """The recomputing script itself: plain Python, to be read and run by anybody."""

    def get(self, request: HttpRequest) -> HttpResponse:
        answer = render(request, "course_selection/recompute.txt", content_type="text/plain; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="recompute.py"'
        return answer
