"""Metadata: what a service provider says of itself, and what we say of ourselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lxml.builder import ElementMaker  # type: ignore[import-untyped]  # brings no types

from yanta.sso.saml import signatures
from yanta.sso.saml.assertions import Key, new_id
from yanta.sso.saml.documents import Element, Fault, instant, is_true, moment_of, read, text_of
from yanta.sso.saml.names import (
    DS,
    MD,
    PERSISTENT,
    POST,
    PROTOCOL,
    REDIRECT,
    SHIBMD,
    TRANSIENT,
    UNSPECIFIED,
    tag,
)

LONGEST = 8 * 1024 * 1024
VALID_FOR = timedelta(days=14)
_M = ElementMaker(namespace=MD, nsmap={"md": MD, "ds": DS})
_S = ElementMaker(namespace=DS, nsmap={"ds": DS})


@dataclass(frozen=True, slots=True)
class Provider:
    """One service or identity provider out of its metadata; addresses by binding."""

    entity_id: str
    acs: tuple[tuple[str, str], ...] = ()
    logout: dict[str, str] = field(default_factory=dict)
    logout_answers: dict[str, str] = field(default_factory=dict)
    sign_on: dict[str, str] = field(default_factory=dict)
    signing: tuple[str, ...] = ()
    encryption: tuple[str, ...] = ()
    signs_requests: bool = False
    wants_signed_assertions: bool = False
    wants_signed_requests: bool = False
    formats: tuple[str, ...] = ()


def service_provider(text: str, *, entity_id: str = "", at: datetime) -> Provider:
    """The service provider of a document, refused with what is missing."""
    entity, role = _role(text, "SPSSODescriptor", entity_id, at)
    found = [one for one in role.findall(tag(MD, "AssertionConsumerService")) if one.get("Binding") == POST]
    found.sort(key=lambda one: not is_true(one.get("isDefault")))
    if not found:
        raise Fault("metadata.acs", "元数据里没有 HTTP-POST 方式的断言接收地址（AssertionConsumerService）")
    return Provider(
        entity_id=entity, acs=tuple((one.get("index", ""), one.get("Location", "")) for one in found),
        logout=_places(role, "SingleLogoutService"), logout_answers=_places(role, "SingleLogoutService", "ResponseLocation"),
        signing=_certificates(role, "signing"), encryption=_certificates(role, "encryption"),
        signs_requests=is_true(role.get("AuthnRequestsSigned")), wants_signed_assertions=is_true(role.get("WantAssertionsSigned")),
        formats=tuple(text_of(one) for one in role.findall(tag(MD, "NameIDFormat"))),
    )  # fmt: skip


def identity_provider(text: str, *, entity_id: str = "", at: datetime) -> Provider:
    """The identity provider of a document, refused with what is missing."""
    entity, role = _role(text, "IDPSSODescriptor", entity_id, at)
    places, signing = _places(role, "SingleSignOnService"), _certificates(role, "signing")
    if REDIRECT not in places:
        raise Fault("metadata.sso", "元数据里没有 HTTP-Redirect 方式的登录地址（SingleSignOnService）")
    if not signing:
        raise Fault("metadata.key", "元数据里没有签名证书，无法核对对方的断言")
    return Provider(
        entity_id=entity, sign_on=places, signing=signing, logout=_places(role, "SingleLogoutService"),
        logout_answers=_places(role, "SingleLogoutService", "ResponseLocation"),
        wants_signed_requests=is_true(role.get("WantAuthnRequestsSigned")),
    )  # fmt: skip


def _role(text: str, name: str, entity_id: str, at: datetime) -> tuple[str, Element]:
    root = read(text.encode("utf-8", "replace"), longest=LONGEST)
    entities = (
        [root]
        if root.tag == tag(MD, "EntityDescriptor")
        else root.findall(f".//{tag(MD, 'EntityDescriptor')}")
    )
    able = [one for one in entities if one.find(tag(MD, name)) is not None]
    if entity_id:
        able = [one for one in able if one.get("entityID") == entity_id]
    if not able:
        raise Fault(
            "metadata.role", f"这不是 {name[: -len('SSODescriptor')]} 的 SAML 元数据（没有找到 {name}）"
        )
    if len(able) > 1:
        raise Fault("metadata.many", f"元数据里有 {len(able)} 个实体，请写明要哪一个（entityID）")
    for one in (root, able[0], able[0].find(tag(MD, name))):
        if one.get("validUntil") and moment_of(one.get("validUntil")) <= at:
            raise Fault("metadata.expired", f"元数据已在 {one.get('validUntil')} 过期，请向对方要新的")
    entity = able[0].get("entityID", "")
    if not 0 < len(entity) <= 300:
        raise Fault("metadata.entity", "元数据没有 entityID，或它超过 300 个字符")
    roles = able[0].findall(tag(MD, name))
    if PROTOCOL not in roles[0].get("protocolSupportEnumeration", "").split():
        raise Fault("metadata.protocol", "对方没有声明支持 SAML 2.0")
    return entity, roles[0]


def _places(role: Element, name: str, attribute: str = "Location") -> dict[str, str]:
    found: dict[str, str] = {}
    for one in role.findall(tag(MD, name)):
        if one.get(attribute):
            found.setdefault(one.get("Binding", ""), one.get(attribute))
    return found


def _certificates(role: Element, use: str) -> tuple[str, ...]:
    """A key without a use is for both."""
    found = [
        text_of(one) for key in role.findall(tag(MD, "KeyDescriptor")) if key.get("use", use) == use
        for one in key.iter(tag(DS, "X509Certificate"))
    ]  # fmt: skip
    return tuple(dict.fromkeys(pem for one in found for pem in signatures.certificates_in(one)))


def _key(certificate: str, use: str) -> Element:
    return _M.KeyDescriptor(
        _S.KeyInfo(_S.X509Data(_S.X509Certificate(signatures.bare(certificate)))), use=use
    )


@dataclass(frozen=True, slots=True)
class Ourselves:
    """What our metadata says: names and addresses."""

    entity_id: str
    title: str
    home: str
    scope: str = ""
    sign_on: str = ""
    logout: str = ""
    acs: str = ""


def _entity(us: Ourselves, role: Element, at: datetime) -> Element:
    organization = _M.Organization(
        _M.OrganizationName(us.title, {_LANG: "zh"}), _M.OrganizationDisplayName(us.title, {_LANG: "zh"}),
        _M.OrganizationURL(us.home, {_LANG: "zh"}),
    )  # fmt: skip
    return _M.EntityDescriptor(
        role, organization, entityID=us.entity_id, ID=new_id(), validUntil=instant(at + VALID_FOR), cacheDuration="PT12H"
    )  # fmt: skip


_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def of_identity_provider(us: Ourselves, key: Key, certificates: Sequence[str], *, at: datetime) -> Element:
    """Our metadata as an identity provider, with every key that signs now, will sign, or signed until lately."""
    scope = ElementMaker(namespace=SHIBMD, nsmap={"shibmd": SHIBMD}).Scope(us.scope, regexp="false")
    places = [
        _M.SingleLogoutService(Binding=one, Location=us.logout) for one in (REDIRECT, POST)
    ] + [_M.NameIDFormat(one) for one in (PERSISTENT, TRANSIENT, UNSPECIFIED)] + [
        _M.SingleSignOnService(Binding=one, Location=us.sign_on) for one in (REDIRECT, POST)
    ]  # fmt: skip
    role = _M.IDPSSODescriptor(
        _M.Extensions(scope), *(_key(one, "signing") for one in certificates), *places,
        protocolSupportEnumeration=PROTOCOL, WantAuthnRequestsSigned="false",
    )  # fmt: skip
    return signatures.sign(_entity(us, role, at), key=key.private, certificate=key.certificate)


def of_service_provider(us: Ourselves, key: Key, certificates: Sequence[str], *, at: datetime) -> Element:
    """Our metadata as a service provider of one partner."""
    keys = [_key(one, use) for one in certificates for use in ("signing", "encryption")]
    places = [
        _M.SingleLogoutService(Binding=one, Location=us.logout) for one in (REDIRECT, POST) if us.logout
    ]
    role = _M.SPSSODescriptor(
        *keys, *places, _M.NameIDFormat(PERSISTENT), _M.AssertionConsumerService(Binding=POST, Location=us.acs, index="0", isDefault="true"),
        protocolSupportEnumeration=PROTOCOL, AuthnRequestsSigned="true", WantAssertionsSigned="true",
    )  # fmt: skip
    return signatures.sign(_entity(us, role, at), key=key.private, certificate=key.certificate)
