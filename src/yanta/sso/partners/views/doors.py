"""To a partner, and back with an answer that is proved."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from yanta.kernel.base import Refused
from yanta.kernel.identity import factors, signing_in
from yanta.kernel.identity.models import Account
from yanta.kernel.identity.views.doors import onward_of
from yanta.kernel.organisation.models import OrgUnit
from yanta.sso.applications import public as sso
from yanta.sso.partners import entering, leaving
from yanta.sso.partners.models import Attempt, Link, Partner
from yanta.sso.partners.rules import Distrusted, Found
from yanta.sso.saml import keys, metadata
from yanta.sso.saml.documents import written


def partner_of(code: str) -> Partner:
    found: Partner = get_object_or_404(Partner, code=code, is_open=True)
    return found


@require_GET
def start(request: HttpRequest, code: str) -> HttpResponse:
    """The button of the sign-in page."""
    partner, onward = partner_of(code), onward_of(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(onward)
    try:
        return HttpResponseRedirect(entering.begin(request, partner, onward=onward))
    except Distrusted as refusal:
        return _turned_away(request, partner, refusal)


@csrf_exempt
@require_POST
def assertion(request: HttpRequest, code: str) -> HttpResponse:
    """A SAML partner's form comes from another site, so without our cookie; it is proved, kept, and the browser comes again."""
    partner = partner_of(code)
    if partner.kind != Partner.Kind.SAML:
        raise Http404
    try:
        state = entering.keep_assertion(partner, request.POST.dict(), at=timezone.now())
    except Distrusted as refusal:
        return _turned_away(request, partner, refusal)
    answer = HttpResponseRedirect(
        f"{reverse('partner-callback', args=[partner.code])}?{urlencode({'state': state})}"
    )
    answer.status_code = 303
    return answer


def arrived(request: HttpRequest, code: str) -> HttpResponse:
    """Back in the browser that left: somebody of ours, or turned away with the reason."""
    partner, now = partner_of(code), timezone.now()
    try:
        attempt, found = entering.arrived(request, partner, request.GET.dict(), at=now)
        if attempt.account_id is not None:
            return _linked(request, partner, attempt, found)
        person = entering.person_of(partner, found, at=now)
    except Distrusted as refusal:
        return _turned_away(request, partner, refusal)
    account = Account.objects.filter(person=person).first() if person else None
    if account is None:
        entering.note_stranger(partner, found, at=now)
        return _turned_away(request, partner, Distrusted("unknown", _unknown(partner)), status=403)
    return _let_in(request, partner, attempt, account, found)


def _unknown(partner: Partner) -> str:
    if partner.unknown == Partner.Unknown.TODO:
        return f"{partner.name}的这个账号还没有对应到本校的人。信息中心会核实；您也可以先用本校账号登录，在“账号与安全”里自己关联"
    return f"{partner.name}的这个账号没有关联到本校的人。请先用本校账号登录，在“账号与安全”里关联"


def _let_in(
    request: HttpRequest, partner: Partner, attempt: Attempt, account: Account, found: Found
) -> HttpResponse:
    """The partner's word is the first proof; a second one is asked for as at every door."""
    try:
        signing_in.check_state(request, account, method="partner")
    except Refused as refusal:
        return _turned_away(request, partner, Distrusted("account.state", refusal.message), account=account)
    sso.granted("partner", "sign_in", request=request, account=account, service=partner.issuer, reason=partner.name)  # fmt: skip
    origin = leaving.begin(partner, account, found, at=timezone.now())
    enrolled = factors.is_enrolled(account)
    demand = signing_in.demand_of(request, account, is_enrolled=enrolled)
    if demand.factor or demand.text:
        signing_in.ask_factor(
            request, account, remembered=False, onward=attempt.onward, by_text=demand.text, origin=origin
        )
        return HttpResponseRedirect(reverse("second-factor"))
    signing_in.open_session(request, account, method="partner", is_enrolled=enrolled, origin=origin)
    return HttpResponseRedirect(attempt.onward or "/")


def _linked(request: HttpRequest, partner: Partner, attempt: Attempt, found: Found) -> HttpResponse:
    """Signed in here and there, in one browser, within minutes: the link is the person's own."""
    account = attempt.account
    if account is None or account.person is None or request.user.pk != account.pk:
        raise Distrusted("link", "关联要由本人在登录状态下完成，请重新登录后再试")
    entering.link(partner, found.subject, account.person, proof=Link.Proof.SELF, at=timezone.now())
    sso.granted(
        "partner", "link", request=request, account=account, service=partner.issuer, reason="本人关联"
    )
    return HttpResponseRedirect(reverse("partner-links"))


def _turned_away(
    request: HttpRequest,
    partner: Partner,
    refusal: Distrusted,
    *,
    status: int = 403,
    account: Account | None = None,
) -> HttpResponse:
    sso.refused(
        "partner", "sign_in", request=request, rule=refusal.rule, reason=refusal.words, service=partner.issuer, account=account
    )  # fmt: skip
    context = {"partner": partner, "reason": refusal.words}
    answer = render(request, "partners/turned_away.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


@require_GET
def own_metadata(request: HttpRequest, code: str) -> HttpResponse:
    """What a SAML partner registers of us."""
    partner = get_object_or_404(Partner, code=code, kind=Partner.Kind.SAML)
    top = OrgUnit.objects.filter(depth=1).order_by("path").first()
    us = metadata.Ourselves(
        partner.our_entity_id, top.name if top else partner.name, partner.acs, acs=partner.acs,
        logout=partner.single_logout,
    )  # fmt: skip
    made = metadata.of_service_provider(us, keys.current(), keys.published(), at=timezone.now())
    return HttpResponse(written(made), content_type="application/samlmetadata+xml; charset=utf-8")
