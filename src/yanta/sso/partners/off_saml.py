"""Single logout with a partner that speaks SAML: our request and its answer, its request and our answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from yanta.sso.partners.models import Partner
from yanta.sso.partners.rules import Distrusted
from yanta.sso.saml import arriving, assertions, bindings, encryption, keys, messages, names, signatures
from yanta.sso.saml.assertions import Envelope, Name
from yanta.sso.saml.bindings import Incoming
from yanta.sso.saml.documents import Element, Fault, only
from yanta.sso.saml.names import SAML, SAMLP, tag
from yanta.sso.saml.rules import certificates_of


@dataclass(frozen=True, slots=True)
class Sending:
    """A message on its way: an address that carries it, or a form to post; `number` is what an answer must name."""

    url: str
    fields: Mapping[str, str]
    number: str = ""


def _sent(partner: Partner, url: str, name: str, element: Element, relay_state: str = "") -> Sending:
    key, number = keys.current(), str(element.get("ID"))
    if partner.signs_off_by_form:
        signed = signatures.sign(element, key=key.private, certificate=key.certificate)
        fields = {name: bindings.in_form(signed), "RelayState": relay_state}
        return Sending(url, {one: value for one, value in fields.items() if value}, number)
    address = bindings.in_address(url, name, element, relay_state=relay_state, key=key.private)
    return Sending(address, {}, number)


def request(partner: Partner, subject: str, told: Mapping[str, str]) -> Sending | None:
    """Our request to end the session there; None where the partner has no address for it."""
    if not partner.sign_off_url:
        return None
    name = Name(
        subject, told.get("Format", ""), told.get("NameQualifier", ""), told.get("SPNameQualifier", "")
    )
    envelope = Envelope(partner.our_entity_id, partner.issuer, partner.sign_off_url, timezone.now())
    made = assertions.logout_request(name, told.get("SessionIndex", ""), envelope)
    return _sent(partner, partner.sign_off_url, "SAMLRequest", made)


def asked(partner: Partner, message: Incoming, *, at: datetime) -> messages.LogoutRequest:
    """The partner's request to end sessions here, as far as it is signed, for us, in time and new."""
    try:
        root = message.proved(certificates_of(partner.certificates))
        sealed = only(root, tag(SAML, "EncryptedID"))
        if sealed is not None:
            root.replace(sealed, encryption.decrypted(sealed, keys=keys.openers()))
        found = messages.logout_request(root)
        _check_addressed(partner, root)
        messages.check_time(found.issued_at, at=at)
        if found.ends_at is not None and found.ends_at + messages.SKEW <= at:
            raise Fault("time.old", "退出请求已过期")
        if not arriving.first_time(partner.issuer, found.number, until=at + arriving.KEPT):
            raise Fault("replay", "同一个退出请求来了第二次")
    except Fault as fault:
        raise Distrusted(fault.rule, fault.words) from fault
    return found


def _check_addressed(partner: Partner, root: Element) -> None:
    if messages.issuer_of(root) != partner.issuer:
        raise Fault("issuer", "消息来自另一个登录方")
    messages.check_destination(root.get("Destination", ""), here=partner.single_logout, required=True)


def answer(partner: Partner, asked: messages.LogoutRequest, relay_state: str) -> Sending | None:
    """Ours, that it is done; None where the partner wants none."""
    url = partner.sign_off_answer_url or partner.sign_off_url
    if not url:
        return None
    envelope = Envelope(partner.our_entity_id, partner.issuer, url, timezone.now(), asked.number)
    return _sent(partner, url, "SAMLResponse", assertions.logout_response(envelope), relay_state)


@dataclass(frozen=True, slots=True)
class Answered:
    """What the partner answers to our request."""

    number: str
    is_done: bool


def answered(partner: Partner, message: Incoming) -> Answered:
    try:
        root = message.proved(certificates_of(partner.certificates))
        if root.tag != tag(SAMLP, "LogoutResponse"):
            raise Fault("xml.content", "应当是 LogoutResponse")
        _check_addressed(partner, root)
    except Fault as fault:
        raise Distrusted(fault.rule, fault.words) from fault
    code = root.find(f"{tag(SAMLP, 'Status')}/{tag(SAMLP, 'StatusCode')}")
    return Answered(root.get("InResponseTo", ""), code is not None and code.get("Value") == names.SUCCESS)
