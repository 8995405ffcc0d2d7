"""Signing on: a request comes in, its person is admitted, the answer goes back in a form."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from yanta.kernel.identity import factors, visiting
from yanta.sso.applications import public as sso
from yanta.sso.applications.views.doors import visited
from yanta.sso.saml import answering, arriving, bindings, messages, names, rules
from yanta.sso.saml.bindings import Incoming
from yanta.sso.saml.documents import Fault
from yanta.sso.saml.models import ServiceProvider, SignOnRequest


def incoming(request: HttpRequest, name: str) -> Incoming:
    if request.method == "POST":
        return bindings.from_form(request.POST.dict(), name)
    return bindings.from_query(request.META.get("QUERY_STRING", ""), name)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def sign_on(request: HttpRequest) -> HttpResponse:
    """A service provider sends somebody here; from now on the way is an address of ours, so that cookies come along."""
    provider, now = None, timezone.now()
    try:
        message = incoming(request, "SAMLRequest")
        provider = arriving.sender(message)
        asked, acs_url = arriving.sign_on(message, provider, at=now)
    except Fault as fault:
        return _refused(request, provider, fault)
    try:
        name_format = rules.format_for(
            asked.name_format, usual=provider.name_format, qualifier=asked.name_qualifier, entity_id=provider.entity_id
        )  # fmt: skip
    except Fault as fault:
        handle = _kept(provider, acs_url, message, asked, provider.name_format)
        return _answered_badly(request, handle, fault)
    return _onward(_kept(provider, acs_url, message, asked, name_format))


def _kept(
    provider: ServiceProvider, acs_url: str, message: Incoming, asked: messages.AuthnRequest, name_format: str
) -> str:
    return arriving.keep(
        provider, acs_url=acs_url, relay_state=message.relay_state, name_format=name_format, asked=asked, at=timezone.now()
    )  # fmt: skip


def _onward(handle: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('saml-continue')}?r={handle}")


def _answered_badly(request: HttpRequest, handle: str, fault: Fault) -> HttpResponse:
    kept = arriving.kept(handle)
    assert kept is not None  # noqa: S101 - written a moment ago
    return _denied(request, kept, [names.REQUESTER, fault.status], fault.rule, fault.words)


def _refused(request: HttpRequest, provider: ServiceProvider | None, fault: Fault) -> HttpResponse:
    """Nothing is sent to an address that a request alone has named."""
    app = provider.application if provider else None
    sso.refused(
        "saml", "request", request=request, application=app, rule=fault.rule, reason=fault.words,
        service=provider.entity_id if provider else "",
    )  # fmt: skip
    return sso.refusal_page(request, app, fault.words)


@require_GET
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Started here, without a request; only for applications that are registered for it."""
    rows = ServiceProvider.objects.select_related("application__owner", "application__contact")
    provider = rows.filter(application__code=code).order_by("pk").first()
    try:
        if provider is None or not provider.allows_start_here:
            raise Fault("unsolicited", "这个应用没有登记从本系统发起登录，请从应用的首页进入")
        relay = rules.relay_for(
            request.GET.get("relay", ""), home=provider.application.home_url, acs=provider.acs
        )
    except Fault as fault:
        return _refused(request, provider, fault)
    handle = arriving.keep(
        provider, acs_url=provider.acs[0].url, relay_state=relay, name_format=provider.name_format, at=timezone.now()
    )  # fmt: skip
    return _onward(handle)


@require_GET
def go_on(request: HttpRequest) -> HttpResponse:
    """As often as pages come in between; answered once."""
    kept = arriving.kept(request.GET.get("r", "")[:64])
    if kept is None or kept.used_at or kept.expires_at <= timezone.now():
        fault = Fault("request", "这次登录请求已经完成或过期，请从应用重新开始")
        return _refused(request, kept.provider if kept else None, fault)
    wish = _wish(request, kept)
    found = sso.admit(request, wish)
    if isinstance(found, sso.Declined):
        if not kept.passive:
            return found.answer
        words = "不显示页面就无法登录"
        return _denied(request, kept, [names.RESPONDER, names.NO_PASSIVE], found.code, words)
    context = answering.context_of(request.session.get("method", ""), found)
    if not messages.is_enough(context, kept.classes, kept.comparison):
        words = f"要求的验证方式做不到：{'、'.join(kept.classes)[:200]}"
        return _denied(request, kept, [names.RESPONDER, names.NO_CONTEXT], "context", words)
    return _admitted(request, kept, found, context)


def _wish(request: HttpRequest, kept: SignOnRequest) -> sso.Wish:
    """Who has a second factor and has not shown it is asked for it where the application wants two."""
    app = kept.provider.application
    wants_two = names.MFA in kept.classes and not messages.is_enough(
        names.PASSWORD, kept.classes, kept.comparison
    )
    may_show = wants_two and request.user.is_authenticated and factors.is_enrolled(request.user)
    shown = request.session.get("method") in answering.TWO_FACTORS
    return sso.Wish(
        app, "saml", kept.provider.entity_id, attributes=sso.wanted_from(app), passive=kept.passive,
        fresh=kept.force or (may_show and not shown),
    )  # fmt: skip


def _admitted(request: HttpRequest, kept: SignOnRequest, found: sso.Admitted, context: str) -> HttpResponse:
    if not arriving.use_up(kept, at=timezone.now()):
        return _refused(request, kept.provider, Fault("replay", "这次登录请求已经完成，请从应用重新开始"))
    response = answering.success(kept, found, context=context)
    sso.granted(
        "saml", "assertion", request=request, application=kept.provider.application, account=found.account,
        service=kept.provider.entity_id, reason=context.rsplit(":", 1)[-1],
    )  # fmt: skip
    return posted(request, kept.provider, kept.acs_url, {"SAMLResponse": bindings.in_form(response), "RelayState": kept.relay_state})  # fmt: skip


def _denied(
    request: HttpRequest, kept: SignOnRequest, codes: list[str], rule: str, words: str
) -> HttpResponse:
    """The application hears why, at its registered address."""
    arriving.use_up(kept, at=timezone.now())
    sso.refused(
        "saml", "assertion", request=request, application=kept.provider.application, rule=rule, reason=words,
        service=kept.provider.entity_id, account=request.user if request.user.is_authenticated else None,
    )  # fmt: skip
    response = answering.refusal(kept, codes=codes, words=words)
    return posted(request, kept.provider, kept.acs_url, {"SAMLResponse": bindings.in_form(response), "RelayState": kept.relay_state})  # fmt: skip


def posted(request: HttpRequest, provider: ServiceProvider, url: str, fields: dict[str, str]) -> HttpResponse:
    """A form that sends itself to the application."""
    app = provider.application
    shown = {name: value for name, value in fields.items() if value}
    answer = render(request, "saml/post.html", {"app": app, "url": url, "fields": shown})
    visiting.let_form_lead_to(answer, visited(app, url))
    answer["Cache-Control"] = "no-store"
    return answer
