"""A partner that speaks CAS: the ticket is asked about at the partner, for our address with our state in it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from yanta.sso.partners import asking, rules
from yanta.sso.partners.models import Partner
from yanta.sso.partners.rules import Distrusted, Found
from yanta.sso.saml.documents import Fault, only, read, text_of
from yanta.sso.saml.names import SAMLP, tag

_CAS = "{http://www.yale.edu/tp/cas}"


def _service(partner: Partner, state: str) -> str:
    return f"{partner.callback}?{urlencode({'state': state})}"


def leading(partner: Partner, state: str, *, fresh: bool) -> str:
    told = {"service": _service(partner, state), **({"renew": "true"} if fresh else {})}
    return f"{partner.issuer.rstrip('/')}/login?{urlencode(told)}"


def found_by(partner: Partner, given: Mapping[str, str], state: str) -> Found:
    """Whom the ticket was given for."""
    if not given.get("ticket"):
        raise Distrusted("declined", "登录方没有让您登录，或您取消了")
    told = {"service": _service(partner, state), "ticket": given["ticket"]}
    body = asking.ask("GET", f"{partner.issuer.rstrip('/')}/p3/serviceValidate?{urlencode(told)}")
    try:
        success = read(body).find(f"{_CAS}authenticationSuccess")
        if success is None:
            raise Distrusted("ticket", "登录方不承认这张票据")
        subject = rules.checked_subject(text_of(success.find(f"{_CAS}user")))
        values: dict[str, list[str]] = {}
        listed = success.find(f"{_CAS}attributes")
        for one in () if listed is None else listed:
            values.setdefault(one.tag.rpartition("}")[2], []).append(text_of(one))
    except Fault as fault:
        raise Distrusted("answer", f"登录方的回答看不懂：{fault.words}") from fault
    claims = rules.flat(values)
    return Found(subject, claims.get("name", "")[:100], claims, session=given["ticket"])


def leading_out(partner: Partner) -> str:
    """CAS 3.0, section 2.3: the server ends its own session, and may offer the way back."""
    return f"{partner.issuer.rstrip('/')}/logout?{urlencode({'service': partner.left_there})}"


def ended_by(form: Mapping[str, str]) -> str:
    """The ticket whose session has ended there (section 2.3.3). Nothing is signed: to know the ticket is the proof."""
    try:
        root = read(form.get("logoutRequest", "").encode("utf-8", "replace"))
        if root.tag != tag(SAMLP, "LogoutRequest"):
            raise Distrusted("answer", "应当是 LogoutRequest")
        ticket = text_of(only(root, tag(SAMLP, "SessionIndex")))
    except Fault as fault:
        raise Distrusted(fault.rule, fault.words) from fault
    if len(ticket) < rules.SHORTEST_SECRET:
        raise Distrusted("ticket", "退出通知没有写明票据，或票据太短")
    return ticket
