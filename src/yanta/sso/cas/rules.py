"""The protocol's documents as text: pure, no database, nothing of Django."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit
from xml.sax.saxutils import escape, quoteattr

from lxml import etree  # type: ignore[import-untyped]  # brings no types

Value = str | list[str]
LONGEST_DOCUMENT = 64 * 1024
# What XML cannot hold at all.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TICKET = re.compile(r"[A-Za-z0-9_-]{1,256}")


@dataclass(frozen=True, slots=True)
class Success:
    """Whose ticket it was, and what may be told."""

    user: str
    attributes: Mapping[str, Value]
    shown_at: datetime
    is_fresh: bool
    pgt_iou: str = ""
    proxies: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why not: `code` is one of the protocol's words."""

    code: str
    text: str


def is_ticket(text: str) -> bool:
    return bool(_TICKET.fullmatch(text))


def _text(value: object) -> str:
    return escape(_ILLEGAL.sub("", str(value)))


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def with_parameters(url: str, **parameters: str) -> str:
    """The address with more parameters, before its fragment."""
    parts = urlsplit(url)
    query = "&".join(one for one in (parts.query, urlencode(parameters)) if one)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, parts.fragment))


def plain(answer: Success | Failure) -> str:
    """CAS 1.0."""
    return f"yes\n{answer.user}\n" if isinstance(answer, Success) else "no\n\n"


def xml(answer: Success | Failure) -> str:
    """CAS 2.0 and 3.0."""
    if isinstance(answer, Failure):
        inner = f"<cas:authenticationFailure code={quoteattr(answer.code)}>{_text(answer.text)}</cas:authenticationFailure>"
    else:
        inner = f"<cas:authenticationSuccess>{_told(answer)}</cas:authenticationSuccess>"
    return f'<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">{inner}</cas:serviceResponse>'


def _told(answer: Success) -> str:
    parts = [
        f"<cas:user>{_text(answer.user)}</cas:user>",
        f"<cas:attributes>{_attributes(answer)}</cas:attributes>",
    ]
    if answer.pgt_iou:
        parts.append(f"<cas:proxyGrantingTicket>{_text(answer.pgt_iou)}</cas:proxyGrantingTicket>")
    if answer.proxies:
        listed = "".join(f"<cas:proxy>{_text(one)}</cas:proxy>" for one in answer.proxies)
        parts.append(f"<cas:proxies>{listed}</cas:proxies>")
    return "".join(parts)


def _standard(answer: Success) -> dict[str, Value]:
    return {
        "authenticationDate": instant(answer.shown_at),
        "longTermAuthenticationRequestTokenUsed": "false",
        "isFromNewLogin": str(answer.is_fresh).lower(),
    }


def _attributes(answer: Success) -> str:
    pairs = [
        (name, one)
        for name, value in {**answer.attributes, **_standard(answer)}.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    return "".join(f"<cas:{name}>{_text(value)}</cas:{name}>" for name, value in pairs)


def as_json(answer: Success | Failure) -> str:
    """CAS 3.0 with `format=JSON`."""
    if isinstance(answer, Failure):
        told: dict[str, object] = {"authenticationFailure": {"code": answer.code, "description": answer.text}}
    else:
        success: dict[str, object] = {
            "user": answer.user,
            "attributes": {**answer.attributes, **_standard(answer)},
        }
        success |= {"proxyGrantingTicket": answer.pgt_iou} if answer.pgt_iou else {}
        success |= {"proxies": list(answer.proxies)} if answer.proxies else {}
        told = {"authenticationSuccess": success}
    return json.dumps({"serviceResponse": told}, ensure_ascii=False)


def proxy_xml(ticket: str | Failure) -> str:
    """The answer of `/proxy`."""
    if isinstance(ticket, Failure):
        inner = f"<cas:proxyFailure code={quoteattr(ticket.code)}>{_text(ticket.text)}</cas:proxyFailure>"
    else:
        inner = f"<cas:proxySuccess><cas:proxyTicket>{ticket}</cas:proxyTicket></cas:proxySuccess>"
    return f'<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">{inner}</cas:serviceResponse>'


def logout_request(*, number: str, user: str, ticket: str, at: datetime) -> str:
    """What a service is told when the session ends; it finds its own session by the ticket."""
    return (
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
        f' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID={quoteattr(number)} Version="2.0"'
        f' IssueInstant="{instant(at)}"><saml:NameID>{_text(user)}</saml:NameID>'
        f"<samlp:SessionIndex>{_text(ticket)}</samlp:SessionIndex></samlp:LogoutRequest>"
    )


class UnreadableError(ValueError):
    """A document that is no SAML request, or tries more than being one."""


def ticket_in_saml(document: bytes) -> str:
    """The ticket of a SAML 1.1 request; document types and entities are refused before anything is parsed."""
    if len(document) > LONGEST_DOCUMENT:
        raise UnreadableError("请求太大")
    if b"<!" in document.replace(b"<!--", b"") or "\0" in document.decode("latin-1"):
        raise UnreadableError("请求中有文档类型或实体声明")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError("请求不是 XML") from error
    found = root.findall(".//{urn:oasis:names:tc:SAML:1.0:protocol}AssertionArtifact")
    if len(found) != 1 or not found[0].text:
        raise UnreadableError("请求中没有票据，或不止一个")
    return str(found[0].text).strip()


def saml(answer: Success | Failure, *, issuer: str, service: str, number: str, at: datetime) -> str:
    """SAML 1.1 in its envelope."""
    if isinstance(answer, Failure):
        status = f'<samlp:StatusCode Value="samlp:RequestDenied"/><samlp:StatusMessage>{_text(answer.text)}</samlp:StatusMessage>'
        body = f"<samlp:Status>{status}</samlp:Status>"
    else:
        body = '<samlp:Status><samlp:StatusCode Value="samlp:Success"/></samlp:Status>' + _assertion(
            answer, issuer=issuer, service=service, number=number, at=at
        )
    response = (
        '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:1.0:protocol" MajorVersion="1" MinorVersion="1"'
        f' ResponseID="_r{number}" IssueInstant="{instant(at)}" Recipient={quoteattr(service)}>{body}</samlp:Response>'
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<SOAP-ENV:Header/><SOAP-ENV:Body>{response}</SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )


def _assertion(answer: Success, *, issuer: str, service: str, number: str, at: datetime) -> str:
    subject = (
        f"<saml:Subject><saml:NameIdentifier>{_text(answer.user)}</saml:NameIdentifier><saml:SubjectConfirmation>"
        "<saml:ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:artifact</saml:ConfirmationMethod>"
        "</saml:SubjectConfirmation></saml:Subject>"
    )
    listed = "".join(
        f'<saml:Attribute AttributeName={quoteattr(name)} AttributeNamespace="http://www.ja-sig.org/products/cas/">'
        + "".join(
            f"<saml:AttributeValue>{_text(one)}</saml:AttributeValue>"
            for one in (value if isinstance(value, list) else [value])
        )
        + "</saml:Attribute>"
        for name, value in {**answer.attributes, **_standard(answer)}.items()
    )
    return (
        '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion" MajorVersion="1" MinorVersion="1"'
        f' AssertionID="_a{number}" Issuer={quoteattr(issuer)} IssueInstant="{instant(at)}">'
        f'<saml:Conditions NotBefore="{instant(at - timedelta(seconds=30))}" NotOnOrAfter="{instant(at + timedelta(seconds=60))}">'
        f"<saml:AudienceRestrictionCondition><saml:Audience>{_text(service)}</saml:Audience></saml:AudienceRestrictionCondition>"
        f"</saml:Conditions><saml:AuthenticationStatement AuthenticationInstant={quoteattr(instant(answer.shown_at))}"
        f' AuthenticationMethod="urn:oasis:names:tc:SAML:1.0:am:password">{subject}</saml:AuthenticationStatement>'
        f"<saml:AttributeStatement>{subject}{listed}</saml:AttributeStatement></saml:Assertion>"
    )
