"""The person's messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render

from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity.gate import public_page
from yanta.kernel.notify import channels, gateways, reading
from yanta.kernel.notify.declare import category_title
from yanta.kernel.notify.models import Message, SimulatedText
from yanta.kernel.portal.pages import PortalPage

PER_PAGE = 30
SIMULATED_SHOWN = 60
# So many of one kind within this time are shown as one line that opens.
FOLDED_FROM = 3
FOLDED_WITHIN = timedelta(minutes=10)


def messages_of(actor: Actor) -> QuerySet[Message]:
    """The person's own; an account without a person has none."""
    rows: QuerySet[Message] = Message.objects.filter(person_id=actor.person_id or 0)
    return rows


@dataclass(frozen=True, slots=True)
class Category:
    key: str
    title: str
    unread: int
    count: int


def categories_of(actor: Actor) -> list[Category]:
    """The systems that wrote to the person, those with unread messages first."""
    counted: dict[str, list[int]] = {}
    rows = messages_of(actor).order_by().values_list("template")
    for template, count, unread in rows.annotate(n=Count("pk"), u=Count("pk", filter=Q(read_at=None))):
        found = counted.setdefault(template.partition(".")[0], [0, 0])
        found[0] += count
        found[1] += unread
    made = [Category(key, category_title(key), unread, count) for key, (count, unread) in counted.items()]
    return sorted(made, key=lambda one: (-one.unread, -one.count))


def folded(rows: Iterable[Message]) -> list[list[Message]]:
    """Neighbours of one kind that came at about the same time, as one group."""
    groups: list[list[Message]] = []
    for row in rows:
        last = groups[-1] if groups else None
        is_more = last and last[0].template == row.template and not row.needs_confirmation
        if last and is_more and last[-1].created_at - row.created_at <= FOLDED_WITHIN:
            last.append(row)
        else:
            groups.append([row])
    return [
        part
        for group in groups
        for part in ([group] if len(group) >= FOLDED_FROM else [[one] for one in group])
    ]


class MessagesView(PortalPage):
    """Newest first; `?unread`, `?category=`, `?q=`. A POST marks as read what is shown."""

    template = "notify/messages.html"

    def shown(self, asked: Any) -> tuple[QuerySet[Message], str, str]:
        rows, category, text = (
            messages_of(self.actor),
            asked.get("category", "")[:40],
            asked.get("q", "").strip()[:60],
        )
        if category:
            rows = rows.filter(template__startswith=f"{category}.")
        if text:
            rows = rows.filter(Q(title__icontains=text) | Q(body__icontains=text), recalled_at=None)
        return rows, category, text

    def get(self, request: HttpRequest) -> HttpResponse:
        rows, category, text = self.shown(request.GET)
        only_unread = "unread" in request.GET
        rows = rows.filter(read_at=None) if only_unread else rows
        page = Paginator(rows.select_related("notice"), PER_PAGE).get_page(request.GET.get("page"))
        return self.page(
            page=page, groups=folded(page.object_list), only_unread=only_unread, unread=reading.unread_of(self.actor),
            categories=categories_of(self.actor), category=category, text=text, may_write=self.actor.may("notify.notice.compose"),
        )  # fmt: skip

    def post(self, request: HttpRequest) -> HttpResponse:
        rows, category, _ = self.shown(request.POST)
        reading.mark_all_read(actor=self.actor, rows=rows)
        return HttpResponseRedirect(f"/messages/?category={category}" if category else "/messages/")


class MessageView(PortalPage):
    """Opening one is the read receipt; one that leads somewhere leads there. A POST confirms."""

    template = "notify/message.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        message = get_object_or_404(messages_of(self.actor).select_related("notice__author"), pk=pk)
        return self.opened(message)

    def opened(self, message: Message, *, error: str = "") -> HttpResponse:
        reading.mark_read(message, actor=self.actor)
        if message.link and not message.body and not message.needs_confirmation and not message.recalled_at:
            return HttpResponseRedirect(message.link)
        notice = message.notice
        files = (
            [one.file for one in notice.attachments.select_related("file")]
            if notice and not message.recalled_at
            else []
        )
        return self.page(message=message, notice=notice, files=files, error=error)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        message = get_object_or_404(messages_of(self.actor).select_related("notice__author"), pk=pk)
        try:
            reading.confirm(message, actor=self.actor)
        except Refused as refusal:
            return self.opened(message, error=refusal.message)
        return HttpResponseRedirect(f"/messages/{message.pk}/")


class OwnNoticeView(PortalPage):
    """From a notice to one's own copy of it, for reminders that know only the notice."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        message = get_object_or_404(messages_of(self.actor), notice_id=pk)
        return HttpResponseRedirect(f"/messages/{message.pk}/")


@public_page
def simulated(request: HttpRequest) -> HttpResponse:
    """What the demo would have sent outside: open to whoever is at the demo, absent everywhere else."""
    if not gateways.is_simulating():
        raise Http404
    channel = request.GET.get("channel", "")
    rows = (
        SimulatedText.objects.filter(channel=channel)
        if channel in SimulatedText.Channel
        else SimulatedText.objects.all()
    )
    context = {
        "texts": rows[:SIMULATED_SHOWN],
        "channels": SimulatedText.Channel.choices,
        "channel": channel,
        "icon_of": channels.icon_of,
    }
    answer = render(request, "notify/simulated.html", context)
    answer["Cache-Control"] = "no-store"
    return answer
