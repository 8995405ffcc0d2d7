"""The addresses of the protocol, under `/cas/`."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe

from yanta.kernel.identity import signing_in, visiting
from yanta.sso.applications import public as sso
from yanta.sso.applications.signing_out import front_pages_of
from yanta.sso.applications.views.doors import page_for_leaving, visited
from yanta.sso.cas import rules, tickets, validation
from yanta.sso.cas.models import CasService, Ticket
from yanta.sso.cas.rules import Failure

TRUE = ("true", "1", "yes", "on")


def _flag(request: HttpRequest, name: str) -> bool:
    return request.GET.get(name, "").lower() in TRUE


@require_safe
def login(request: HttpRequest) -> HttpResponse:
    """Somebody is sent here by a service and goes back with a ticket."""
    url = request.GET.get("service") or request.GET.get("TARGET") or ""
    if not url:
        return HttpResponseRedirect("/" if request.user.is_authenticated else reverse("sign-in"))
    service = tickets.service_at(url)
    if service is None:
        sso.refused("cas", "login", request=request, rule="INVALID_SERVICE", reason="地址没有登记，不发票据也不转去", service=url)  # fmt: skip
        return sso.refusal_page(request, None, f"这个地址没有登记，不能用统一身份登录：{url[:200]}")
    if _flag(request, "warn"):
        request.session["cas_warn"] = True
    return _admitted(request, service, url)


def _admitted(request: HttpRequest, service: CasService, url: str) -> HttpResponse:
    renew = _flag(request, "renew")
    gateway = _flag(request, "gateway") and not renew
    app = service.application
    wish = sso.Wish(app, "cas", url, attributes=sso.wanted_from(app), passive=gateway, fresh=renew)
    found = sso.admit(request, wish)
    if isinstance(found, sso.Declined):
        return HttpResponseRedirect(url) if gateway else found.answer
    if request.session.get("cas_warn") and "go" not in request.GET:
        again = f"{request.get_full_path()}&go=1"
        return render(request, "cas/warn.html", {"app": app, "again": again})
    return _sent_back(request, service, url, found)


def _sent_back(request: HttpRequest, service: CasService, url: str, found: sso.Admitted) -> HttpResponse:
    app = service.application
    ticket = tickets.issue(Ticket.Kind.SERVICE, url, found, app)
    sso.granted("cas", "ticket", request=request, application=app, account=found.account, service=url)
    name = "SAMLart" if request.GET.get("TARGET") else "ticket"
    if request.GET.get("method", "").upper() == "POST":
        answer = render(request, "cas/post.html", {"app": app, "url": url, "name": name, "ticket": ticket})
        visiting.let_form_lead_to(answer, visited(app, url))
    else:
        answer = HttpResponseRedirect(rules.with_parameters(url, **{name: ticket}))
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def logout(request: HttpRequest) -> HttpResponse:
    """Out of everything; on to an address only where it is registered."""
    url = request.GET.get("service") or request.GET.get("url") or ""
    service = tickets.service_at(url) if url else None
    if url and service is None:
        sso.refused("cas", "logout", request=request, rule="INVALID_SERVICE", reason="退出后的地址没有登记，不转去", service=url)  # fmt: skip
    onward = url if service else ""
    page = page_for_leaving(request, onward)
    pages = _front_pages(request)
    if request.user.is_authenticated:
        sso.granted("cas", "logout", request=request, application=service.application if service else None, account=request.user, service=onward)  # fmt: skip
        signing_in.close_session(request)
    return HttpResponseRedirect(onward if onward and not pages else page)


def _front_pages(request: HttpRequest) -> list[tuple[sso.Entry, str]]:
    row = getattr(request.session, "row", None) if request.user.is_authenticated else None
    if row is None:
        return []
    entries = sso.Entry.objects.filter(session__session_id=row.pk, notice=sso.Entry.Notice.OPEN)
    return front_pages_of(entries.select_related("application", "session"))


def _question(request: HttpRequest, *, proxied: bool, step: str) -> validation.Question:
    get = request.GET.get
    return validation.Question(
        get("ticket", ""), get("service", ""), renew=_flag(request, "renew"), proxied=proxied, pgt_url=get("pgtUrl", ""),
        step=step,
    )  # fmt: skip


@require_GET
def validate(request: HttpRequest) -> HttpResponse:
    """CAS 1.0."""
    answer = validation.judge(request, _question(request, proxied=False, step="validate"))
    return _document(rules.plain(answer), "text/plain; charset=utf-8")


@require_GET
def service_validate(request: HttpRequest) -> HttpResponse:
    return _told(
        request, validation.judge(request, _question(request, proxied=False, step="serviceValidate"))
    )


@require_GET
def proxy_validate(request: HttpRequest) -> HttpResponse:
    return _told(request, validation.judge(request, _question(request, proxied=True, step="proxyValidate")))


def _told(request: HttpRequest, answer: rules.Success | Failure) -> HttpResponse:
    if request.GET.get("format", "").upper() == "JSON":
        return _document(rules.as_json(answer), "application/json; charset=utf-8")
    return _document(rules.xml(answer), "application/xml; charset=utf-8")


@require_GET
def proxy(request: HttpRequest) -> HttpResponse:
    found = validation.exchange(
        request, pgt=request.GET.get("pgt", ""), target=request.GET.get("targetService", "")
    )
    return _document(rules.proxy_xml(found), "application/xml; charset=utf-8")


@csrf_exempt
@require_POST
def saml_validate(request: HttpRequest) -> HttpResponse:
    """SAML 1.1: the ticket comes in an envelope, the service as TARGET."""
    service = request.GET.get("TARGET", "")
    try:
        ticket = rules.ticket_in_saml(request.body)
    except rules.UnreadableError as error:
        answer: rules.Success | Failure = Failure("INVALID_REQUEST", str(error))
        sso.refused(
            "cas", "samlValidate", request=request, rule="INVALID_REQUEST", reason=str(error), service=service
        )
    else:
        answer = validation.judge(request, validation.Question(ticket, service, step="samlValidate"))
    text = rules.saml(
        answer, issuer=settings.SITE_ADDRESS, service=service, number=uuid4().hex, at=timezone.now()
    )
    return _document(text, "text/xml; charset=utf-8")


def _document(text: str, content_type: str) -> HttpResponse:
    return HttpResponse(text, content_type=content_type, headers={"Cache-Control": "no-store"})
