"""Single logout: a service provider signs somebody out, or answers that it did."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from yanta.kernel.identity import signing_in
from yanta.sso.applications import public as sso
from yanta.sso.applications.models import Application
from yanta.sso.applications.signing_out import front_pages_of
from yanta.sso.applications.views.doors import page_for_leaving
from yanta.sso.saml import arriving, bindings, keys, leaving, messages, names, signatures
from yanta.sso.saml.documents import Fault
from yanta.sso.saml.models import Asserted, ServiceProvider
from yanta.sso.saml.views.entrance import incoming, posted


@csrf_exempt
@require_http_methods(["GET", "POST"])
@xframe_options_sameorigin
def single_logout(request: HttpRequest) -> HttpResponse:
    """Requests and answers share one address, as metadata has it."""
    given = request.POST if request.method == "POST" else request.GET
    return _answered(request) if "SAMLResponse" in given else _asked(request)


def _asked(request: HttpRequest) -> HttpResponse:
    provider, now = None, timezone.now()
    try:
        message = incoming(request, "SAMLRequest")
        provider = arriving.sender(message)
        asked = leaving.asked(message, provider, at=now)
    except Fault as fault:
        _log(request, provider, fault)
        return sso.refusal_page(request, provider.application if provider else None, fault.words)
    return _left(request, provider, asked, message.relay_state)


def _left(
    request: HttpRequest, provider: ServiceProvider, asked: messages.LogoutRequest, relay_state: str
) -> HttpResponse:
    meant = leaving.meant_by(asked, provider)
    is_here = request.user.is_authenticated and any(_is_this_browser(request, one) for one in meant)
    onward = _answer_address(provider, asked, relay_state)
    ids = [one.entry.pk for one in meant]
    pages = _other_pages(request, ids) if is_here else []
    page = page_for_leaving(request, onward) if pages else ""
    for one in meant:
        sso.granted("saml", "logout", request=request, application=provider.application, account=one.account, service=provider.entity_id)  # fmt: skip
    leaving.end(meant)
    if is_here:
        signing_in.close_session(request)
    if page and onward:
        return HttpResponseRedirect(page)
    return HttpResponseRedirect(onward) if onward else _posted_answer(request, provider, asked, relay_state)


def _is_this_browser(request: HttpRequest, one: Asserted) -> bool:
    row = getattr(request.session, "row", None)
    return row is not None and row.pk == one.entry.session.session_id


def _other_pages(request: HttpRequest, without: list[int]) -> list[tuple[sso.Entry, str]]:
    row = request.session.row  # type: ignore[attr-defined]  # our middleware sets it
    entries = sso.Entry.objects.filter(session__session_id=row.pk, notice=sso.Entry.Notice.OPEN)
    return front_pages_of(entries.exclude(pk__in=without).select_related("application", "session__account"))


def _answer_address(provider: ServiceProvider, asked: messages.LogoutRequest, relay_state: str) -> str:
    """The redirect that tells the application that it is done; empty where it wants a form, or nothing."""
    url = provider.logout_answer_url if provider.logout_redirect_url else ""
    url = url or provider.logout_redirect_url
    if not url:
        return ""
    element = leaving.answer(provider, asked)
    element.set("Destination", url)
    return bindings.in_address(
        url, "SAMLResponse", element, relay_state=relay_state, key=keys.current().private
    )


def _posted_answer(
    request: HttpRequest, provider: ServiceProvider, asked: messages.LogoutRequest, relay_state: str
) -> HttpResponse:
    url = provider.logout_answer_url or provider.logout_post_url
    if not url:
        return HttpResponseRedirect(page_for_leaving(request))
    key = keys.current()
    signed = signatures.sign(leaving.answer(provider, asked), key=key.private, certificate=key.certificate)
    return posted(request, provider, url, {"SAMLResponse": bindings.in_form(signed), "RelayState": relay_state})  # fmt: skip


def _answered(request: HttpRequest) -> HttpResponse:
    """An application says whether it signed somebody out; kept in the log, and nothing more depends on it."""
    provider = None
    try:
        message = incoming(request, "SAMLResponse")
        provider = arriving.sender(message)
        root = message.proved(provider.signing_certificates)
        if root.tag != names.tag(names.SAMLP, "LogoutResponse"):
            raise Fault("xml.content", "应当是 LogoutResponse")
        messages.check_destination(root.get("Destination", ""), here=arriving.here("slo"), required=True)
    except Fault as fault:
        _log(request, provider, fault)
        return sso.refusal_page(request, provider.application if provider else None, fault.words)
    code = root.find(f"{names.tag(names.SAMLP, 'Status')}/{names.tag(names.SAMLP, 'StatusCode')}")
    is_done = code is not None and code.get("Value") == names.SUCCESS
    sso.record(
        "saml", "sign_out", "granted" if is_done else "failed", request=request, application=provider.application,
        service=provider.entity_id, reason="应用回答已退出" if is_done else "应用回答没有退出",
    )  # fmt: skip
    return render(request, "saml/done.html", {"app": provider.application})


def _log(request: HttpRequest, provider: ServiceProvider | None, fault: Fault) -> None:
    app: Application | None = provider.application if provider else None
    sso.refused(
        "saml", "logout", request=request, application=app, rule=fault.rule, reason=fault.words,
        service=provider.entity_id if provider else "",
    )  # fmt: skip


@require_GET
@xframe_options_sameorigin
def frame(request: HttpRequest) -> HttpResponse:
    """In a frame of our own page: posts the logout request to an application that takes forms only."""
    found = leaving.form_of(request.GET.get("k", ""))
    if found is None:
        return HttpResponse(status=404)
    one, document = found
    answer = posted(request, one.provider, one.provider.logout_post_url, {"SAMLRequest": document})
    answer._csp_replace = {"frame-ancestors": ["'self'"]}  # type: ignore[attr-defined]  # read by django-csp
    return answer
