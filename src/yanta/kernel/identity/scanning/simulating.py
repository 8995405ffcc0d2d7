"""The apps of the demo: a page with a code and a confirmation on this machine, answering in each vendor's dialect."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core import signing

from yanta.kernel.identity.scanning.adapters import adapter_of
from yanta.kernel.identity.scanning.models import ScanApp
from yanta.kernel.portal.demo import demo_accounts

_SALT = "identity.simulated-scan"
_SECONDS = 60
# Whatever address of the vendor is asked for, by the end of its path.
_TOKENS = {
    "cgi-bin/gettoken": "corpid",
    "v1.0/oauth2/userAccessToken": "clientId",
    "open-apis/authen/v2/oauth/token": "client_id",
    "sns/oauth2/access_token": "appid",
}


def is_simulating() -> bool:
    """Only the demo imitates: elsewhere nobody could be anybody."""
    return bool(demo_accounts())


def way_back(app: ScanApp, asked: dict[str, str], user: str) -> str:
    """The browser's way home when the phone has confirmed: to our own callback, and nowhere else."""
    target = asked.get("redirect_uri", "")
    if urlsplit(target)[:2] != urlsplit(settings.SITE_ADDRESS)[:2]:
        raise ValueError("not our callback")
    code = signing.dumps({"user": user, "app": app.kind}, salt=_SALT)
    return f"{target}?{urlencode({adapter_of(app).answer: code, 'state': asked.get('state', '')})}"


def answer(app: ScanApp, path: str, told: dict[str, Any], headers: Any) -> dict[str, Any] | None:
    """What the vendor's server says to ours; None for an address it has not."""
    if path in _TOKENS:
        named = told.get(_TOKENS[path]) == app.client_id
        secret = next(
            (
                told[name]
                for name in ("corpsecret", "clientSecret", "client_secret", "secret")
                if name in told
            ),
            "",
        )
        return _token(app, told) if named and secret == str(app.secret) else {"errcode": 40001, "code": 40001}
    if path not in _PATHS:
        return None
    user = _user_of(told, headers)
    return _ANSWERS[app.kind](user) if user else {"errcode": 40029, "code": 40029}


def _token(app: ScanApp, told: dict[str, Any]) -> dict[str, Any]:
    """The token is the code itself: the imitation keeps nothing."""
    code = str(told.get("code", "any"))
    if app.kind == ScanApp.Kind.WECHAT:
        user = _opened(code)
        return (
            {"access_token": code, "openid": f"o{user}", "unionid": f"u{user}"}
            if user
            else {"errcode": 40029}
        )
    return {"errcode": 0, "code": 0, "access_token": code, "accessToken": code}


def _user_of(told: dict[str, Any], headers: Any) -> str:
    bearer = headers.get("Authorization", "").removeprefix("Bearer ")
    return _opened(str(told.get("code") or headers.get("x-acs-dingtalk-access-token") or bearer))


def _opened(code: str) -> str:
    try:
        return str(signing.loads(code, salt=_SALT, max_age=_SECONDS)["user"])
    except signing.BadSignature:
        return ""


_PATHS = {"cgi-bin/auth/getuserinfo", "v1.0/contact/users/me", "open-apis/authen/v1/user_info"}
_ANSWERS = {
    "wecom": lambda user: {"errcode": 0, "userid": user},
    "dingtalk": lambda user: {"unionId": user, "openId": f"o{user}", "nick": "演示"},
    "feishu": lambda user: {
        "code": 0,
        "data": {"union_id": user, "open_id": f"o{user}", "employee_no": user},
    },
    "wechat": lambda user: {"unionid": user},
}
