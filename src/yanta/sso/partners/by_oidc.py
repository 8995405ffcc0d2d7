"""A partner that speaks OpenID Connect: code with PKCE S256, the ID token proved with the partner's own key."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from django.core.cache import cache
from jwcrypto import jwk, jws
from jwcrypto.common import JWException

from yanta.sso.cas.validation import is_safe_callback
from yanta.sso.partners import asking, rules
from yanta.sso.partners.models import Attempt, Partner
from yanta.sso.partners.rules import Distrusted, Found
from yanta.sso.saml import arriving

KEPT_SECONDS, KEYS_KEPT_SECONDS = 300, 30
# What fits into an address together with the rest; beyond it the partner asks who is to be signed out.
LONGEST_HINT = 6_000
# By the kind of the key, never by what the token says of itself.
ALGORITHMS = {"RSA": ("RS256", "PS256"), "EC": ("ES256",)}


def _configuration(partner: Partner) -> dict[str, Any]:
    """What the partner publishes of itself; it must speak of itself and of nobody else."""
    key = f"partners.oidc.{partner.pk}.{partner.issuer}"
    known: dict[str, Any] | None = cache.get(key)
    if known is None:
        known = asking.ask_json("GET", f"{partner.issuer.rstrip('/')}/.well-known/openid-configuration")
        if known.get("issuer") != partner.issuer:
            raise Distrusted("issuer", "登录方的配置说的是另一个 issuer")
        cache.set(key, known, KEPT_SECONDS)
    return known


def leading(partner: Partner, attempt: Attempt, state: str) -> str:
    """The partner's page that somebody is sent to."""
    challenge = hashlib.sha256(str(attempt.verifier).encode()).digest()
    told = {
        "response_type": "code", "client_id": partner.client_id, "redirect_uri": partner.callback, "scope": partner.scopes,
        "state": state, "nonce": attempt.nonce, "code_challenge_method": "S256",
        "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
    }  # fmt: skip
    if attempt.account_id:
        told["prompt"] = "login"
    url = str(_configuration(partner)["authorization_endpoint"])
    return f"{url}{'&' if '?' in url else '?'}{urlencode(told)}"


def found_by(partner: Partner, attempt: Attempt, given: Mapping[str, str], *, at: datetime) -> Found:
    """Whom the code stands for, as proved by the ID token."""
    known = _configuration(partner)
    _check_sender(partner, known, given)
    if given.get("error") or not given.get("code"):
        raise Distrusted("declined", "登录方没有让您登录，或您取消了")
    tokens = asking.ask_json(
        "POST", str(known["token_endpoint"]), headers={"Authorization": _basic(partner), "Accept": "application/json"},
        data={
            "grant_type": "authorization_code", "code": given["code"], "redirect_uri": partner.callback,
            "code_verifier": attempt.verifier,
        },
    )  # fmt: skip
    id_token = str(tokens.get("id_token", ""))
    claims = proved(id_token, asking.ask_json("GET", str(known["jwks_uri"])))
    rules.check_id_token(
        claims, issuer=partner.issuer, client_id=partner.client_id, nonce=attempt.nonce, at=at
    )
    subject = rules.checked_subject(claims.get("sub"))
    told = {**claims, **_userinfo(known, tokens, subject)}
    session = str(claims.get("sid") or "")
    hint = {"id_token": id_token} if len(id_token) <= LONGEST_HINT else {}
    return Found(subject, str(told.get("name", ""))[:100], rules.flat(told), session=session, told=hint)


def leading_out(partner: Partner, told: Mapping[str, str]) -> str:
    """RP-Initiated Logout 1.0, with the ID token as the hint whom it is about; empty where the partner has no such page."""
    url = str(_configuration(partner).get("end_session_endpoint") or "")
    if not url:
        return ""
    if not is_safe_callback(url):
        raise Distrusted("address", "登录方的退出地址须为 https")
    hint = {"id_token_hint": told["id_token"]} if told.get("id_token") else {}
    query = {
        "client_id": partner.client_id,
        "post_logout_redirect_uri": partner.left_there,
        "state": "left",
        **hint,
    }
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


@dataclass(frozen=True, slots=True)
class Ended:
    """Which session, or all of whom, a logout token ends."""

    session: str
    subject: str


def ended_by(partner: Partner, token: str, *, at: datetime) -> Ended:
    """What the token ends, once; what it says is looked at before the partner's server is asked for its keys."""
    rules.check_logout_token(_said(token), issuer=partner.issuer, client_id=partner.client_id, at=at)
    claims = proved(token, _published(partner))
    if not arriving.first_time(partner.issuer, f"logout {claims['jti']}", until=at + arriving.KEPT):
        raise Distrusted("replay", "同一个退出令牌来了第二次")
    return Ended(str(claims.get("sid") or ""), str(claims.get("sub") or ""))


def _said(token: str) -> dict[str, Any]:
    """The claims as they stand there, believed by nobody yet."""
    read = jws.JWS()
    try:
        read.deserialize(token)
        claims = json.loads(read.objects["payload"])
        kind = str(read.jose_header.get("typ", "JWT")).lower()
    except (JWException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Distrusted("signature", "令牌不是有效的签名令牌") from error
    if kind not in ("jwt", "logout+jwt") or not isinstance(claims, dict):
        raise Distrusted("events", "这不是退出令牌")
    return claims


def _published(partner: Partner) -> dict[str, Any]:
    """The partner's keys, asked for once in a while: anybody may post here, and must not make us ask each time."""
    key = f"partners.keys.{partner.pk}.{partner.issuer}"
    known: dict[str, Any] | None = cache.get(key)
    if known is None:
        known = asking.ask_json("GET", str(_configuration(partner)["jwks_uri"]))
        cache.set(key, known, KEYS_KEPT_SECONDS)
    return known


def _check_sender(partner: Partner, known: Mapping[str, Any], given: Mapping[str, str]) -> None:
    """RFC 9207: an answer names its sender, so that one partner's code is not carried to another."""
    named = given.get("iss")
    needed = bool(known.get("authorization_response_iss_parameter_supported"))
    if named != partner.issuer and (needed or named is not None):
        raise Distrusted("mix_up", "回答来自另一个登录方")


def _basic(partner: Partner) -> str:
    pair = f"{quote(partner.client_id, safe='')}:{quote(str(partner.client_secret or ''), safe='')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def proved(token: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    """What the token says, if one of the partner's public keys signed it by a method of that key."""
    read = jws.JWS()
    try:
        read.deserialize(token)
        header = read.jose_header
        candidates = [one for one in keys.get("keys", []) if header.get("kid") in (None, one.get("kid"))]
        for one in candidates:
            if _is_right(read, one, str(header.get("alg"))):
                claims = json.loads(read.payload)
                return claims if isinstance(claims, dict) else {}
    except (JWException, ValueError, TypeError, AttributeError) as error:
        raise Distrusted("signature", "令牌不是有效的签名令牌") from error
    raise Distrusted("signature", "令牌的签名与登录方公布的密钥不符")


def _is_right(read: jws.JWS, published: Mapping[str, Any], algorithm: str) -> bool:
    if algorithm not in ALGORITHMS.get(str(published.get("kty")), ()) or published.get("use") == "enc":
        return False
    read.allowed_algs = [algorithm]
    try:
        read.verify(jwk.JWK(**{name: value for name, value in published.items() if isinstance(value, str)}))
    except JWException:
        return False
    return True


def _userinfo(known: Mapping[str, Any], tokens: Mapping[str, Any], subject: str) -> dict[str, Any]:
    """What the partner tells beside; about the same subject or not at all."""
    if "userinfo_endpoint" not in known or not tokens.get("access_token"):
        return {}
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    told = asking.ask_json("GET", str(known["userinfo_endpoint"]), headers=headers)
    if told.get("sub") != subject:
        raise Distrusted("subject", "登录方前后说的不是同一个人")
    return {name: value for name, value in told.items() if name not in ("iss", "aud", "nonce", "exp", "iat")}
