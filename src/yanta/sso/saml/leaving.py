"""Signing out: what a service provider tells us, and how service providers are told."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from lxml.builder import ElementMaker  # type: ignore[import-untyped]  # brings no types

from yanta.kernel.identity.models import Session
from yanta.sso.applications import public as sso
from yanta.sso.saml import arriving, assertions, bindings, keys, messages, names, signatures
from yanta.sso.saml.arriving import entity_id, here
from yanta.sso.saml.assertions import Envelope, Name
from yanta.sso.saml.bindings import Incoming
from yanta.sso.saml.documents import Element, Fault, written
from yanta.sso.saml.models import FORMATS, Asserted, ServiceProvider

SALT = "saml.leaving"
FORM_VALID_SECONDS = 300
Notice = sso.Entry.Notice


def asked(incoming: Incoming, provider: ServiceProvider, *, at: datetime) -> messages.LogoutRequest:
    """A request to sign somebody out; without a signature anybody could send one."""
    certificates = provider.signing_certificates
    if not certificates:
        raise Fault("signature.missing", "这个应用没有登记签名证书，不能由它发起退出")
    request = messages.logout_request(incoming.proved(certificates))
    if request.issuer != provider.entity_id:
        raise Fault("issuer", "签名的请求来自另一个应用")
    messages.check_destination(request.destination, here=here("slo"), required=True)
    messages.check_time(request.issued_at, at=at)
    if request.ends_at is not None and request.ends_at + messages.SKEW <= at:
        raise Fault("time.old", "退出请求已过期")
    if not arriving.first_time(provider.entity_id, request.number, until=at + arriving.KEPT):
        raise Fault("replay", "同一个退出请求来了第二次")
    return request


def meant_by(request: messages.LogoutRequest, provider: ServiceProvider) -> list[Asserted]:
    """The open entries that the request is about: those sessions, or all of that name at that provider."""
    found = Asserted.objects.filter(provider=provider, name_id=request.name_id, entry__notice=Notice.OPEN)
    if request.indexes:
        found = found.filter(session_index__in=request.indexes)
    return list(found.select_related("entry__session", "account"))


def end(meant: list[Asserted]) -> list[int]:
    """These sign-on sessions end with their browsers' sessions; who asked needs no notice. Returns the browsers' sessions."""
    ids = [one.entry.pk for one in meant]
    sso.Entry.objects.filter(pk__in=ids).update(
        ended_at=timezone.now(), notice=Notice.NONE, result="应用自己发起了退出"
    )
    sessions = [one.entry.session.session_id for one in meant]
    Session.objects.filter(pk__in=sessions).delete()
    return sessions


def answer(provider: ServiceProvider, request: messages.LogoutRequest, **told: object) -> Element:
    url = provider.logout_answer_url or provider.logout_redirect_url or provider.logout_post_url
    envelope = Envelope(entity_id(), provider.entity_id, url, timezone.now(), request.number)
    return assertions.logout_response(envelope, **told)  # type: ignore[arg-type]  # codes and words


# Telling service providers


def _asserted(entry: sso.Entry) -> Asserted | None:
    rows = Asserted.objects.select_related("provider__application")
    found: Asserted | None = rows.filter(entry=entry).first()
    return found


def _request(one: Asserted, url: str) -> Element:
    qualified = one.name_format != ServiceProvider.NameFormat.UNSPECIFIED
    name = Name(
        one.name_id, FORMATS[ServiceProvider.NameFormat(one.name_format)], entity_id() if qualified else "",
        one.provider.entity_id if qualified else "",
    )  # fmt: skip
    envelope = Envelope(entity_id(), one.provider.entity_id, url, timezone.now())
    return assertions.logout_request(name, one.session_index, envelope)


def _signed(element: Element) -> Element:
    key = keys.current()
    return signatures.sign(element, key=key.private, certificate=key.certificate)


@sso.channel("saml")
def logout_letter(entry: sso.Entry) -> sso.Letter | None:
    """A SOAP request to the application's server; it works without the person's browser."""
    one = _asserted(entry)
    if one is None or not one.provider.logout_soap_url:
        return None
    soap = ElementMaker(namespace=names.SOAP, nsmap={"soap": names.SOAP})
    envelope = soap.Envelope(soap.Body(_signed(_request(one, one.provider.logout_soap_url))))
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"http://www.oasis-open.org/committees/security"'}  # fmt: skip
    return sso.Letter(one.provider.logout_soap_url, content=written(envelope), headers=headers)


@sso.front_page("saml")
def front_page(entry: sso.Entry) -> str | None:
    """Where there is no back channel, a frame of the leaving browser carries the request."""
    one = _asserted(entry)
    if one is None or one.provider.logout_soap_url or not one.provider.leaves_in_browser:
        return None
    if one.provider.logout_redirect_url:
        url = one.provider.logout_redirect_url
        return bindings.in_address(url, "SAMLRequest", _request(one, url), key=keys.current().private)
    kept = signing.dumps({"asserted": one.pk}, salt=SALT)
    return f"{settings.SITE_ADDRESS}{reverse('saml-leaving')}?k={kept}"


def form_of(token: str) -> tuple[Asserted, str] | None:
    """The request that a frame posts for an entry; None for anything that we did not write ourselves just now."""
    try:
        kept = signing.loads(token, salt=SALT, max_age=FORM_VALID_SECONDS)
    except signing.BadSignature:
        return None
    one = Asserted.objects.select_related("provider__application").filter(pk=kept["asserted"]).first()
    if one is None:
        return None
    return one, bindings.in_form(_signed(_request(one, one.provider.logout_post_url)))
