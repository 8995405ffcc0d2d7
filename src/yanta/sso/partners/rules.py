"""Pure decisions about a partner's answer: whether it is ours, in time, and whom it names."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

SKEW = timedelta(minutes=3)
OLDEST = timedelta(minutes=15)
LONGEST_SUBJECT = 255
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
# Front-channel messages and CAS's are not signed: only a name of a session that nobody can guess is believed.
SHORTEST_SECRET = 16


class Distrusted(Exception):  # noqa: N818 - an answer for people and the log
    """Why a partner's answer is not believed: `rule` for the log, words for people."""

    def __init__(self, rule: str, words: str) -> None:
        super().__init__(words)
        self.rule, self.words = rule, words


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a partner says it is: the subject never changes, the rest is told beside it."""

    subject: str
    name: str = ""
    claims: Mapping[str, str] = field(default_factory=dict)
    # What the partner calls its session, and what it wants to hear when somebody signs out there.
    session: str = ""
    told: Mapping[str, str] = field(default_factory=dict)


def check_id_token(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, at: datetime
) -> None:
    """OpenID Connect Core 3.1.3.7, without the parts that the code flow does not need."""
    if claims.get("iss") != issuer:
        raise Distrusted("issuer", "令牌不是这个登录方签发的")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if client_id not in audiences or (len(audiences) > 1 and claims.get("azp") != client_id):
        raise Distrusted("audience", "令牌不是发给本系统的")
    if claims.get("azp") not in (None, client_id):
        raise Distrusted("audience", "令牌是发给另一个应用的")
    if not hmac.compare_digest(str(claims.get("nonce", "")), nonce):
        raise Distrusted("nonce", "令牌不是回答这一次登录的")
    _check_times(claims, at)


def _check_times(claims: Mapping[str, Any], at: datetime) -> None:
    now, skew = at.timestamp(), SKEW.total_seconds()
    ends, issued = claims.get("exp"), claims.get("iat")
    if not isinstance(ends, int | float) or not isinstance(issued, int | float):
        raise Distrusted("time", "令牌没有写明时间")
    if ends + skew <= now or issued + OLDEST.total_seconds() + skew <= now:
        raise Distrusted("time.old", "令牌已过期")
    if issued - skew > now:
        raise Distrusted("time.future", "令牌的签发时间在将来")


def check_logout_token(claims: Mapping[str, Any], *, issuer: str, client_id: str, at: datetime) -> None:
    """OpenID Connect Back-Channel Logout 1.0, section 2.6; the signature and the first time are the caller's."""
    if claims.get("iss") != issuer:
        raise Distrusted("issuer", "退出令牌不是这个登录方签发的")
    audience = claims.get("aud")
    if client_id not in (audience if isinstance(audience, list) else [audience]):
        raise Distrusted("audience", "退出令牌不是发给本系统的")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict) or "nonce" in claims:
        raise Distrusted("events", "这不是退出令牌")
    if not claims.get("jti"):
        raise Distrusted("replay", "退出令牌没有编号（jti）")
    if not claims.get("sub") and not claims.get("sid"):
        raise Distrusted("subject", "退出令牌没有说明是谁、哪一次登录")
    _check_times(claims, at)


def checked_subject(subject: object) -> str:
    text = str(subject or "")
    if not 0 < len(text) <= LONGEST_SUBJECT or "\0" in text:
        raise Distrusted("subject", "对方没有说明是谁，或标识过长")
    return text


def flat(claims: Mapping[str, Any]) -> dict[str, str]:
    """Claims of one value as text; everything else is of no use for knowing somebody."""
    found = {name: one[0] if isinstance(one, list) and len(one) == 1 else one for name, one in claims.items()}
    return {
        name: str(one)
        for name, one in found.items()
        if isinstance(one, str | int) and not isinstance(one, bool)
    }
