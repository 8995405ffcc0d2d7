"""合作方账号: which partners' accounts are linked to oneself, one more, one less."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from yanta.kernel.audit import record
from yanta.kernel.base import Refused
from yanta.kernel.identity.views.own import OwnPage, account_of, confirm_password
from yanta.sso.applications import public as sso
from yanta.sso.partners import entering
from yanta.sso.partners.models import Link, Partner
from yanta.sso.partners.rules import Distrusted


class LinksView(OwnPage):
    """The password is asked for once more: a link is a key to the account."""

    template = "partners/links.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._shown()

    def post(self, request: HttpRequest) -> HttpResponse:
        account = account_of(request)
        partner = get_object_or_404(Partner, code=request.POST.get("partner", ""), is_open=True)
        try:
            confirm_password(request, account)
            if account.person is None:
                raise Refused("服务账号不能关联")
            address = entering.begin(request, partner, onward=reverse("partner-links"), account=account)
        except Refused as refusal:
            return self._shown(refusal)
        except Distrusted as refusal:
            return self._shown(Refused(refusal.words))
        # A page in between, for the form of this one may lead nowhere but to us.
        return self.shown(links=[], others=[], leading=address, partner=partner)

    def _shown(self, refusal: Refused | None = None) -> HttpResponse:
        mine = Link.objects.filter(person_id=account_of(self.request).person_id).select_related("partner")
        linked = [one.partner_id for one in mine]
        others = Partner.objects.filter(is_open=True).exclude(pk__in=linked)
        return self.shown(refusal, links=mine, others=others, leading="")


@require_POST
def unlink_own(request: HttpRequest, pk: int) -> HttpResponse:
    """The partner's account opens nothing here any more."""
    account = account_of(request)
    link = get_object_or_404(Link.objects.select_related("partner"), pk=pk, person_id=account.person_id or 0)
    record("partners.link.unlink", actor=request.actor, subject=link, summary="本人解除关联")  # type: ignore[attr-defined]  # our middleware sets it
    sso.granted("partner", "link", request=request, account=account, service=link.partner.issuer, reason="本人解除关联")  # fmt: skip
    link.delete()
    return HttpResponseRedirect(reverse("partner-links"))
