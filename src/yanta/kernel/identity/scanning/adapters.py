"""The four apps behind one protocol: the address of the page with the code, and from the answer to the app's user.

Written after the vendors' public documentation (企业微信 网页授权登录, 钉钉 登录第三方网站, 飞书 获取登录预授权码, 微信开放平台
网站应用微信登录); proved here against the simulator, which speaks the same dialects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from django.conf import settings

from yanta.kernel.identity.scanning.asking import Distrusted, ask_json
from yanta.kernel.identity.scanning.models import ScanApp

Kind = ScanApp.Kind


@dataclass(frozen=True, slots=True)
class Told:
    """Who scanned, in the app's own terms; `number` only where the school gives out the app's accounts."""

    subject: str
    number: str = ""


class Adapter(Protocol):
    """One app: where the browser goes, and whom the code that it brings back stands for."""

    answer: str

    def page(self, app: ScanApp, state: str, callback: str) -> str: ...

    def told_by(self, app: ScanApp, code: str, callback: str) -> Told: ...


def at(app: ScanApp, real: str) -> str:
    """The vendor's address, or this machine's where the demo imitates the vendor."""
    if not app.is_simulated:
        return real
    return f"{settings.SITE_ADDRESS}/scan/simulated/{app.kind}/{real.partition('://')[2].partition('/')[2]}"


def _needed(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value or len(value) > 2000:
        raise Distrusted("answer", "登录方没有说出是谁，请重新扫码")
    return value


def _good(told: dict[str, Any], name: str) -> dict[str, Any]:
    """WeCom, WeChat and Feishu answer 200 and tell the error in the body."""
    if told.get(name, 0) != 0:
        raise Distrusted("answer", f"登录方不认可这次扫码（{str(told[name])[:20]}），请重新扫码")
    return told


class WeCom:
    """企业微信 self-built application, page login."""

    answer = "code"

    def page(self, app: ScanApp, state: str, callback: str) -> str:
        asked = {
            "login_type": "CorpApp", "appid": app.client_id, "agentid": app.agent, "redirect_uri": callback, "state": state,
        }  # fmt: skip
        return f"{at(app, 'https://login.work.weixin.qq.com/wwlogin/sso/login')}?{urlencode(asked)}"

    def told_by(self, app: ScanApp, code: str, callback: str) -> Told:
        named = {"corpid": app.client_id, "corpsecret": str(app.secret)}
        token = _good(
            ask_json("GET", at(app, "https://qyapi.weixin.qq.com/cgi-bin/gettoken"), params=named), "errcode"
        )
        asked = {"access_token": _needed(token, "access_token"), "code": code}
        found = ask_json("GET", at(app, "https://qyapi.weixin.qq.com/cgi-bin/auth/getuserinfo"), params=asked)
        user = _needed(_good(found, "errcode"), "userid")
        return Told(user, number=user)


class DingTalk:
    """钉钉 new authorisation, page login."""

    answer = "authCode"

    def page(self, app: ScanApp, state: str, callback: str) -> str:
        asked = {
            "redirect_uri": callback, "response_type": "code", "client_id": app.client_id, "scope": "openid",
            "state": state, "prompt": "consent",
        }  # fmt: skip
        return f"{at(app, 'https://login.dingtalk.com/oauth2/auth')}?{urlencode(asked)}"

    def told_by(self, app: ScanApp, code: str, callback: str) -> Told:
        asked = {
            "clientId": app.client_id, "clientSecret": str(app.secret), "code": code, "grantType": "authorization_code",
        }  # fmt: skip
        token = ask_json("POST", at(app, "https://api.dingtalk.com/v1.0/oauth2/userAccessToken"), json=asked)
        header = {"x-acs-dingtalk-access-token": _needed(token, "accessToken")}
        me = ask_json("GET", at(app, "https://api.dingtalk.com/v1.0/contact/users/me"), headers=header)
        return Told(_needed(me, "unionId"))


class Feishu:
    """飞书 web application login."""

    answer = "code"

    def page(self, app: ScanApp, state: str, callback: str) -> str:
        asked = {
            "client_id": app.client_id,
            "redirect_uri": callback,
            "response_type": "code",
            "state": state,
        }
        return f"{at(app, 'https://accounts.feishu.cn/open-apis/authen/v1/authorize')}?{urlencode(asked)}"

    def told_by(self, app: ScanApp, code: str, callback: str) -> Told:
        asked = {
            "grant_type": "authorization_code", "client_id": app.client_id, "client_secret": str(app.secret),
            "code": code, "redirect_uri": callback,
        }  # fmt: skip
        token = _good(
            ask_json("POST", at(app, "https://open.feishu.cn/open-apis/authen/v2/oauth/token"), json=asked),
            "code",
        )
        header = {"Authorization": f"Bearer {_needed(token, 'access_token')}"}
        found = _good(
            ask_json("GET", at(app, "https://open.feishu.cn/open-apis/authen/v1/user_info"), headers=header),
            "code",
        )
        user = found.get("data") if isinstance(found.get("data"), dict) else {}
        assert isinstance(user, dict)  # noqa: S101 - narrows the type
        return Told(_needed(user, "union_id"), number=str(user.get("employee_no") or ""))


class WeChat:
    """微信开放平台 website application."""

    answer = "code"

    def page(self, app: ScanApp, state: str, callback: str) -> str:
        asked = {
            "appid": app.client_id, "redirect_uri": callback, "response_type": "code", "scope": "snsapi_login", "state": state,
        }  # fmt: skip
        return f"{at(app, 'https://open.weixin.qq.com/connect/qrconnect')}?{urlencode(asked)}#wechat_redirect"

    def told_by(self, app: ScanApp, code: str, callback: str) -> Told:
        asked = {
            "appid": app.client_id, "secret": str(app.secret), "code": code, "grant_type": "authorization_code",
        }  # fmt: skip
        found = _good(
            ask_json("GET", at(app, "https://api.weixin.qq.com/sns/oauth2/access_token"), params=asked),
            "errcode",
        )
        # The union id is the same in every application of the school; without one registered there is only the open id.
        return Told(str(found.get("unionid") or "") or _needed(found, "openid"))


_ADAPTERS: dict[str, Adapter] = {
    Kind.WECOM: WeCom(), Kind.DINGTALK: DingTalk(), Kind.FEISHU: Feishu(), Kind.WECHAT: WeChat(),
}  # fmt: skip


def adapter_of(app: ScanApp) -> Adapter:
    return _ADAPTERS[app.kind]
