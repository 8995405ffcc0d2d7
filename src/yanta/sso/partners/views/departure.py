"""Signing out at a partner, and a partner that signs somebody out here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yanta.kernel.identity import visiting
from yanta.kernel.identity.models import Account
from yanta.sso.applications import public as sso
from yanta.sso.partners import by_cas, by_oidc, leaving, off_saml
from yanta.sso.partners.models import Partner
from yanta.sso.partners.off_saml import Sending
from yanta.sso.partners.rules import Distrusted
from yanta.sso.partners.views.doors import arrived, partner_of
from yanta.sso.saml import bindings
from yanta.sso.saml.documents import Fault

Kind = Partner.Kind


def _of_kind(code: str, kind: Partner.Kind) -> Partner:
    partner = partner_of(code)
    if partner.kind != kind:
        raise Http404
    return partner


def _refused(request: HttpRequest, partner: Partner, refusal: Distrusted) -> None:
    sso.refused("partner", "sign_out", request=request, rule=refusal.rule, reason=refusal.words, service=partner.issuer)  # fmt: skip


def _noted(request: HttpRequest, partner: Partner, accounts: list[Account]) -> None:
    """One line for each whose session ended; one, too, where nobody was here any more."""
    told: Sequence[Account | None] = accounts or [None]
    for account in told:
        reason = "登录方通知退出" if account else "登录方通知退出，这里已没有会话"
        sso.granted("partner", "sign_out", request=request, account=account, service=partner.issuer, reason=reason)  # fmt: skip


def _page(request: HttpRequest, partner: Partner, words: str, *, status: int = 200) -> HttpResponse:
    answer = render(request, "partners/left.html", {"partner": partner, "words": words}, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


# Signing out there


@require_GET
def leave(request: HttpRequest, code: str) -> HttpResponse:
    """From our page after signing out to the partner's own sign-out."""
    partner = partner_of(code)
    stay = leaving.offered(partner, request.GET.get("k", ""))
    if stay is None:
        return _page(request, partner, "这个退出链接已过期。您在这里已经退出，对方那里请到其网站上退出")
    try:
        sending = leaving.way_out(stay)
    except Distrusted as refusal:
        _refused(request, partner, refusal)
        return _page(request, partner, f"{refusal.words}。您在这里已经退出，对方那里请到其网站上退出")
    if sending is None:
        return _page(
            request, partner, "对方没有提供退出页面。您在这里已经退出，对方那里请到其网站上退出，或关闭浏览器"
        )
    sso.granted("partner", "sign_out", request=request, account=stay.account, service=partner.issuer, reason="本人到登录方那里退出")  # fmt: skip
    return _sent(request, partner, sending)


def _sent(request: HttpRequest, partner: Partner, sending: Sending) -> HttpResponse:
    if not sending.fields:
        return HttpResponseRedirect(sending.url)
    answer = render(
        request, "partners/sent.html", {"partner": partner, "url": sending.url, "fields": sending.fields}
    )
    place = sso.place_of(sending.url)
    visiting.let_form_lead_to(answer, visiting.Visited(partner.name, "", "", place.origin if place else ""))
    answer["Cache-Control"] = "no-store"
    return answer


@require_GET
def left(request: HttpRequest, code: str) -> HttpResponse:
    """The partner sends the browser back here when it is done."""
    return _page(request, partner_of(code), "")


# The partner signs somebody out here


@csrf_exempt
@require_POST
def back_channel(request: HttpRequest, code: str) -> HttpResponse:
    """OpenID Connect: a logout token, from the partner's server to ours."""
    partner = _of_kind(code, Kind.OIDC)
    try:
        ended = by_oidc.ended_by(partner, request.POST.get("logout_token", ""), at=timezone.now())
    except Distrusted as refusal:
        _refused(request, partner, refusal)
        told = {"error": "invalid_request", "error_description": refusal.words}
        return JsonResponse(told, status=400, headers={"Cache-Control": "no-store"})
    _noted(
        request, partner,
        leaving.end(leaving.of_session(partner, session=ended.session, subject=ended.subject)),
    )  # fmt: skip
    return HttpResponse(headers={"Cache-Control": "no-store"})


@require_GET
@xframe_options_exempt
def front_channel(request: HttpRequest, code: str) -> HttpResponse:
    """OpenID Connect: a frame of the partner's page, with or without our cookie."""
    partner, given = _of_kind(code, Kind.OIDC), request.GET
    try:
        meant = leaving.named_by_browser(
            request, partner, issuer=given.get("iss", ""), session=given.get("sid", "")
        )
    except Distrusted as refusal:
        _refused(request, partner, refusal)
        return HttpResponse(status=403, headers={"Cache-Control": "no-store"})
    _noted(request, partner, leaving.end(meant))
    answer = HttpResponse(headers={"Cache-Control": "no-store"})
    place = sso.place_of(partner.issuer)
    if place is not None:
        answer._csp_replace = {"frame-ancestors": [place.origin]}  # type: ignore[attr-defined]  # read by django-csp
    return answer


@csrf_exempt
@require_http_methods(["GET", "POST"])
def single_logout(request: HttpRequest, code: str) -> HttpResponse:
    """SAML: the partner's request, or its answer to ours, by address or by form."""
    partner = _of_kind(code, Kind.SAML)
    given: Any = request.POST if request.method == "POST" else request.GET
    try:
        if "SAMLResponse" in given:
            return _answered(request, partner)
        return _asked(request, partner)
    except Distrusted as refusal:
        _refused(request, partner, refusal)
        return _page(request, partner, f"没有退出：{refusal.words}", status=403)


def _incoming(request: HttpRequest, name: str) -> bindings.Incoming:
    try:
        if request.method == "POST":
            return bindings.from_form(request.POST.dict(), name)
        return bindings.from_query(request.META.get("QUERY_STRING", ""), name)
    except Fault as fault:
        raise Distrusted(fault.rule, fault.words) from fault


def _asked(request: HttpRequest, partner: Partner) -> HttpResponse:
    message = _incoming(request, "SAMLRequest")
    asked = off_saml.asked(partner, message, at=timezone.now())
    meant = leaving.of_sessions(partner, sessions=asked.indexes, subject=asked.name_id)
    _noted(request, partner, leaving.end(meant))
    sending = off_saml.answer(partner, asked, message.relay_state)
    return _sent(request, partner, sending) if sending else _page(request, partner, "")


def _answered(request: HttpRequest, partner: Partner) -> HttpResponse:
    found = off_saml.answered(partner, _incoming(request, "SAMLResponse"))
    stay = leaving.answered(partner, found)
    told: dict[str, Any] = {"request": request, "account": stay.account, "service": partner.issuer}
    if found.is_done:
        sso.granted("partner", "sign_out", reason="登录方回答已退出", **told)
        return _page(request, partner, "")
    sso.record("partner", "sign_out", "failed", reason="登录方回答没有退出", **told)
    return _page(request, partner, "对方回答没有退出成功，请到其网站上退出，或关闭浏览器")


@csrf_exempt
@require_http_methods(["GET", "POST"])
def callback(request: HttpRequest, code: str) -> HttpResponse:
    """A browser comes back; or a CAS server posts that the ticket which it gave for this address is over."""
    if request.method == "GET":
        return arrived(request, code)
    return _ended_by_ticket(request, _of_kind(code, Kind.CAS))


def _ended_by_ticket(request: HttpRequest, partner: Partner) -> HttpResponse:
    try:
        ticket = by_cas.ended_by(request.POST.dict())
        meant = leaving.of_session(partner, session=ticket, subject="")
        if not meant.exists():
            raise Distrusted("ticket", "没有由这张票据开始的会话，或它已经结束")
    except Distrusted as refusal:
        _refused(request, partner, refusal)
        return HttpResponse(status=403, headers={"Cache-Control": "no-store"})
    _noted(request, partner, leaving.end(meant))
    return HttpResponse(headers={"Cache-Control": "no-store"})
