"""我登录过的应用: where one is signed in, and out again one by one; what one agreed to have told."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from yanta.kernel.events import publish
from yanta.kernel.portal.pages import PortalPage
from yanta.sso.applications import decisions, protocols, sessions
from yanta.sso.applications.catalogue import ATTRIBUTES
from yanta.sso.applications.events import ConsentWithdrawn
from yanta.sso.applications.models import Consent, Entry

SHOWN = 30


class EntriesView(PortalPage):
    """Open and past entries of one's own account."""

    template = "applications/entries.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        account_id = self.actor.account_id or 0
        here = request.session.row.pk  # type: ignore[attr-defined]  # our middleware sets it
        mine = Entry.objects.filter(session__account_id=account_id).select_related("application", "session")
        consents = Consent.objects.filter(account_id=account_id).select_related("application")
        return self.page(
            entries=[
                (entry, protocols.title_of(entry.protocol), entry.session.session_id == here)
                for entry in sessions.open_entries(account_id)
            ],
            past=mine.exclude(notice=Entry.Notice.OPEN).order_by("-ended_at")[:SHOWN],
            consents=[
                (
                    one,
                    "、".join(ATTRIBUTES[code].title for code in one.attributes if code in ATTRIBUTES)
                    or "账号标识",
                )
                for one in consents
            ],
        )


@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Out of one application, in one browser."""
    mine = sessions.open_entries(request.user.pk or 0)
    entry = get_object_or_404(mine, pk=pk)
    sessions.leave(Entry.objects.filter(session=entry.session, application=entry.application))
    decisions.granted("sso", "sign_out", request=request, application=entry.application, account=request.user, reason="本人退出该应用")  # fmt: skip
    return HttpResponseRedirect(reverse("sso-entries"))


@require_POST
def withdraw_consent(request: HttpRequest, pk: int) -> HttpResponse:
    """Asked anew at the next entry."""
    consent = get_object_or_404(Consent, pk=pk, account_id=request.user.pk)
    decisions.granted("sso", "consent", request=request, application=consent.application, account=request.user, reason="本人撤回信息授权")  # fmt: skip
    with transaction.atomic():
        publish(ConsentWithdrawn(application_id=consent.application_id, account_id=consent.account_id))
        consent.delete()
    return HttpResponseRedirect(reverse("sso-entries"))
