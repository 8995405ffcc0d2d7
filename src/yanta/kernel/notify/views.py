"""The person's messages."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from yanta.kernel.notify import reading
from yanta.kernel.notify.models import Message
from yanta.kernel.portal.pages import PortalPage

PER_PAGE = 30


class MessagesView(PortalPage):
    """All of them, newest first; `?unread` keeps those not opened yet. A POST marks all as read."""

    template = "notify/messages.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = Message.objects.filter(person_id=self.actor.person_id)
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
        message = Message.objects.filter(pk=pk, person_id=self.actor.person_id).first()
        if message is None or self.actor.person_id is None:
            raise Http404
        reading.mark_read(message, actor=self.actor)
        if message.link and not message.body:
            return HttpResponseRedirect(message.link)
        return self.page(message=message)
