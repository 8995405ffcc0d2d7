"""A partner that speaks SAML: our signed request, and its assertion read only as far as it was signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from yanta.sso.partners import rules
from yanta.sso.partners.models import Attempt, Partner
from yanta.sso.partners.rules import SKEW, Distrusted, Found
from yanta.sso.saml import arriving, assertions, bindings, encryption, keys, names, signatures
from yanta.sso.saml.documents import Element, Fault, moment_of, only, text_of
from yanta.sso.saml.names import SAML, SAMLP, tag
from yanta.sso.saml.rules import certificates_of

LONGEST_QUALIFIER = 500
_STABLE = (names.PERSISTENT, names.UNSPECIFIED, "")


def leading(partner: Partner, attempt: Attempt, state: str) -> str:
    envelope = assertions.Envelope(partner.our_entity_id, partner.issuer, partner.sign_on_url, timezone.now())
    request = assertions.authn_request(
        envelope, number=number_of(attempt), acs_url=partner.acs, force=attempt.account_id is not None
    )
    return bindings.in_address(
        partner.sign_on_url, "SAMLRequest", request, relay_state=state, key=keys.current().private
    )


def number_of(attempt: Attempt) -> str:
    """The id of our request; what answers another one is not for this attempt."""
    return f"_{attempt.nonce}"


def found_by(partner: Partner, attempt: Attempt, form: Mapping[str, str], *, at: datetime) -> Found:
    """Whom the assertion is about."""
    try:
        root = bindings.from_form(form, "SAMLResponse").root
        return _read(partner, number_of(attempt), _asserted(partner, root, number_of(attempt)), at)
    except Fault as fault:
        raise Distrusted(fault.rule, fault.words) from fault


def _asserted(partner: Partner, root: Element, number: str) -> Element:
    """The one assertion, as the partner signed it: itself, or within the signed response."""
    if root.tag != tag(SAMLP, "Response"):
        raise Fault("xml.content", "应当是 Response")
    trusted = certificates_of(partner.certificates)
    is_whole = signatures.is_signed(root)
    if is_whole:
        root = signatures.verified(root, trusted)
    _check_response(partner, root, number, is_signed=is_whole)
    plain, sealed = only(root, tag(SAML, "Assertion")), only(root, tag(SAML, "EncryptedAssertion"))
    if (plain is None) == (sealed is None) or len(list(root.iter(tag(SAML, "Assertion")))) > 1:
        raise Fault("assertion", "回答里须有且只有一个断言")
    inner = plain if plain is not None else encryption.decrypted(sealed, keys=keys.openers())
    if inner.tag != tag(SAML, "Assertion"):
        raise Fault("assertion", "加密的内容不是断言")
    if signatures.is_signed(inner):
        return signatures.verified(inner, trusted)
    if not is_whole:
        raise Fault("signature.missing", "断言没有签名")
    return inner


def _check_response(partner: Partner, root: Element, number: str, *, is_signed: bool) -> None:
    code = root.find(f"{tag(SAMLP, 'Status')}/{tag(SAMLP, 'StatusCode')}")
    if code is None or code.get("Value") != names.SUCCESS:
        raise Fault("declined", "登录方没有让您登录，或您取消了")
    issuer = only(root, tag(SAML, "Issuer"))
    if issuer is not None and text_of(issuer) != partner.issuer:
        raise Fault("issuer", "回答来自另一个登录方")
    destination = root.get("Destination", "")
    if destination != partner.acs and (destination or is_signed):
        raise Fault("destination", "回答是发往别处的")
    if root.get("InResponseTo") != number:
        raise Fault("in_response_to", "回答的不是这一次登录")


def _read(partner: Partner, number: str, assertion: Element, at: datetime) -> Found:
    if text_of(only(assertion, tag(SAML, "Issuer"))) != partner.issuer:
        raise Fault("issuer", "断言来自另一个登录方")
    subject = only(assertion, tag(SAML, "Subject"))
    name = None if subject is None else only(subject, tag(SAML, "NameID"))
    if subject is None or name is None:
        raise Fault("subject", "断言没有说明是谁")
    _check_conditions(partner, assertion, at)
    if not any(
        _confirms(partner, one, number, at) for one in subject.findall(tag(SAML, "SubjectConfirmation"))
    ):
        raise Fault("recipient", "断言不是发给这里、回答这一次登录的，或已过期")
    statement = only(assertion, tag(SAML, "AuthnStatement"))
    if statement is None:
        raise Fault("assertion", "断言没有说明何时登录")
    if name.get("Format", "") not in _STABLE:
        raise Fault("name_id", "对方给的是临时标识，认不出是谁")
    if not arriving.first_time(partner.issuer, str(assertion.get("ID")), until=at + arriving.KEPT):
        raise Fault("replay", "同一个断言来了第二次")
    claims = rules.flat(_attributes(assertion))
    index, qualifiers = statement.get("SessionIndex", ""), ("Format", "NameQualifier", "SPNameQualifier")
    told = {one: name.get(one, "")[:LONGEST_QUALIFIER] for one in qualifiers}
    return Found(
        rules.checked_subject(text_of(name)), claims.get("displayName", claims.get("name", ""))[:100], claims,
        session=index[:LONGEST_QUALIFIER], told={**told, "SessionIndex": index[:LONGEST_QUALIFIER]},
    )  # fmt: skip


def _check_conditions(partner: Partner, assertion: Element, at: datetime) -> None:
    conditions = only(assertion, tag(SAML, "Conditions"))
    if conditions is None:
        raise Fault("audience", "断言没有写明给谁")
    begins, ends = conditions.get("NotBefore"), conditions.get("NotOnOrAfter")
    if begins and moment_of(begins) > at + SKEW:
        raise Fault("time.future", "断言还没有生效")
    if ends and moment_of(ends) + SKEW <= at:
        raise Fault("time.old", "断言已过期")
    restrictions = conditions.findall(tag(SAML, "AudienceRestriction"))
    heard = [[text_of(one) for one in each.findall(tag(SAML, "Audience"))] for each in restrictions]
    if not heard or any(partner.our_entity_id not in each for each in heard):
        raise Fault("audience", "断言不是给本系统的")


def _confirms(partner: Partner, confirmation: Element, number: str, at: datetime) -> bool:
    data = confirmation.find(tag(SAML, "SubjectConfirmationData"))
    if confirmation.get("Method") != names.BEARER or data is None or not data.get("NotOnOrAfter"):
        return False
    return (
        data.get("Recipient") == partner.acs
        and data.get("InResponseTo") == number
        and data.get("NotBefore") is None
        and moment_of(data.get("NotOnOrAfter")) + SKEW > at
    )


def _attributes(assertion: Element) -> dict[str, Sequence[str]]:
    """By name, and by the friendly name where that is not taken."""
    told: dict[str, Sequence[str]] = {}
    for one in assertion.iter(tag(SAML, "Attribute")):
        values = [
            str(value.text or "").strip()
            for value in one.findall(tag(SAML, "AttributeValue"))
            if not len(value)
        ]
        told[one.get("Name", "")] = values
        told.setdefault(one.get("FriendlyName", ""), values)
    return told
