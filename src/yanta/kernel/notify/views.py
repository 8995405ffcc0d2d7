"""The person's messages."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render

from yanta.kernel.base import Actor
from yanta.kernel.identity.gate import public_page
from yanta.kernel.notify import gateways, reading
from yanta.kernel.notify.models import Message, SimulatedText
from yanta.kernel.portal.pages import PortalPage

PER_PAGE = 30
SIMULATED_SHOWN = 20


def messages_of(actor: Actor) -> QuerySet[Message]:
    """The person's own; an account without a person has none."""
    rows: QuerySet[Message] = Message.objects.filter(person_id=actor.person_id or 0)
    return rows


class MessagesView(PortalPage):
    """All of them, newest first; `?unread` keeps those not opened yet. A POST marks all as read."""

    template = "notify/messages.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = messages_of(self.actor)
        only_unread = "unread" in request.GET
        shown = rows.filter(read_at=None) if only_unread else rows
        page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
        return self.page(page=page, only_unread=only_unread, unread=reading.unread_of(self.actor))

    def post(self, request: HttpRequest) -> HttpResponse:
        reading.mark_all_read(actor=self.actor)
        return HttpResponseRedirect("/messages/")


class MessageView(PortalPage):
    """Opening one is the read receipt; one that leads somewhere leads there."""

    template = "notify/message.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        message = get_object_or_404(messages_of(self.actor), pk=pk)
        reading.mark_read(message, actor=self.actor)
        if message.link and not message.body:
            return HttpResponseRedirect(message.link)
        return self.page(message=message)


@public_page
def simulated(request: HttpRequest) -> HttpResponse:
    """What the demo would have sent to phones: open to whoever is at the demo, absent everywhere else."""
    if not gateways.is_simulating():
        raise Http404
    shown = SimulatedText.objects.all()[:SIMULATED_SHOWN]
    answer = render(request, "notify/simulated.html", {"texts": shown})
    answer["Cache-Control"] = "no-store"
    return answer
