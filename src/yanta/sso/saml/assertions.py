"""What we say: responses, assertions, logout, as XML. Pure; the caller brings keys, times and names."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lxml.builder import ElementMaker  # type: ignore[import-untyped]  # brings no types

from yanta.sso.saml import encryption, signatures
from yanta.sso.saml.documents import Element, instant, legal
from yanta.sso.saml.names import BASIC_NAME, BEARER, PERSISTENT, SAML, SAMLP, SUCCESS, URI_NAME, XS, XSI, tag

_A = ElementMaker(namespace=SAML, nsmap={"saml": SAML, "xs": XS, "xsi": XSI})
_P = ElementMaker(namespace=SAMLP, nsmap={"samlp": SAMLP, "saml": SAML})
# An assertion is to be taken at once; the minute before is for clocks that differ.
BEFORE, LASTS = timedelta(minutes=1), timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Key:
    """A private key and its certificate, both PEM."""

    private: str
    certificate: str


@dataclass(frozen=True, slots=True)
class Name:
    """A NameID with its format and, where it is not the same for everybody, its qualifiers."""

    value: str
    format: str
    qualifier: str = ""
    sp_qualifier: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One attribute: `is_uri` tells an object identifier from a plain name."""

    name: str
    values: Sequence[str | Name]
    friendly: str = ""
    is_uri: bool = True


@dataclass(frozen=True, slots=True)
class About:
    """Everything an assertion says about somebody who signed in."""

    name: Name
    shown_at: datetime
    context: str
    session_index: str
    attributes: Sequence[Told] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom, to whom, in answer to what."""

    issuer: str
    audience: str
    recipient: str
    at: datetime
    in_response_to: str = ""


def new_id() -> str:
    """An xs:ID that nobody can guess."""
    return f"_{secrets.token_hex(16)}"


def _kept(**attributes: str) -> dict[str, str]:
    return {name: value for name, value in attributes.items() if value}


def name_id(name: Name) -> Element:
    told = _kept(Format=name.format, NameQualifier=name.qualifier, SPNameQualifier=name.sp_qualifier)
    return _A.NameID(legal(name.value), **told)


def assertion(about: About, envelope: Envelope) -> Element:
    at, until = envelope.at, instant(envelope.at + LASTS)
    confirmed = _A.SubjectConfirmationData(
        **_kept(InResponseTo=envelope.in_response_to, Recipient=envelope.recipient, NotOnOrAfter=until)
    )
    made = _A.Assertion(
        _A.Issuer(envelope.issuer),
        _A.Subject(name_id(about.name), _A.SubjectConfirmation(confirmed, Method=BEARER)),
        _A.Conditions(
            _A.AudienceRestriction(_A.Audience(envelope.audience)), NotBefore=instant(at - BEFORE), NotOnOrAfter=until
        ),
        _A.AuthnStatement(
            _A.AuthnContext(_A.AuthnContextClassRef(about.context)), AuthnInstant=instant(about.shown_at),
            SessionIndex=about.session_index,
        ),
        ID=new_id(), Version="2.0", IssueInstant=instant(at),
    )  # fmt: skip
    if about.attributes:
        made.append(_A.AttributeStatement(*(_attribute(one) for one in about.attributes)))
    return made


def _attribute(told: Told) -> Element:
    made = _A.Attribute(
        Name=told.name,
        NameFormat=URI_NAME if told.is_uri else BASIC_NAME,
        **_kept(FriendlyName=told.friendly),
    )
    for value in told.values:
        if isinstance(value, Name):
            made.append(_A.AttributeValue(name_id(value)))
        else:
            made.append(_A.AttributeValue(legal(value), {tag(XSI, "type"): "xs:string"}))
    return made


def _status(codes: Sequence[str], words: str) -> Element:
    code = _P.StatusCode(Value=codes[0])
    for inner in codes[1:]:
        code.append(_P.StatusCode(Value=inner))
    return _P.Status(code, _P.StatusMessage(legal(words))) if words else _P.Status(code)


def _response(name: str, envelope: Envelope, codes: Sequence[str], words: str) -> Element:
    told = _kept(InResponseTo=envelope.in_response_to, Destination=envelope.recipient)
    return _P(
        name, _A.Issuer(envelope.issuer), _status(codes, words), ID=new_id(), Version="2.0", IssueInstant=instant(envelope.at),
        **told,
    )  # fmt: skip


def success(
    about: About,
    envelope: Envelope,
    key: Key,
    *,
    signs_assertion: bool,
    signs_response: bool,
    encrypt_for: str = "",
) -> Element:
    """A response with one assertion, signed and sealed as the application wants it."""
    inner = assertion(about, envelope)
    if signs_assertion:
        inner = signatures.sign(inner, key=key.private, certificate=key.certificate)
    if encrypt_for:
        inner = encryption.encrypted(inner, certificate=encrypt_for)
    made = _response("Response", envelope, (SUCCESS,), "")
    made.append(inner)
    return signatures.sign(made, key=key.private, certificate=key.certificate) if signs_response else made


def refusal(envelope: Envelope, key: Key, *, codes: Sequence[str], words: str) -> Element:
    made = _response("Response", envelope, codes, words)
    return signatures.sign(made, key=key.private, certificate=key.certificate)


def logout_response(envelope: Envelope, *, codes: Sequence[str] = (SUCCESS,), words: str = "") -> Element:
    """Not signed yet: how depends on the way it travels."""
    return _response("LogoutResponse", envelope, codes, words)


def logout_request(name: Name, session_index: str, envelope: Envelope) -> Element:
    """Not signed yet: how depends on the way it travels."""
    indexes = [_P.SessionIndex(legal(session_index))] if session_index else []
    return _P.LogoutRequest(
        _A.Issuer(envelope.issuer), name_id(name), *indexes, ID=new_id(), Version="2.0",
        IssueInstant=instant(envelope.at), NotOnOrAfter=instant(envelope.at + LASTS), Destination=envelope.recipient,
    )  # fmt: skip


def authn_request(envelope: Envelope, *, number: str, acs_url: str, force: bool = False) -> Element:
    """What we ask as a service provider of somebody else."""
    policy = _P.NameIDPolicy(Format=PERSISTENT, AllowCreate="true")
    told = {"ForceAuthn": "true"} if force else {}
    return _P.AuthnRequest(
        _A.Issuer(envelope.issuer), policy, ID=number, Version="2.0", IssueInstant=instant(envelope.at),
        Destination=envelope.recipient, AssertionConsumerServiceURL=acs_url,
        ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST", **told,
    )  # fmt: skip
