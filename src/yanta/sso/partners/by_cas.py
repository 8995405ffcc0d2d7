"""A partner that speaks CAS: the ticket is asked about at the partner, for our address with our state in it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from yanta.sso.partners import asking, rules
from yanta.sso.partners.models import Partner
from yanta.sso.partners.rules import Distrusted, Found
from yanta.sso.saml.documents import Fault, read, text_of

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
    return Found(subject, claims.get("name", "")[:100], claims)
