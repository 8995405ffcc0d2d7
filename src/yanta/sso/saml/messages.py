"""What service providers ask: taken apart, with what is wrong in words. Pure, no database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from yanta.sso.saml.documents import Element, Fault, is_true, moment_of, only, text_of
from yanta.sso.saml.names import CLASSES, POST, REQUESTER, SAML, SAMLP, tag

# A message may be this old, and clocks may differ by this much; nothing more is forgiven.
OLDEST, SKEW = timedelta(minutes=5), timedelta(minutes=3)
LONGEST_ID = 256


@dataclass(frozen=True, slots=True)
class AuthnRequest:
    """Somebody is to be signed in. `classes` are the contexts asked for, compared by `comparison`."""

    number: str
    issuer: str
    issued_at: datetime
    destination: str
    acs_url: str
    acs_index: str
    force: bool
    passive: bool
    name_format: str
    name_qualifier: str
    classes: tuple[str, ...]
    comparison: str


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """Somebody has left a service provider."""

    number: str
    issuer: str
    issued_at: datetime
    destination: str
    ends_at: datetime | None
    name_id: str
    name_format: str
    indexes: tuple[str, ...]


def issuer_of(root: Element) -> str:
    """Who says to have sent it: only good for finding the certificate that proves it."""
    issuer = text_of(only(root, tag(SAML, "Issuer")))
    if not issuer or len(issuer) > 1024:
        raise Fault("issuer", "消息没有写明来自哪个应用（Issuer）")
    return issuer.replace("\0", "")


def _number(root: Element) -> str:
    number = str(root.get("ID") or "")
    if not 0 < len(number) <= LONGEST_ID:
        raise Fault("id", "消息没有标识（ID），或标识过长")
    return number


def _expect(root: Element, name: str) -> None:
    if root.tag != tag(SAMLP, name):
        raise Fault("xml.content", f"应当是 {name}")
    if root.get("Version") != "2.0":
        raise Fault("version", "只支持 SAML 2.0")


def authn_request(root: Element) -> AuthnRequest:
    _expect(root, "AuthnRequest")
    policy, context = only(root, tag(SAMLP, "NameIDPolicy")), only(root, tag(SAMLP, "RequestedAuthnContext"))
    if root.get("ProtocolBinding", POST) != POST:
        raise Fault("binding", "只用 HTTP-POST 方式送回断言", REQUESTER)
    classes = () if context is None else context.findall(tag(SAML, "AuthnContextClassRef"))
    return AuthnRequest(
        number=_number(root), issuer=issuer_of(root), issued_at=moment_of(root.get("IssueInstant")),
        destination=root.get("Destination", ""), acs_url=root.get("AssertionConsumerServiceURL", ""),
        acs_index=root.get("AssertionConsumerServiceIndex", ""), force=is_true(root.get("ForceAuthn")),
        passive=is_true(root.get("IsPassive")), name_format="" if policy is None else policy.get("Format", ""),
        name_qualifier="" if policy is None else policy.get("SPNameQualifier", ""),
        classes=tuple(text_of(one) for one in classes),
        comparison="exact" if context is None else context.get("Comparison", "exact"),
    )  # fmt: skip


def logout_request(root: Element) -> LogoutRequest:
    _expect(root, "LogoutRequest")
    name, ends = only(root, tag(SAML, "NameID")), root.get("NotOnOrAfter")
    if name is None:
        raise Fault("name_id", "退出请求没有写明是谁（NameID）")
    return LogoutRequest(
        number=_number(root), issuer=issuer_of(root), issued_at=moment_of(root.get("IssueInstant")),
        destination=root.get("Destination", ""), ends_at=moment_of(ends) if ends else None, name_id=text_of(name),
        name_format=name.get("Format", ""), indexes=tuple(text_of(one) for one in root.findall(tag(SAMLP, "SessionIndex"))),
    )  # fmt: skip


def check_time(issued_at: datetime, *, at: datetime) -> None:
    if issued_at > at + SKEW:
        raise Fault("time.future", "消息的签发时间在将来，请校准对方服务器的时钟")
    if issued_at < at - OLDEST - SKEW:
        raise Fault("time.old", "消息签发得太久，请重新开始；若经常如此，请校准对方服务器的时钟")


def check_destination(destination: str, *, here: str, required: bool) -> None:
    """A message for somebody else is not ours, whoever signed it."""
    if destination != here and (destination or required):
        raise Fault("destination", f"消息是发往别处的（Destination：{destination[:200] or '没有写'}）")


def is_enough(have: str, wanted: Sequence[str], comparison: str) -> bool:
    """Whether a way of signing in answers what was asked for; unknown classes are never answered.

    A stronger way keeps what a weaker class promises, so `exact` is answered by it too, under the name asked for.
    """
    rank, ranks = CLASSES.index(have), [CLASSES.index(one) for one in wanted if one in CLASSES]
    if comparison in ("exact", "minimum"):
        return not wanted or any(rank >= one for one in ranks)
    if comparison == "maximum":
        return any(rank <= one for one in ranks)
    return comparison == "better" and bool(ranks) and all(rank > one for one in ranks)


def answer_class(have: str, wanted: Sequence[str], comparison: str) -> str:
    """What the answer calls it: with `exact` the very class that was asked for."""
    if comparison != "exact":
        return have
    kept = (one for one in wanted if one in CLASSES and CLASSES.index(one) <= CLASSES.index(have))
    return next(kept, have)
